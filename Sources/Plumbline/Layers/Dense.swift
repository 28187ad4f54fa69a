import Findings

/// A dense layer y = x W + b: x is `[..., in]`, W `[in, out]`, b `[out]`, y `[..., out]`.
public struct Dense: Layer, CustomStringConvertible {
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

  /// A layer that shares the weight of another: one parameter, in which both layers' gradients add up. With
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

/// ``Dense``, to `outputs` features: `dense`.
public struct DenseForm: WeightedForm {
  /// The number of outputs, and how weight and bias are initialized; a bias of `nil` means none.
  public var outputs = 0, bias: Initializer? = .zero, initializer = Initializer.he()
  public let title = "dense"
  public static let fields: [Field<Self>] = [
    .whole("outputs", \.outputs, isRequired: true, atLeast: 1), .bias(\.bias),
    .initializer("initializer", \.initializer),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inputs = try builder.features()
    try builder.requireHeld([inputs, outputs], "the weight")
    return builder.layer(
      Dense(inputs, outputs, initializer: initializer, bias: bias),
      output: builder.input(withFeatures: outputs))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    (layer.layer as? Dense).flatMap { signal.after(weight: $0.weight, bias: $0.bias) }
  }
}

extension LayerForm where Self == DenseForm {
  /// ``Dense``, to `outputs` features.
  public static func dense(
    outputs: Int, bias: Initializer? = .zero, initializer: Initializer = .he()
  ) -> Self {
    var form = DenseForm()
    (form.outputs, form.bias, form.initializer) = (outputs, bias, initializer)
    return form
  }
}

/// ``Dense`` with the transposed weight of an earlier dense layer: `transposed-dense`.
///
/// Its signal has no closed form: a reused weight is no longer independent of the signal.
public struct TransposedDenseForm: LayerForm {
  /// The name of the layer whose weight is shared, and how the bias is initialized; `nil` means none.
  public var of = "", bias: Initializer? = .zero
  public let title = "transposed-dense"
  public static let fields: [Field<Self>] = [
    .value("of", \.of, isRequired: true, "the name of an earlier layer"), .bias(\.bias),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inputs = try builder.features()
    guard let dense = try builder.earlier(of).layer as? Dense, !dense.transposesWeight else {
      throw builder.problem(
        "the layer \"\(of)\" is not a dense layer with its own weight", field: "of",
        "give the name of a dense layer")
    }
    guard dense.weight.shape[1] == inputs else {
      throw builder.problem(
        "the transposed weight of \"\(of)\" takes \(dense.weight.shape[1]) features, but "
          + "the layer before gives \(inputs)",
        "put it where the features are the outputs of \"\(of)\"")
    }
    return builder.layer(
      Dense(sharing: dense.weight, transposed: true, bias: bias),
      output: builder.input(withFeatures: dense.weight.shape[0]))
  }
}

extension LayerForm where Self == TransposedDenseForm {
  /// ``Dense`` with the transposed weight of the dense layer of that name.
  public static func transposedDense(of name: String, bias: Initializer? = .zero) -> Self {
    var form = TransposedDenseForm()
    (form.of, form.bias) = (name, bias)
    return form
  }
}
