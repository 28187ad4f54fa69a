import Findings

/// A convolution of images: y[n, o, i, j] = Σ x[n, c, i s + h - p, j s + w - p] W[c, h, w, o] + b[o], the sum over
/// the channels c and the window h, w, with stride s and padding p by zeros.
///
/// x is `[images, in, height, width]`, y `[images, out, rows, columns]`, W `[in, height, width, out]`, b `[out]`.
/// PyTorch's weight is `[out, in, height, width]`: transpose it by `[1, 2, 3, 0]`. Like there, the window is not
/// mirrored.
public struct Conv2D: Layer, CustomStringConvertible {
  /// The weight, `[in, height, width, out]`.
  public let weight: Parameter
  /// The bias, `[out]`; `nil` for a layer without one, for example before a normalization.
  public let bias: Parameter?
  /// The window that slides over the images: its size, stride and padding.
  public let window: SlidingWindow
  private let name = LayerName()

  /// A layer from `inputs` to `outputs` channels with a square window of `kernel` x `kernel`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    initializer: Initializer = .he(), bias: Initializer? = .zero
  ) {
    self.init(
      inputs, outputs,
      window: SlidingWindow(height: kernel, width: kernel, stride: stride, padding: padding),
      initializer: initializer, bias: bias)
  }

  /// A layer from `inputs` to `outputs` channels with any window.
  public init(
    _ inputs: Int, _ outputs: Int, window: SlidingWindow, initializer: Initializer = .he(),
    bias: Initializer? = .zero
  ) {
    require(inputs > 0 && outputs > 0, "a convolution from \(inputs) to \(outputs) channels")
    weight = Parameter([inputs, window.height, window.width, outputs], initializer)
    self.bias = bias.map { Parameter([outputs], $0) }
    self.window = window
  }

  /// The convolved images.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    let (inputs, outputs) = (weight.shape[0], weight.shape[3])
    require(
      input.shape.rank == 4 && input.shape[1] == inputs,
      "a convolution of \(inputs) channels takes [images, \(inputs), height, width], not "
        + "\(input.shape)")
    return pass.named(name) {
      let result = convolution(input, pass[weight], window)
      return bias.map { result + pass[$0].reshaped(to: [outputs, 1, 1]) } ?? result
    }
  }
}

/// ``Conv2D``, to `outputs` channels: `convolution`.
public struct ConvolutionForm: WeightedForm {
  /// The extents of a window: in JSON one number, or height and width.
  public struct Kernel: Codable, Hashable, Sendable, CustomStringConvertible {
    /// Height and width, as they were given.
    public let extents: [Int]

    /// One extent for both axes, or height and width.
    public init(_ extents: [Int]) { self.extents = extents }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let extent = try? container.decode(Int.self) {
        extents = [extent, extent]
      } else {
        extents = try container.decode([Int].self)
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if extents.count == 2, extents[0] == extents[1] {
        try container.encode(extents[0])
      } else {
        try container.encode(extents)
      }
    }

    public var description: String { "\(extents)" }
  }

  /// The number of output channels.
  public var outputs = 0
  /// The window.
  public var kernel = Kernel([]), stride = 1, padding = 0
  /// How bias and weight are initialized; a bias of `nil` means none.
  public var bias: Initializer? = .zero, initializer = Initializer.he()
  public let title = "convolution"
  public static let fields: [Field<Self>] = [
    .whole("outputs", \.outputs, isRequired: true, atLeast: 1),
    .value(
      "kernel", \.kernel, isRequired: true,
      "an extent such as 3, or height and width such as [3, 1]"
    ) { $0.extents.count == 2 && $0.extents.allSatisfy { $0 > 0 } },
    .whole("stride", \.stride, atLeast: 1), .whole("padding", \.padding, atLeast: 0),
    .bias(\.bias), .initializer("initializer", \.initializer),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let window = SlidingWindow(
      height: kernel.extents[0], width: kernel.extents[1], stride: stride, padding: padding)
    let output = try builder.windowed(window, channels: outputs)
    let channels = builder.input[0]
    try builder.requireHeld([channels, window.height, window.width, outputs], "the weight")
    return builder.layer(
      Conv2D(channels, outputs, window: window, initializer: initializer, bias: bias),
      output: output)
  }

  /// The padding is neglected.
  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    (layer.layer as? Conv2D).flatMap { signal.after(weight: $0.weight, bias: $0.bias) }
  }
}

extension LayerForm where Self == ConvolutionForm {
  /// ``Conv2D``, to `outputs` channels.
  public static func convolution(
    outputs: Int, window: SlidingWindow, bias: Initializer? = .zero,
    initializer: Initializer = .he()
  ) -> Self {
    var form = ConvolutionForm()
    (form.outputs, form.bias, form.initializer) = (outputs, bias, initializer)
    form.kernel = ConvolutionForm.Kernel([window.height, window.width])
    (form.stride, form.padding) = (window.stride, window.padding)
    return form
  }
}
