/// What an experiment predicts of the training loss, in a form that its intervals decide.
public struct Prediction: Sendable, Hashable {
  enum Form: Sendable, Hashable {
    /// An arm's loss is larger at the largest depth than at the shallow one.
    case rises(String)
    /// At the largest depth an arm's loss is below another's, or not above it.
    case isBelow(String, String)
    case isNotAbove(String, String)
  }

  let form: Form

  /// From a shallow network to the deepest the loss of an arm rises.
  public static func rises(_ arm: String) -> Prediction { Prediction(form: .rises(arm)) }

  /// At the largest depth the loss of an arm is below that of another, seed by seed.
  public static func isBelow(_ arm: String, _ other: String) -> Prediction {
    Prediction(form: .isBelow(arm, other))
  }

  /// At the largest depth the loss of an arm is not shown to be above that of another, seed by seed.
  public static func isNotAbove(_ arm: String, _ other: String) -> Prediction {
    Prediction(form: .isNotAbove(arm, other))
  }

  /// The arms that it is about.
  var arms: [String] {
    switch form {
    case .rises(let arm): [arm]
    case .isBelow(let arm, let other), .isNotAbove(let arm, let other): [arm, other]
    }
  }

  /// Whether it needs two depths.
  var comparesDepths: Bool { if case .rises = form { true } else { false } }

  /// The check of it under a condition; `nil` where the results do not hold what it needs.
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
    case .isBelow(let arm, let other):
      guard let difference = results.difference(arm, other, deep, condition) else { return nil }
      return Check(
        "\(prefix)depth \(deep): \(other) training loss above \(arm)", .above, 0,
        median: difference.negated)
    case .isNotAbove(let arm, let other):
      guard let difference = results.difference(arm, other, deep, condition) else { return nil }
      return Check(
        "\(prefix)depth \(deep): \(arm) training loss above \(other)", .notAbove, 0,
        median: difference)
    }
  }

  /// The prediction as a part of a sentence.
  func words(deepest depth: Int) -> String {
    switch form {
    case .rises(let arm): "\(arm) training loss rises with depth"
    case .isBelow(let arm, let other):
      "\(arm) training loss is below \(other) at depth \(depth)"
    case .isNotAbove(let arm, let other):
      "\(arm) training loss is not above \(other) at depth \(depth)"
    }
  }
}
