import Findings
import Plumbline

enum MissingRegularization: KnownCause {
  static let id = CauseID.missingRegularization
  static let meaning = "the gradient of the cost's penalty is missing or too small"

  /// All of it is missing.
  ///
  /// - Parameter remark: What else there is to say about the penalty.
  static func mistake(_ quantity: Quantity, _ remark: String) -> Mistake {
    Mistake(
      quantity, id, factor: 0, "\(quantity) lacks the gradient of the penalty\(remark).")
  }

  /// It is `found` times `parameter`, not `expected` times.
  static func mistake(
    _ quantity: Quantity, found: Double, expected: Double, _ parameter: String
  ) -> Mistake {
    let what =
      abs(found) <= 1e-6 * abs(expected)
      ? "lacks the gradient of the penalty: add \(expected.text) \(parameter)"
      : "has \((found / expected).text) times the gradient of the penalty: \(found.text) \(parameter), where the cost needs "
        + "\(expected.text) \(parameter)"
    return Mistake(quantity, id, factor: found / expected, "\(quantity) \(what).")
  }
}

extension CauseID {
  /// The gradient of the cost's penalty is missing or too small.
  public static let missingRegularization: Self = "missing-regularization"
}
