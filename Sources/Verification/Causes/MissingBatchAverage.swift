import Findings
import Plumbline

enum MissingBatchAverage: KnownCause {
  static let id = CauseID.missingBatchAverage
  static let meaning = "not divided by the number of examples"

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    guard comparison.examples > 1, comparison.isSame(ratio, comparison.examples) else { return nil }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is \(ratio.text) times too large, which is the number of examples: divide by m once."
    )
  }
}

extension CauseID {
  /// Not divided by the number of examples.
  public static let missingBatchAverage: Self = "missing-batch-average"
}
