/// Adds a single trained number, initially 0, to every value: one of the scalar biases that Fixup places before
/// each weight layer and activation. Source: Zhang, Dauphin, Ma, arXiv:1901.09321.
public struct ScalarBias: Layer {
  /// The number.
  public let value: Parameter
  private let name = LayerName()

  /// A layer that starts as the identity, or by adding `initial`.
  public init(_ initial: Double = 0) { value = Parameter([], .constant(initial)) }

  /// x + value.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input + pass[value] }
  }
}

/// Multiplies every value by a single trained number, initially 1: Fixup's multiplier at the end of a branch.
/// Source: Zhang, Dauphin, Ma, arXiv:1901.09321.
public struct ScalarMultiplier: Layer {
  /// The number.
  public let value: Parameter
  private let name = LayerName()

  /// A layer that starts as the identity, or by multiplying by `initial`.
  public init(_ initial: Double = 1) { value = Parameter([], .constant(initial)) }

  /// x · value.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input * pass[value] }
  }
}

extension Residual where Branch == Sequential {
  /// A dense residual block by Fixup's three rules: the branch's last weight starts at zero, the others by
  /// ``Initializer/fixup(branches:layersPerBranch:gain:)``, and scalar biases and a multiplier replace the
  /// normalization's. The dense layers have no biases of their own. The network's output layer has to start
  /// at ``Initializer/zero`` too.
  ///
  /// - Parameters:
  ///   - width: The number of features, which the block keeps.
  ///   - layers: The weight layers of the branch, two or more.
  ///   - blocks: The number of such blocks in the network.
  public static func fixup(
    width: Int, layers: Int = 2, blocks: Int, activation: Activation = .relu
  ) -> Residual {
    let hidden = Initializer.fixup(
      branches: blocks, layersPerBranch: layers, gain: activation.gain)
    var branch: [any Layer] = []
    for layer in 1...layers {
      let initializer = layer == layers ? .zero : hidden
      branch += [ScalarBias(), Dense(width, width, initializer: initializer, bias: nil)]
      if layer < layers { branch += [ScalarBias(), activation] }
    }
    return Residual(Sequential(branch + [ScalarMultiplier(), ScalarBias()]), after: activation)
  }
}
