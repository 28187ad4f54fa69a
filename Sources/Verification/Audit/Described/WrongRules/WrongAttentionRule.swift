import Findings
import Plumbline

/// The gradient of attention: softmax taken element by element, a scale, a mask or a transposition that is missing, queries and keys
/// exchanged, heads that are put together wrongly, and parts that do not reach the input.
enum WrongAttentionRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let attention = site.form as? AttentionForm, site.input.shape.rank == 3 else { return [] }
    let (steps, width) = (site.input.shape[1], site.input.shape[2])
    let heads = attention.heads
    let depth = width / heads
    var all: [WrongLayers] = []
    func add(_ id: CauseID, _ words: String, _ change: (inout AttentionMistakes) -> Void) {
      var form = MistakenAttentionForm(attention)
      change(&form.mistakes)
      all.append(WrongLayers(id: id, words: words, layers: [LayerDescription(form)]))
    }
    let jacobian = "dS = P * (dP - sum of dP * P over the keys), where P = softmax(S)"
    if steps > 1 {
      add(
        DiagonalJacobian.id,
        "multiplies by P (1 - P), element by element, but the softmax of the scores couples the keys: \(jacobian)."
      ) { $0.softmax = .diagonal }
      add(
        MissingActivationDerivative.id,
        "lacks the derivative of the softmax of the scores: \(jacobian)."
      ) { $0.softmax = .missing }
      add(
        DiagonalJacobian.id,
        "lacks the sum in the derivative of the softmax of the scores: \(jacobian)."
      ) { $0.softmax = .withoutSum }
      add(
        DiagonalJacobian.id,
        "sums over the queries in the derivative of the softmax of the scores: \(jacobian)."
      ) { $0.softmax = .overQueries }
      if attention.causal {
        add(
          MaskMissing.id,
          "lacks the causal mask: the backward pass needs the attention weights of the forward pass, which are 0 for later steps."
        ) { $0.forgetsMask = true }
      }
    }
    let root = "1/√\(depth)"
    if depth > 1 {
      let scale = 1 / Double(depth).squareRoot()
      let rule = "the scores are q kᵀ \(root), so dq = dS k \(root) and dk = dSᵀ q \(root)"
      func scaled(_ words: String, _ query: Double, _ key: Double) {
        add(ConstantFactor.id, "\(words): \(rule).") {
          ($0.queryFactor, $0.keyFactor) = (query, key)
        }
      }
      scaled("lacks the scale \(root) of the scores", 1 / scale, 1 / scale)
      scaled("lacks the scale \(root) of the scores in dq", 1 / scale, 1)
      scaled("lacks the scale \(root) of the scores in dk", 1, 1 / scale)
      scaled("contains the scale \(root) of the scores twice", scale, scale)
      if heads > 1 {
        let whole = 1 / Double(heads).squareRoot()
        scaled(
          "is scaled by 1/√\(width), of all features, where each head has \(depth)", whole, whole)
      }
    }
    add(
      WrongLayerInput.id,
      "has q and k exchanged: dq = dS k \(root) and dk = dSᵀ q \(root), not dS q and dSᵀ k."
    ) { $0.exchangesFactors = true }
    for (part, words) in [
      "dq is dSᵀ k, where dS k belongs", "dk is dS q, where dSᵀ q belongs",
      "dv is P dO, where Pᵀ dO belongs, with the attention weights P and the gradient dO of what they mix",
    ].enumerated() {
      add(Transposed.id, "lacks a transposition, or has one too many: \(words).") {
        $0.transposed = part
      }
    }
    let names = ["q", "k", "v"]
    for (one, other) in [(0, 1), (1, 2), (0, 2)] {
      add(
        WrongLayerInput.id, "has the gradients of \(names[one]) and \(names[other]) exchanged."
      ) { $0.exchanged = [one, other] }
    }
    if heads > 1, steps > 1 {
      let order = "[examples, heads, steps, \(depth)] and [examples, steps, heads, \(depth)]"
      add(
        Transposed.id,
        "splits the gradient into heads without exchanging the axes of \(order), as the forward pass does when it puts the heads "
          + "together."
      ) { $0.splitsWrongly = true }
      add(
        Transposed.id,
        "puts the heads' gradients of q, k and v together without exchanging the axes of \(order)."
      ) { $0.mergesWrongly = true }
    }
    if heads > 1 {
      for (head, which) in [(heads - 1, "last"), (0, "first")] {
        add(
          RowsAssignedNotAdded.id,
          "holds the part of the \(which) head alone: in a loop over the heads it was assigned (=) where it must be added (+=)."
        ) { $0.onlyHead = head }
      }
    }
    for arriving in [[2], [0], [1], [0, 1], [0, 2], [1, 2]] {
      let parts = arriving.map { names[$0] }.joined(separator: " and ")
      add(
        RowsAssignedNotAdded.id,
        "comes back to the layer's input through \(parts) alone: dx = dq Wqᵀ + dk Wkᵀ + dv Wvᵀ, all three added."
      ) { $0.arriving = Set(arriving) }
    }
    add(
      WeightsNotTransposed.id,
      "is carried back through the weights of q, k and v, where their transposes belong."
    ) { $0.isInputUntransposed = true }
    add(
      WeightsNotTransposed.id,
      "is carried back through the output's weight, where its transpose belongs."
    ) { $0.output = .untransposed }
    add(ErrorNotCarriedThroughWeights.id, "is not carried back through the output's weight.") {
      $0.output = .missing
    }
    return all
  }
}

/// What is done wrong on the way back through attention.
struct AttentionMistakes: Hashable {
  /// The derivative of the scores' softmax.
  enum Softmax: Hashable {
    case right, diagonal, missing, withoutSum, overQueries
  }
  /// The way back through the output's weight.
  enum Output: Hashable {
    case right, untransposed, missing
  }
  var softmax = Softmax.right
  /// Whether the attention weights are computed again without the causal mask.
  var forgetsMask = false
  /// Factors on the gradients of q and k.
  var queryFactor = 1.0, keyFactor = 1.0
  /// Whether q is multiplied into its own gradient, and k into its own.
  var exchangesFactors = false
  /// The part, of q, k and v, whose gradient has the matrix of the scores transposed.
  var transposed: Int?
  /// Two of q, k and v whose gradients are exchanged; none if empty.
  var exchanged: [Int] = []
  /// Whether heads are split or put together without exchanging axes.
  var splitsWrongly = false, mergesWrongly = false
  /// The only head that has a gradient; `nil` for all.
  var onlyHead: Int?
  /// Those of q, k and v whose gradient reaches the input.
  var arriving: Set<Int> = [0, 1, 2]
  var isInputUntransposed = false
  var output = Output.right
}

/// An ``Attention`` layer with mistakes on the way back.
struct MistakenAttentionForm: LayerForm {
  private var attention = AttentionForm()
  var mistakes = AttentionMistakes()
  let title = "mistaken-attention"

  init() {}
  init(_ attention: AttentionForm) { self.attention = attention }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let width = try builder.sequenceFeatures()
    return builder.layer(
      MistakenAttention(
        layer: Attention(width, heads: attention.heads, isCausal: attention.causal),
        mistakes: mistakes))
  }
}

private struct MistakenAttention: Layer {
  let layer: Attention
  let mistakes: AttentionMistakes

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    let (examples, steps, width) = (input.shape[0], input.shape[1], input.shape[2])
    let heads = layer.heads
    let depth = width / heads
    /// The values of one with the gradient of another.
    func with(_ value: T, _ gradient: T) -> T { gradient + (value - gradient).detached() }
    let bias = pass[layer.inputBias]
    let weight = pass[layer.inputWeight]
    var parts = (0..<3).map { index -> T in
      let x = mistakes.arriving.contains(index) ? input : input.detached()
      let columns = index * width..<(index + 1) * width
      let own = weight.sliced(axis: -1, columns)
      let shift = bias.sliced(axis: -1, columns)
      guard mistakes.isInputUntransposed else { return linear(x, own, shift) }
      let carried = matmul(x, own.detached(), transposingSecond: true)
      return linear(x.detached(), own, shift) + (carried - carried.detached())
    }
    if mistakes.exchanged.count == 2 {
      let (one, other) = (mistakes.exchanged[0], mistakes.exchanged[1])
      let exchanged = (with(parts[one], parts[other]), with(parts[other], parts[one]))
      (parts[one], parts[other]) = exchanged
    }
    /// `[examples, heads, steps, depth]`
    let split = parts.map { part -> T in
      let right = part.reshaped(to: [examples, steps, heads, depth])
        .transposed(permutation: [0, 2, 1, 3])
      var result =
        mistakes.mergesWrongly
        ? with(right, part.reshaped(to: [examples, heads, steps, depth])) : right
      if let head = mistakes.onlyHead {
        result = only(head, result)
      }
      return result
    }
    let merged = mixed(split, steps, depth)
    let right = merged.transposed(permutation: [0, 2, 1, 3]).reshaped(to: [examples, steps, width])
    let mixed =
      mistakes.splitsWrongly
      ? with(right, merged.reshaped(to: [examples, steps, width])) : right
    let (outer, shift) = (pass[layer.outputWeight], pass[layer.outputBias])
    switch mistakes.output {
    case .right: return linear(mixed, outer, shift)
    case .untransposed:
      let carried = matmul(mixed, outer.detached(), transposingSecond: true)
      return linear(mixed.detached(), outer, shift) + (carried - carried.detached())
    case .missing:
      return linear(mixed.detached(), outer, shift) + (mixed - mixed.detached())
    }
  }

  /// Values of all heads, of which one has a gradient.
  private func only<T: TensorProtocol>(_ head: Int, _ values: T) -> T {
    let mask = Tensor<Double>(
      [1, layer.heads, 1, 1], (0..<layer.heads).map { $0 == head ? 1 : 0 })
    let kept = values * values.constant(Tensor(converting: mask))
    return kept + (values - kept).detached()
  }

  /// What the heads mix, with the gradients that the mistakes give.
  private func mixed<T: TensorProtocol>(_ parts: [T], _ steps: Int, _ depth: Int) -> T {
    let (q, k, v) = (parts[0], parts[1], parts[2])
    let scale = 1 / Double(depth).squareRoot()
    func product(_ a: T, _ b: T) -> T { matmul(a, b, transposingSecond: true) }
    var scores = product(q.detached(), k.detached()) * scale
    let unmasked = scores
    if layer.isCausal {
      scores = scores + scores.constant(Attention.mask(steps, from: 0, columns: steps))
    }
    let weights = softmax(scores)
    /// The weights on the way back.
    let used = mistakes.forgetsMask ? softmax(unmasked) : weights
    // An expression for each of q and k whose gradient is what the program computes of dS, the gradient of the scores.
    let query: T
    let key: T
    if mistakes.exchangesFactors {
      (query, key) = (product(q, q.detached()), product(k.detached(), k))
    } else {
      query = mistakes.transposed == 0 ? product(k.detached(), q) : product(q, k.detached())
      key = mistakes.transposed == 1 ? product(k, q.detached()) : product(q.detached(), k)
    }
    let varied = query * (scale * mistakes.queryFactor) + key * (scale * mistakes.keyFactor)
    // And one whose gradient is dS, of the gradient of the attention weights.
    let weighted = varied * used
    let score: T
    switch mistakes.softmax {
    case .right:
      score = weighted - used * weighted.sum(alongAxes: [-1], keepingAxes: true)
    case .diagonal: score = weighted * (used * -1 + 1)
    case .missing: score = varied
    case .withoutSum: score = weighted
    case .overQueries:
      score = weighted - used * weighted.sum(alongAxes: [-2], keepingAxes: true)
    }
    let values =
      mistakes.transposed == 2 ? used.transposed(permutation: [0, 1, 3, 2]) : used
    let differentiated = matmul(score, v.detached()) + matmul(values, v)
    return differentiated + (matmul(weights, v) - differentiated).detached()
  }
}
