import Findings
import Plumbline

enum ExtraRegularization: KnownCause {
  static let id = CauseID.extraRegularization
  static let meaning =
    "the gradient of a penalty that the cost does not include, or of a larger one"

  /// It is `found` times `parameter`, not `expected` times.
  static func mistake(
    _ quantity: Quantity, found: Double, expected: Double, _ parameter: String
  ) -> Mistake {
    let what =
      expected == 0
      ? "includes a penalty on the weights that the cost does not: \(found.text) \(parameter)"
      : "has \((found / expected).text) times the gradient of the penalty: \(found.text) \(parameter), where the cost needs "
        + "\(expected.text) \(parameter)"
    return Mistake(
      quantity, id, factor: expected == 0 ? found : found / expected, "\(quantity) \(what).")
  }
}

extension CauseID {
  /// The gradient of a penalty that the cost does not include, or of a larger one.
  public static let extraRegularization: Self = "extra-regularization"
}
