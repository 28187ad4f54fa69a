import Plumbline

/// A value that a quantity would have with certain mistakes, or with none.
struct Hypothesis {
  var value: Tensor<Double>
  /// The mistakes; none for the right value.
  var findings: [Finding] = []
  /// For a gradient of pre-activations, that of the activations that it was made from.
  var upstream: Tensor<Double>?

  /// The number of mistakes. A choice at a kink is none.
  var mistakes: Int { findings.count { $0.cause != nil } }
}

/// Compares what was given with hypotheses.
struct Comparison {
  /// The relative distance up to which two values count as equal. It leaves room for the small numbers that people
  /// add to what they divide by.
  let tolerance: Double
  /// The rounding of a sum relative to the size of its terms, which may cancel.
  var rounding: Double { tolerance <= 1e-5 ? 1e-13 : tolerance <= 2e-4 ? 1e-6 : 2e-3 }
  /// The number of examples.
  let examples: Double
  /// The factors that dropout multiplies with.
  let dropoutScales: [Double]

  func agree(_ given: Tensor<Double>, _ value: Tensor<Double>, noise: Double = 0) -> Bool {
    guard given.shape == value.shape else { return false }
    let difference = (given - value).norm
    return difference <= tolerance * (given.norm + value.norm) || difference <= noise
  }

  /// The ratio c with given = c value; `nil` where there is none.
  func ratio(of given: Tensor<Double>, to value: Tensor<Double>, noise: Double = 0) -> Double? {
    let size = value.dot(value)
    guard size > 0, size.isFinite else { return nil }
    let ratio = given.dot(value) / size
    // A single number is a multiple of every other one: there only a factor with a meaning is evidence.
    if given.count == 1 && name(ratio) == nil { return nil }
    return ratio != 0 && agree(given, value * ratio, noise: noise) ? ratio : nil
  }

  /// The ratio, where it is another than 1: rounding, and the small numbers that guard divisions, are no factor.
  func factor(of given: Tensor<Double>, to value: Tensor<Double>, noise: Double = 0) -> Double? {
    ratio(of: given, to: value, noise: noise).flatMap { abs($0 - 1) <= 10 * tolerance ? nil : $0 }
  }

  /// The cause of a constant ratio that has a meaning.
  func name(_ ratio: Double) -> CauseID? {
    func near(_ value: Double) -> Bool {
      abs(ratio - value) <= 10 * tolerance * abs(value)
    }
    if near(-1) { return .signFlipped }
    if examples > 1 {
      if near(examples) { return .missingBatchAverage }
      if near(1 / examples) { return .extraBatchAverage }
    }
    // Left out, applied twice, or multiplied with where it belongs under the line.
    if dropoutScales.contains(where: { near($0) || near(1 / $0) || near(1 / ($0 * $0)) }) {
      return .dropoutScaleMissing
    }
    if near(2) || near(0.5) { return .constantFactor }
    return nil
  }

  /// What to say about a quantity that is `ratio` times what it should be.
  func findings(ratio: Double, at quantity: Quantity) -> [Finding] {
    if let id = name(ratio) { return [finding(id, ratio, quantity)] }
    // A sign and a scale together.
    if let id = name(-ratio), id != .signFlipped {
      return [finding(.signFlipped, -1, quantity), finding(id, -ratio, quantity)]
    }
    return [finding(.constantFactor, ratio, quantity)]
  }

  private func finding(_ id: CauseID, _ ratio: Double, _ quantity: Quantity) -> Finding {
    let isBias = quantity.kind == .biasGradient
    switch id {
    case .signFlipped:
      return Finding(
        quantity, id, factor: ratio,
        "\(quantity) has the wrong sign: it is exactly minus what it should be.")
    case .missingBatchAverage:
      return Finding(
        quantity, id, factor: ratio,
        "\(quantity) is \(Self.text(ratio)) times too large, the number of examples: divide by m once."
      )
    case .extraBatchAverage:
      return Finding(
        quantity, isBias ? .biasAveragedTwice : id, factor: ratio,
        "\(quantity) is divided by the number of examples, \(Self.text(1 / ratio)), once too often"
          + (isBias ? ": a sum over examples that is averaged already takes no mean." : "."))
    case .dropoutScaleMissing:
      return Finding(
        quantity, id, factor: ratio,
        "\(quantity) is \(Self.text(ratio)) times what it should be, the scale of dropout: inverted dropout divides "
          + "by the probability of keeping a unit, forward and backward, once each.")
    default:
      return Finding(
        quantity, .constantFactor, factor: ratio,
        "\(quantity) is \(Self.text(ratio)) times what it should be, the same factor everywhere.")
    }
  }

  static func text(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }

  /// The hypothesis with the fewest mistakes that gives this value; a constant ratio counts as one more.
  func explanation(
    of given: Tensor<Double>, at quantity: Quantity, among hypotheses: [Hypothesis],
    noise: Double = 0
  ) -> (hypothesis: Hypothesis, alternatives: Int)? {
    var best: (hypothesis: Hypothesis, weight: Double)?
    var ids: Set<CauseID> = []
    for hypothesis in hypotheses where hypothesis.value.isFinite {
      var hypothesis = hypothesis
      var weight = Double(hypothesis.mistakes)
      if !agree(given, hypothesis.value, noise: noise) {
        guard let ratio = factor(of: given, to: hypothesis.value, noise: noise) else { continue }
        let extra = findings(ratio: ratio, at: quantity)
        // A ratio without a meaning is weaker evidence than one with, and than any other mistake.
        weight += Double(extra.count) + (name(ratio) == nil ? 0.5 : 0.2)
        hypothesis.findings += extra
        hypothesis.value = given
      }
      if weight < (best?.weight ?? .infinity) - 1e-9 {
        best = (hypothesis, weight)
        ids = []
      }
      if let least = best?.weight, abs(weight - least) < 1e-9,
        let id = hypothesis.findings.compactMap(\.cause).last?.id
      {
        ids.insert(id)
      }
    }
    return best.map { ($0.hypothesis, max(ids.count, 1)) }
  }
}
