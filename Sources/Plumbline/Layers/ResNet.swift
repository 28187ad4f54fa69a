extension Sequential {
  /// The skip of a residual block whose branch halves the image and doubles the channels.
  public enum Shortcut: String, Sendable, CaseIterable, Codable {
    /// Every second row and column, and channels of zeros: no parameters (option A).
    case padding
    /// A convolution of 1 x 1 with stride 2 and a batch normalization (option B).
    case projection
  }

  /// The residual networks for CIFAR-10 of He et al., arXiv:1512.03385, section 4.2: a convolution to 16 channels,
  /// three stages of (depth - 2) / 6 blocks at 16, 32 and 64 channels, each block two 3 x 3 convolutions with batch
  /// normalization and ReLU after the sum, then the mean over the image and a dense layer.
  ///
  /// Input `[images, 3, 32, 32]` (any even size works), output the logits `[images, classes]`. Depth 20 has
  /// 269,722 parameters with ``Shortcut/padding``. Traps for a depth that is not 6 n + 2.
  public static func cifarResNet(
    depth: Int, classes: Int = 10, channels: Int = 3, shortcut: Shortcut = .padding
  ) -> Sequential {
    require(depth >= 8 && depth % 6 == 2, "such a network has a depth of 6 n + 2, not \(depth)")
    func convolution(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> Conv2D {
      Conv2D(inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: nil)
    }
    func block(_ inputs: Int, _ outputs: Int) -> Residual<Sequential> {
      let stride = inputs == outputs ? 1 : 2
      let projection: (any Layer)? =
        switch (stride, shortcut) {
        case (1, _): nil
        case (_, .padding): PaddedShortcut(channels: outputs, stride: stride)
        case (_, .projection):
          Sequential(
            Conv2D(inputs, outputs, kernel: 1, stride: stride, bias: nil), BatchNorm(outputs))
        }
      return Residual(
        Sequential(
          convolution(inputs, outputs, stride: stride), BatchNorm(outputs), Activation.relu,
          convolution(outputs, outputs), BatchNorm(outputs)),
        after: .relu, projection: projection)
    }
    var layers: [any Layer] = [convolution(channels, 16), BatchNorm(16), Activation.relu]
    var width = 16
    for stage in [16, 32, 64] {
      for _ in 0..<(depth - 2) / 6 {
        layers.append(block(width, stage))
        width = stage
      }
    }
    return Sequential(
      layers + [GlobalAveragePool(), Dense(64, classes, initializer: .lecun())])
  }
}
