extension Residual where Branch == Sequential {
  /// A dense residual block by Fixup's three rules: the branch's last weight starts at zero, the others by
  /// ``Initializer/fixup(branches:layersPerBranch:gain:)``, and scalar biases and a multiplier replace the
  /// normalization's. The dense layers have no biases. The network's output layer must also start
  /// at ``Initializer/zero``.
  ///
  /// - Parameters:
  ///   - width: The number of features, which the block keeps.
  ///   - layers: The weight layers of the branch, two or more.
  ///   - blocks: The number of such blocks in the network.
  ///   - activation: The function between the layers of the branch, and after the sum.
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
