/// A prediction of an experiment, in a form that its intervals can decide.
///
/// ```swift
/// [.rises("plain"), .isBelow("residual", "plain"), .isBelow("residual", .measure("start-loss", of: "grown"))]
/// ```
public struct Prediction: Sendable, Hashable {
  /// A number that every run of an arm has: its final training loss, denoted by the arm's name alone, or a measure.
  public struct Quantity: Sendable, Hashable, ExpressibleByStringLiteral {
    let arm: String, measure: String

    /// The training loss of an arm.
    public init(stringLiteral arm: String) { (self.arm, measure) = (arm, Measure.trainLoss) }

    private init(_ measure: String, of arm: String) { (self.arm, self.measure) = (arm, measure) }

    /// An arm's measure; ``Measure/trainLoss`` and ``Measure/trainError`` are always measured.
    public static func measure(_ name: String, of arm: String) -> Quantity {
      Quantity(name, of: arm)
    }

    /// The wording in a sentence.
    var words: String {
      switch measure {
      case Measure.trainLoss: "\(arm) training loss"
      case Measure.trainError: "\(arm) training error"
      default: "\(arm) \(measure)"
      }
    }

    /// The wording after another quantity: just the arm if both are of the same kind.
    func words(after other: Quantity) -> String { measure == other.measure ? arm : words }
  }

  enum Form: Sendable, Hashable {
    /// An arm's loss is larger at the largest depth than at the shallow one.
    case rises(String)
    /// At the largest depth a quantity is below another, or not above it.
    case isBelow(Quantity, Quantity)
    case isNotAbove(Quantity, Quantity)
    /// At the largest depth a quantity is a number in every run.
    case equals(Quantity, Double)
  }

  let form: Form

  /// From a shallow network to the deepest the loss of an arm rises.
  public static func rises(_ arm: String) -> Prediction { Prediction(form: .rises(arm)) }

  /// At the largest depth a quantity, such as the loss of an arm, is below another, seed by seed.
  public static func isBelow(_ quantity: Quantity, _ other: Quantity) -> Prediction {
    Prediction(form: .isBelow(quantity, other))
  }

  /// At the largest depth a quantity, such as the loss of an arm, is not shown to be above another, seed by seed.
  public static func isNotAbove(_ quantity: Quantity, _ other: Quantity) -> Prediction {
    Prediction(form: .isNotAbove(quantity, other))
  }

  /// At the largest depth a quantity is exactly this number in every run.
  public static func equals(_ quantity: Quantity, _ value: Double) -> Prediction {
    Prediction(form: .equals(quantity, value))
  }

  /// The quantities that it is about.
  private var quantities: [Quantity] {
    switch form {
    case .rises(let arm): [Quantity(stringLiteral: arm)]
    case .isBelow(let one, let other), .isNotAbove(let one, let other): [one, other]
    case .equals(let quantity, _): [quantity]
    }
  }

  /// The arms that it concerns.
  var arms: [String] { quantities.map(\.arm) }

  /// The measures that it needs in addition to loss and error on the training set.
  var measures: [String] {
    quantities.map(\.measure).filter { $0 != Measure.trainLoss && $0 != Measure.trainError }
  }

  /// Whether it needs two depths.
  var comparesDepths: Bool { if case .rises = form { true } else { false } }

  /// Its check under a condition; `nil` if the results lack what it needs.
  func check(_ results: GridResults, _ condition: Condition) -> Check? {
    let prefix = condition.settings.isEmpty ? "" : "\(condition): "
    guard let deep = results.depths.max() else { return nil }
    switch form {
    case .rises(let arm):
      guard let arm = results.arm(arm), let span = results.span,
        let growth = results.growth(of: arm, condition)
      else { return nil }
      return Check(
        "\(prefix)\(arm.rawValue): training loss at depth \(span.deep) above that at \(span.shallow)",
        .above, 0, median: growth.lossDifference)
    case .isBelow(let one, let other):
      guard let difference = results.difference(one, other, deep, condition) else { return nil }
      return Check(
        "\(prefix)depth \(deep): \(other.words) above \(one.words(after: other))", .above, 0,
        median: difference.negated)
    case .isNotAbove(let one, let other):
      guard let difference = results.difference(one, other, deep, condition) else { return nil }
      return Check(
        "\(prefix)depth \(deep): \(one.words) above \(other.words(after: one))", .notAbove, 0,
        median: difference)
    case .equals(let quantity, let value):
      guard let values = results.values(quantity, deep, condition) else { return nil }
      let furthest = values.max { abs($0 - value) < abs($1 - value) } ?? .infinity
      return Check(
        "\(prefix)depth \(deep): \(quantity.words)", predicted: value,
        measured: furthest.isFinite ? furthest : .greatestFiniteMagnitude, standardError: 0,
        tolerance: 0)
    }
  }

  /// The prediction as part of a sentence.
  func words(deepest depth: Int) -> String {
    switch form {
    case .rises(let arm): "\(arm) training loss rises with depth"
    case .isBelow(let one, let other):
      "\(one.words) is below \(other.words(after: one)) at depth \(depth)"
    case .isNotAbove(let one, let other):
      "\(one.words) is not above \(other.words(after: one)) at depth \(depth)"
    case .equals(let quantity, let value):
      "\(quantity.words) is \(Factor.Level.number(value)) at depth \(depth)"
    }
  }
}
