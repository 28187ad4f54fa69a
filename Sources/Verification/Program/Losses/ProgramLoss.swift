import Findings
import Plumbline

/// How a user's program compares outputs and targets: a sum over examples and outputs, times a scale.
public struct ProgramLoss: Sendable, Hashable {
  /// The terms that are summed.
  public struct Kind: Sendable {
    let terms: any LossTerms

    init(_ terms: some LossTerms) { self.terms = terms }
    fileprivate init(any terms: any LossTerms) { self.terms = terms }

    /// Every form, in the order of their frequency.
    static let forms: [any LossTerms.Type] = [
      CrossEntropyTerms.self,
      BinaryCrossEntropyTerms.self,
      SquaredErrorTerms.self,
      AbsoluteErrorTerms.self,
      HuberTerms.self,
      HingeTerms.self,
      SquaredHingeTerms.self,
      PoissonTerms.self,
      RootMeanSquareTerms.self,
      LogCoshTerms.self,
      LogisticTerms.self,
      DivergenceTerms.self,
      WeightedTerms.self,
      SmoothedTerms.self,
    ]

    /// The losses of all forms, with the numbers that a file gives for them.
    static func all(_ hints: LossHints = LossHints()) -> [Kind] {
      forms.flatMap { form in form.forms(hints).map { Kind(any: $0) } }
    }

    /// Every loss in its plain form.
    static let plain = forms.compactMap { form in
      form.forms(LossHints()).first.map { Kind(any: $0) }
    }

    /// Its usual name.
    public var rawValue: String { terms.title }

    /// The loss that customarily follows an output function.
    static func customary(after output: Nonlinearity) -> Kind {
      plain.first { $0.terms.isCustomary(after: output) } ?? .squaredError
    }

    /// The sum of the terms for outputs that are `output` of `preactivations`.
    func sum<T: TensorProtocol>(
      _ activations: T, _ output: Nonlinearity, of preactivations: T, targets: T
    ) -> T {
      func sum(_ terms: some LossTerms) -> T {
        terms.terms(activations, output, of: preactivations, targets: targets).sum()
      }
      return sum(terms)
    }

    /// Whether it accepts the outputs of a function.
    func takes(_ function: Nonlinearity) -> Bool { terms.takes(function) }
    /// Whether it accepts targets `[examples, outputs]`.
    func isPossible(_ targets: Tensor<Double>) -> Bool { terms.isPossible(targets) }
    /// Whether it compares shares between 0 and 1.
    var takesShares: Bool { terms.takesShares }
  }

  /// The terms.
  public var kind: Kind
  /// The factor on their sum.
  public var scale: Double

  /// The cost for outputs that are `output` of `preactivations`.
  func callAsFunction<T: TensorProtocol>(
    _ activations: T, _ output: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    cost(ofSum: kind.sum(activations, output, of: preactivations, targets: targets))
  }

  /// The cost for a sum of terms.
  func cost<T: TensorProtocol>(ofSum sum: T) -> T {
    func cost(_ terms: some LossTerms) -> T { terms.cost(sum * scale) }
    return cost(kind.terms)
  }

  /// The cost for outputs as a program has them.
  func value(
    _ outputs: Tensor<Double>, _ output: Nonlinearity, targets: Tensor<Double>
  ) -> Double {
    value(ofSum: kind.terms.sum(outputs, output, targets: targets))
  }

  /// The cost for a sum of terms.
  func value(ofSum sum: Double) -> Double { cost(ofSum: Tensor<Double>(sum)).scalar }

  /// The factor on the derivatives of the plain sum of the terms.
  func steepness(atSum sum: Double) -> Double {
    outerSlope(atSum: sum) * scale
  }

  /// The derivative of the cost by the scaled sum of the terms.
  private func outerSlope(atSum sum: Double) -> Double {
    func slope(_ terms: some LossTerms) -> Double {
      terms.cost(Tensor<Double>(sum * scale).dual(tangent: Tensor<Double>(1))).tangent().scalar
    }
    return slope(kind.terms)
  }

  /// The gradient of the cost with respect to the outputs, with `small` added to divisors.
  func gradient(
    _ outputs: Tensor<Double>, _ output: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double = 0
  ) -> Tensor<Double> {
    let derivative =
      kind.terms.derivative(outputs, output, targets: targets, guardedBy: small) * scale
    let outer = outerSlope(atSum: kind.terms.sum(outputs, output, targets: targets))
    return outer == 1 || !outer.isFinite ? derivative : derivative * outer
  }

  /// Whether a scale described by these words divides by the number of examples; the number alone could not tell.
  static func averagesExamples(_ words: String) -> Bool {
    words.contains("mean over the examples") || words.contains("mean over examples")
      || words.contains("averaged")
  }

  /// The usual factors on the sum, most frequent first; each with its description.
  static func scales(
    _ kind: Kind, examples: Int, outputs: Int
  ) -> [(scale: Double, words: String)] {
    let (m, k) = (Double(examples), Double(outputs))
    let means = [
      (1 / m, "the mean over the examples"), (1 / (m * k), "the mean over examples and outputs"),
    ]
    let customary = kind.terms.isOverClasses || outputs == 1 ? means : means.reversed()
    return kind.terms.ownScales + customary + [
      (0.5 / m, "half the mean over the examples"),
      (0.5 / (m * k), "half the mean over examples and outputs"), (1, "the sum"),
      (0.5, "half the sum"), (1 / k, "the sum over the examples, a mean over the outputs"),
      (0.5 / k, "half the sum over the examples, a mean over the outputs"),
    ]
  }
}

extension ProgramLoss.Kind: Hashable {
  /// Whether form and numbers are equal.
  public static func == (left: Self, right: Self) -> Bool {
    func equals<Terms: LossTerms>(_ terms: Terms) -> Bool { right.terms as? Terms == terms }
    return equals(left.terms)
  }

  /// Hashes form and numbers.
  public func hash(into hasher: inout Hasher) { hasher.combine(terms) }
}

extension ProgramLoss.Kind {
  /// The names of all losses for an option.
  public static let names = forms.flatMap { $0.names.prefix(1) }

  /// The name for an option.
  public var name: String { terms.name }

  /// What is said where the cost of a file is this loss and not the one that somebody has named.
  func remark(inPlaceOf asked: Self, _ scaleWords: String) -> String {
    "The cost in your file is not the \(asked.rawValue), as \(Setting.loss) \(asked.name) says: its value is that of the \(rawValue), "
      + "\(scaleWords). The gradients are judged as those of the \(rawValue). If you mean to minimize the \(asked.rawValue), save its value "
      + "as cost."
  }

  /// The loss for a name, in any usual spelling and with its number after a colon; for a title, as in "huber loss (delta 2)"; or for another
  /// name of the library's loss of that name.
  public init?(spelled text: String) {
    func isCalled(_ kind: Self, _ name: String) -> Bool {
      func names<Terms: LossTerms>(_ terms: Terms) -> [String] {
        [terms.name, terms.title] + Terms.names
      }
      return names(kind.terms).contains { Spelling.isSame($0, name) }
    }
    // Weights are in the file, and not in the name.
    let plain = text.hasPrefix("weighted ") ? String(text.dropFirst("weighted ".count)) : text
    let name = LossFunction(rawValue: plain)?.rawValue ?? plain
    let numbers = plain.split { " ():".contains($0) }.compactMap { Double($0) }
    let numbered = numbers.prefix(1).flatMap { number in
      Self.forms.flatMap { form in form.numbered(number).map { Self(any: $0) } }
    }
    guard
      let found = numbered.first(where: { $0.name == plain || $0.rawValue == plain })
        ?? Self.plain.first(where: { isCalled($0, plain) || isCalled($0, name) })
    else { return nil }
    self = found
  }
}
