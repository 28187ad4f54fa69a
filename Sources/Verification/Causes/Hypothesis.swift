import Plumbline

/// A mistake at a quantity.
struct Mistake: Sendable, Hashable {
  /// Where it was made.
  let quantity: Quantity
  /// `nil` for a choice that is not wrong: another derivative at a kink, a small number that guards a division.
  var cause: Cause?
  /// Whether it is a choice at a kink.
  var isKink = false

  init(_ quantity: Quantity, _ id: CauseID, factor: Double? = nil, _ explanation: String) {
    self.quantity = quantity
    cause = Cause(id: id, factor: factor, explanation: explanation)
  }

  private init(rightAt quantity: Quantity) { self.quantity = quantity }

  static func kink(_ quantity: Quantity) -> Mistake {
    var mistake = Mistake(rightAt: quantity)
    mistake.isKink = true
    return mistake
  }

  /// A small number added to the divisor.
  static func guarded(_ quantity: Quantity) -> Mistake { Mistake(rightAt: quantity) }
}

/// Why a quantity is wrong.
public struct Cause: Sendable, Hashable {
  /// The kind of mistake.
  public let id: CauseID
  /// Its number, if it has one: the constant ratio, the wrong coefficient.
  public var factor: Double?
  /// What the claim rests on.
  public var basis = CauseBasis.given
  /// A sentence with the line of algebra that is missing.
  public var explanation: String
}

/// What the claim of a cause rests on.
public enum CauseBasis: String, Sendable, Hashable, CaseIterable, Codable {
  /// The layer's dZ is given and one mistake explains the value; several together or several equally well.
  case given, givenOneOfSeveral
  /// The layer's dZ is inferred from gradients of parameters, likewise.
  case inferred, inferredOneOfSeveral

  /// The basis of a claim.
  init(isGiven: Bool, isAlone: Bool) {
    self =
      isGiven
      ? isAlone ? .given : .givenOneOfSeveral : isAlone ? .inferred : .inferredOneOfSeveral
  }

  /// Whether the layer's dZ is given.
  var isGiven: Bool { self == .given || self == .givenOneOfSeveral }
  /// Whether exactly one mistake explains the value.
  var isAlone: Bool { self == .given || self == .inferred }
}

/// A value that a quantity would have with certain mistakes, or with none.
struct Hypothesis: Sendable {
  var value: Tensor<Double>
  /// The mistakes; none for the right value.
  var mistakes: [Mistake] = []
  /// For a gradient of pre-activations, that of the activations that it was computed from.
  var upstream: Tensor<Double>?
  /// How much weaker than one mistake's evidence this is.
  var handicap = 0.0

  /// The number of mistakes. A choice at a kink does not count.
  var mistakeCount: Int { mistakes.count { $0.cause != nil } }
  /// How unlikely it is.
  var weight: Double { Double(mistakeCount) + handicap }
}

extension Comparison {
  /// The ratio, if it is not 1: rounding, and the small numbers that guard divisions, are not a factor. A single number is a
  /// multiple of any other: there only a factor with a meaning is evidence.
  func factor(of given: Tensor<Double>, to value: Tensor<Double>, noise: Double = 0) -> Double? {
    guard let ratio = ratio(of: given, to: value, noise: noise), !isSame(ratio, 1) else {
      return nil
    }
    return given.count == 1 && !hasMeaning(ratio) && !hasMeaning(-ratio) ? nil : ratio
  }

  /// Whether a constant ratio has a meaning: a sign, the number of examples, dropout's scale, 2 or 1/2.
  func hasMeaning(_ ratio: Double) -> Bool {
    isSame(ratio, 2) || isSame(ratio, 0.5)
      || knownCauses.contains {
        $0.id != ConstantFactor.id
          && $0.mistake(ratio: ratio, at: Quantity(.preactivationGradient, 1), self) != nil
      }
  }

  /// What to say about a quantity that is `ratio` times what it should be.
  func mistakes(ratio: Double, at quantity: Quantity) -> [Mistake] {
    func named(_ ratio: Double) -> Mistake? {
      for cause in knownCauses where cause.id != ConstantFactor.id {
        if let mistake = cause.mistake(ratio: ratio, at: quantity, self) { return mistake }
      }
      return isSame(ratio, 2) || isSame(ratio, 0.5)
        ? ConstantFactor.mistake(ratio: ratio, at: quantity, self) : nil
    }
    if let mistake = named(ratio) { return [mistake] }
    // A sign and a scale together.
    if let mistake = named(-ratio), let sign = named(-1) { return [sign, mistake] }
    return ConstantFactor.mistake(ratio: ratio, at: quantity, self).map { [$0] } ?? []
  }

  /// The hypothesis with the fewest mistakes that gives this value; a constant ratio counts as one extra mistake.
  func explanation(
    of given: Tensor<Double>, at quantity: Quantity, among hypotheses: [Hypothesis],
    noise: Double = 0
  ) -> (hypothesis: Hypothesis, alternatives: Int)? {
    var best: (hypothesis: Hypothesis, weight: Double)?
    var ids: Set<CauseID> = []
    for hypothesis in hypotheses where hypothesis.value.isFinite {
      var hypothesis = hypothesis
      var weight = hypothesis.weight
      if !agree(given, hypothesis.value, noise: noise) {
        guard let ratio = factor(of: given, to: hypothesis.value, noise: noise) else { continue }
        let extra = mistakes(ratio: ratio, at: quantity)
        // A ratio without a meaning is weaker evidence than one with, and than any other mistake.
        weight += Double(extra.count) + (hasMeaning(ratio) ? 0.2 : 0.5)
        hypothesis.mistakes += extra
        hypothesis.value = given
      }
      if weight < (best?.weight ?? .infinity) - 1e-9 {
        best = (hypothesis, weight)
        ids = []
      }
      if let least = best?.weight, Swift.abs(weight - least) < 1e-9,
        let id = hypothesis.mistakes.compactMap(\.cause).last?.id
      {
        ids.insert(id)
      }
    }
    return best.map { ($0.hypothesis, max(ids.count, 1)) }
  }
}
