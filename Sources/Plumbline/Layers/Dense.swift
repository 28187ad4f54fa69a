/// A dense layer y = x W + b: x is `[..., in]`, W `[in, out]`, b `[out]`, y `[..., out]`.
public struct Dense: Layer {
  /// The weight, `[in, out]`.
  public let weight: Parameter
  /// The bias, `[out]`; `nil` for a layer without one.
  public let bias: Parameter?
  private let name = LayerName()

  /// A layer from `inputs` to `outputs` features.
  public init(
    _ inputs: Int, _ outputs: Int, initializer: Initializer = .he(), bias: Initializer? = .zero
  ) {
    require(inputs > 0 && outputs > 0, "a dense layer from \(inputs) to \(outputs) features")
    weight = Parameter([inputs, outputs], initializer)
    self.bias = bias.map { Parameter([outputs], $0) }
  }

  /// x W + b.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      guard let bias else { return matmul(input, pass[weight]) }
      return linear(input, pass[weight], pass[bias])
    }
  }
}
