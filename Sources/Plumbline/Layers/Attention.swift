import Findings

/// Multi-head self-attention: with q, k, v = x W + b split into heads of width d,
/// y = (softmax(q kᵀ / √d) v of all heads side by side) U + c.
///
/// x is `[examples, steps, width]`, y the same; W is `[width, 3 width]` with q, k and v concatenated, U `[width, width]`. With
/// `isCausal` a step sees only itself and earlier steps. In training, `dropout` drops attention weights. With `queryBlock` the queries
/// are taken in blocks of this many steps, whose weights are computed again for the gradient instead of being kept: memory that grows with
/// the number of steps, and not with its square. Sources: Vaswani et al., arXiv:1706.03762; by blocks, Rabe and Staats, arXiv:2112.05682;
/// the order of the parameters is that of PyTorch's `MultiheadAttention`.
public struct Attention: Layer, CustomStringConvertible {
  /// The number of heads.
  public let heads: Int
  /// Whether a step sees no later ones.
  public let isCausal: Bool
  /// The probability that an attention weight is dropped in training.
  public let dropout: Double
  /// The number of queries whose weights are held at a time; `nil` for all.
  public let queryBlock: Int?
  /// The weights and biases of q, k and v, and of the result.
  public let inputWeight: Parameter, inputBias: Parameter
  /// The weight `[width, width]` and bias `[width]` of the output.
  public let outputWeight: Parameter, outputBias: Parameter
  private let name = LayerName()

  /// A layer of `width` features in `heads` heads, which must divide them.
  public init(
    _ width: Int, heads: Int, isCausal: Bool = false, dropout: Double = 0, queryBlock: Int? = nil,
    initializer: Initializer = .glorot()
  ) {
    require(
      heads > 0 && width > 0 && width.isMultiple(of: heads),
      "attention of \(width) features in \(heads) heads")
    require(
      dropout >= 0 && dropout < 1,
      "a dropout rate must be from 0 up to but not including 1, not \(dropout)")
    require(queryBlock.map { $0 > 0 } ?? true, "a block has at least one query")
    self.heads = heads
    self.isCausal = isCausal
    self.dropout = dropout
    self.queryBlock = queryBlock
    inputWeight = Parameter([width, 3 * width], initializer)
    inputBias = Parameter([3 * width], .zero)
    outputWeight = Parameter([width, width], initializer)
    outputBias = Parameter([width], .zero)
  }

  /// The output of every step.
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
      let (queries, keys) = (part(0), part(1))
      let values = pass.sharedValues?.mixed(part(2)) ?? part(2)
      let mixed: T
      if let queryBlock, queryBlock < steps {
        let blocks = stride(from: 0, to: steps, by: queryBlock).map { start in
          let rows = start..<min(start + queryBlock, steps)
          return checkpointed(queries) { queries in
            // Later steps than a block's own are not even looked at. Copies of the earlier ones are made again too.
            let seen = 0..<(isCausal ? rows.upperBound : steps)
            return attended(
              queries.sliced(axis: 2, rows), keys.sliced(axis: 2, seen),
              values.sliced(axis: 2, seen), from: start, pass)
          }
        }
        mixed = T.concatenate(blocks, alongAxis: 2)
      } else {
        mixed = attended(queries, keys, values, from: 0, pass)
      }
      let rows = mixed.transposed(permutation: [0, 2, 1, 3])
        .reshaped(to: [examples, steps, width])
      return linear(rows, pass[outputWeight], pass[outputBias])
    }
  }

  /// The values weighted for queries `[examples, heads, queries, width / heads]` from a step on.
  private func attended<T>(
    _ queries: T, _ keys: T, _ values: T, from start: Int, _ pass: Pass<T>
  ) -> T {
    var scores = matmul(queries, keys, transposingSecond: true)
    scores = scores * (1 / (Double(queries.shape[3])).squareRoot())
    if isCausal {
      scores =
        scores
        + scores.constant(
          Self.mask(queries.shape[2], from: start, columns: keys.shape[2]))
    }
    var weights = softmax(scores)
    if dropout > 0, pass.mode == .training {
      let (shape, rate) = (weights.shape, dropout)
      let mask = pass.random(for: name, like: weights) { key in
        Tensor(
          shape,
          nearestTo: key[start].mask(shape.elementCount, keeping: 1 - rate)
            .map { $0 ? 1 / (1 - rate) : 0 })
      }
      weights = weights * mask
    }
    return matmul(weights, values)
  }

  /// 0 where a row's step may look, and so low elsewhere that its share is 0.
  package static func mask<Scalar: TensorScalar>(
    _ rows: Int, from start: Int, columns: Int
  ) -> Tensor<Scalar> {
    Tensor(
      [rows, columns],
      nearestTo: (0..<rows).flatMap { row in
        (0..<columns).map { $0 <= start + row ? 0 : -1e30 }
      })
  }
}

/// ``Attention``: `attention`.
public struct AttentionForm: WeightedForm {
  /// The number of heads, whether a step does not see later ones, and how the weights are initialized.
  public var heads = 0, causal = false, initializer = Initializer.glorot()
  /// The probability that an attention weight is dropped, and the number of queries whose weights are held at a time.
  public var weightDropout = 0.0, queryBlock: Int?
  public let title = "attention"
  public static let fields: [Field<Self>] = [
    .whole("heads", \.heads, isRequired: true, atLeast: 1), .flag("causal", \.causal),
    .number(
      "dropout", \.weightDropout, in: .from(0, below: 1), "the probability of dropping a weight"),
    .whole("query_block", \.queryBlock, atLeast: 1, "queries whose weights are held at a time"),
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
    return builder.layer(
      Attention(
        width, heads: heads, isCausal: causal, dropout: weightDropout, queryBlock: queryBlock,
        initializer: initializer))
  }
}

extension LayerForm where Self == AttentionForm {
  /// ``Attention``.
  public static func attention(
    heads: Int, causal: Bool = false, dropout: Double = 0, queryBlock: Int? = nil
  ) -> Self {
    var form = AttentionForm()
    (form.heads, form.causal) = (heads, causal)
    (form.weightDropout, form.queryBlock) = (dropout, queryBlock)
    return form
  }
}
