import Findings
import Plumbline

enum ExtraBatchAverage: KnownCause {
  static let id = CauseID.extraBatchAverage
  static let meaning = "divided by the number of examples one time too many"

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    guard comparison.examples > 1, comparison.isSame(ratio, 1 / comparison.examples) else {
      return nil
    }
    if quantity.kind == .biasGradient { return BiasAveragedTwice.mistake(quantity, ratio) }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is divided by the number of examples, \((1 / ratio).text), one time too many.")
  }
}

extension CauseID {
  /// Divided by the number of examples one time too many.
  public static let extraBatchAverage: Self = "extra-batch-average"
}
