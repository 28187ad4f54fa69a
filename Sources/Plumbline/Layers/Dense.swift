/// A dense layer y = x W + b: x is `[..., in]`, W `[in, out]`, b `[out]`, y `[..., out]`.
public struct Dense: Layer {
  /// The weight, `[in, out]`.
  public let weight: Parameter
  /// The bias, `[out]`; `nil` for a layer without one.
  public let bias: Parameter?
  /// Whether the layer uses the transpose of its weight, Wᵀ, which then is `[out, in]`.
  public let transposesWeight: Bool
  private let name = LayerName()

  /// A layer from `inputs` to `outputs` features.
  public init(
    _ inputs: Int, _ outputs: Int, initializer: Initializer = .he(), bias: Initializer? = .zero
  ) {
    require(inputs > 0 && outputs > 0, "a dense layer from \(inputs) to \(outputs) features")
    weight = Parameter([inputs, outputs], initializer)
    self.bias = bias.map { Parameter([outputs], $0) }
    transposesWeight = false
  }

  /// A layer that shares the weight of another: one parameter, which both layers' gradients add up in. With
  /// `transposed` it maps back, y = x Wᵀ + b, as the decoder of a tied autoencoder or the output of a language
  /// model with tied embeddings does. The bias is its own.
  public init(sharing weight: Parameter, transposed: Bool = false, bias: Initializer? = .zero) {
    require(
      weight.shape.rank == 2, "a dense layer shares a matrix, not a parameter of \(weight.shape)")
    self.weight = weight
    self.bias = bias.map { Parameter([weight.shape[transposed ? 0 : 1]], $0) }
    transposesWeight = transposed
  }

  /// x W + b, or x Wᵀ + b.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      if transposesWeight {
        let product = matmul(input, pass[weight], transposingSecond: true)
        return bias.map { product + pass[$0] } ?? product
      }
      guard let bias else { return matmul(input, pass[weight]) }
      return linear(input, pass[weight], pass[bias])
    }
  }
}
