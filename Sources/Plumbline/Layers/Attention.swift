import Findings

/// Multi-head self-attention: with q, k, v = x W + b split into heads of width d,
/// y = (softmax(q kᵀ / √d) v of all heads side by side) U + c.
///
/// x is `[examples, steps, width]`, y the same; W is `[width, 3 width]` with q, k and v concatenated, U `[width, width]`. With
/// `isCausal` a step sees only itself and earlier steps. Source: Vaswani et al., arXiv:1706.03762; the order of the parameters is
/// that of PyTorch's `MultiheadAttention`.
public struct Attention: Layer, CustomStringConvertible {
  /// The number of heads.
  public let heads: Int
  /// Whether a step does not see later ones.
  public let isCausal: Bool
  /// The weights and biases of q, k and v, and of the result.
  public let inputWeight: Parameter, inputBias: Parameter
  /// The weight `[width, width]` and bias `[width]` of the output.
  public let outputWeight: Parameter, outputBias: Parameter
  private let name = LayerName()

  /// A layer of `width` features in `heads` heads, which must divide them.
  public init(
    _ width: Int, heads: Int, isCausal: Bool = false, initializer: Initializer = .glorot()
  ) {
    require(
      heads > 0 && width > 0 && width.isMultiple(of: heads),
      "attention of \(width) features in \(heads) heads")
    self.heads = heads
    self.isCausal = isCausal
    inputWeight = Parameter([width, 3 * width], initializer)
    inputBias = Parameter([3 * width], .zero)
    outputWeight = Parameter([width, width], initializer)
    outputBias = Parameter([width], .zero)
  }

  /// The attention weights of each step.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    let width = outputWeight.shape[0]
    requireSequence(input.shape, features: width, "attention")
    let (examples, steps) = (input.shape[0], input.shape[1])
    return pass.named(name) {
      let all = linear(input, pass[inputWeight], pass[inputBias])
      /// `[examples, heads, steps, width / heads]`
      func part(_ index: Int) -> T {
        all.gate(index, of: width).reshaped(to: [examples, steps, heads, width / heads])
          .transposed(permutation: [0, 2, 1, 3])
      }
      var scores = matmul(part(0), part(1), transposingSecond: true)
      scores = scores * (1 / (Double(width / heads)).squareRoot())
      if isCausal { scores = scores + input.constant(Self.mask(steps)) }
      let mixed = matmul(softmax(scores), part(2)).transposed(permutation: [0, 2, 1, 3])
      return linear(
        mixed.reshaped(to: [examples, steps, width]), pass[outputWeight], pass[outputBias])
    }
  }

  /// 0 where a row's step may attend, and so low elsewhere that the share is 0.
  private static func mask<Scalar: TensorScalar>(_ steps: Int) -> Tensor<Scalar> {
    Tensor(
      [steps, steps],
      nearestTo: (0..<steps).flatMap { row in (0..<steps).map { $0 <= row ? 0 : -1e30 } })
  }
}

/// ``Attention``: `attention`.
public struct AttentionForm: WeightedForm {
  /// The number of heads, whether a step does not see later ones, and how the weights are initialized.
  public var heads = 0, causal = false, initializer = Initializer.glorot()
  public let title = "attention"
  public static let fields: [Field<Self>] = [
    .whole("heads", \.heads, isRequired: true, atLeast: 1), .flag("causal", \.causal),
    .initializer("initializer", \.initializer),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let width = try builder.sequenceFeatures()
    guard width.isMultiple(of: heads) else {
      throw builder.problem(
        "\(heads) heads do not divide \(width) features", field: "heads",
        "give a divisor of \(width)")
    }
    try builder.requireHeld([width, 3 * width], "the weight")
    return builder.layer(Attention(width, heads: heads, isCausal: causal, initializer: initializer))
  }
}

extension LayerForm where Self == AttentionForm {
  /// ``Attention``.
  public static func attention(heads: Int, causal: Bool = false) -> Self {
    var form = AttentionForm()
    (form.heads, form.causal) = (heads, causal)
    return form
  }
}
