import Findings

/// A skip without parameters for a branch that halves an image and adds channels: every `stride`-th row and
/// column, and channels of zeros after the input's own (option A of He et al., arXiv:1512.03385).
public struct PaddedShortcut: Layer, CustomStringConvertible {
  /// The channels of the result.
  public let channels: Int
  /// The step along both axes of the image.
  public let stride: Int
  private let name = LayerName()

  /// A skip to `channels` channels, at least as many as the input has.
  public init(channels: Int, stride: Int) {
    require(channels > 0 && stride > 0, "a shortcut to \(channels) channels with stride \(stride)")
    self.channels = channels
    self.stride = stride
  }

  /// The subsampled images, padded with zeros.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(
      input.shape.rank == 4 && input.shape[1] <= channels,
      "a shortcut to \(channels) channels takes images with at most that many, not \(input.shape)")
    return pass.named(name) {
      let window = SlidingWindow(height: 1, width: 1, stride: stride)
      let thinned =
        stride == 1
        ? input : input.patches(window).squeezed(axis: 1).asImages(of: input.shape, window)
      let shape = thinned.shape
      if shape[1] == channels { return thinned }
      return thinned.padded(
        as: shape.extents.map { 0..<$0 }, of: [shape[0], channels, shape[2], shape[3]])
    }
  }
}

/// ``PaddedShortcut``: `padded-shortcut`.
public struct PaddedShortcutForm: LayerForm {
  /// The channels of the result, and the step along both axes.
  public var channels = 0, stride = 1
  public let title = "padded-shortcut"
  public static let fields: [Field<Self>] = [
    .whole("channels", \.channels, isRequired: true, atLeast: 1),
    .whole("stride", \.stride, atLeast: 1),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let window = SlidingWindow(height: 1, width: 1, stride: stride)
    let output = try builder.windowed(window, channels: channels)
    guard channels >= builder.input[0] else {
      throw builder.problem(
        "the shortcut has \(channels) channels, but its input has \(builder.input[0])",
        field: "channels", "give at least as many; a convolution can reduce channels")
    }
    return builder.layer(PaddedShortcut(channels: channels, stride: stride), output: output)
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    let own = layer.input[0]
    return Signal(
      meanSquare: signal.meanSquare * Double(own) / Double(channels),
      distribution: channels == own
        ? signal.distribution : signal.distribution == .rectified ? .rectified : .other)
  }
}

extension LayerForm where Self == PaddedShortcutForm {
  /// ``PaddedShortcut``.
  public static func paddedShortcut(channels: Int, stride: Int) -> Self {
    var form = PaddedShortcutForm()
    (form.channels, form.stride) = (channels, stride)
    return form
  }
}
