/// The scheme `fixup`: see ``Initializer/fixup(branches:layersPerBranch:gain:)``.
public struct FixupScheme: InitializerScheme {
  /// The residual branches of the network, and the weight layers of each.
  public var branches = 1, layersPerBranch = 2
  public let title = "fixup"
  public static let fields: [Field<Self>] = [
    .whole("branches", \.branches, isRequired: true, atLeast: 1),
    .whole("layers_per_branch", \.layersPerBranch, atLeast: 2),
  ]

  public init() {}

  public var initializer: Initializer {
    .fixup(branches: branches, layersPerBranch: layersPerBranch)
  }
}

extension Initializer {
  /// He initialization for the weights inside the residual branches of a network without normalization:
  /// times branches^(-1 / (2 m - 2)), with m weight layers in each branch, so that one step changes the output
  /// by about the same amount at any depth. The last weight of every branch, and the output layer's, start at ``zero``.
  /// See ``Residual/fixup(width:layers:blocks:activation:)``. Traps for fewer than two layers in a branch, which
  /// has only the weight that starts at zero. Source: Zhang, Dauphin, Ma, arXiv:1901.09321.
  ///
  /// - Parameters:
  ///   - branches: The number of residual branches in the network.
  ///   - layersPerBranch: The weight layers of each branch, two or more.
  ///   - gain: The gain of the activation that follows (see ``Activation/gain``); by default ReLU's.
  public static func fixup(
    branches: Int, layersPerBranch: Int = 2, gain: Double = 2.0.squareRoot()
  ) -> Initializer {
    require(
      branches > 0 && layersPerBranch > 1,
      "Fixup takes branches of at least two layers, not \(branches) of \(layersPerBranch)")
    let exponent = -1 / Double(2 * layersPerBranch - 2)
    // The engine's own power, which has the same bits on every platform.
    let factor = pow(Tensor<Double>(Double(branches)), exponent).scalar
    return varianceScaling(gain: gain).scaled(by: factor)
  }
}
