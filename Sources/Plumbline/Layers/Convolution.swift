/// A convolution of images: y[n, o, i, j] = Σ x[n, c, i s + h - p, j s + w - p] W[c, h, w, o] + b[o], the sum over
/// the channels c and the window h, w, with stride s and padding p by zeros.
///
/// x is `[images, in, height, width]`, y `[images, out, rows, columns]`, W `[in, height, width, out]`, b `[out]`.
/// PyTorch's weight is `[out, in, height, width]`: transpose it by `[1, 2, 3, 0]`. Like there, the window is not
/// mirrored.
public struct Conv2D: Layer {
  /// The weight, `[in, height, width, out]`.
  public let weight: Parameter
  /// The bias, `[out]`; `nil` for a layer without one, as before a normalization.
  public let bias: Parameter?
  /// The window.
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
