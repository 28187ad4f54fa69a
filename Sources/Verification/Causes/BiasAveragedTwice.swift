import Findings
import Plumbline

enum BiasAveragedTwice: KnownCause {
  static let id = CauseID.biasAveragedTwice
  static let meaning = "a bias gradient averaged where it should be summed"

  static func mistake(_ quantity: Quantity, _ ratio: Double) -> Mistake {
    Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is a mean over the \((1 / ratio).text) examples where a sum belongs: dZ is already divided by their number, or the "
        + "cost is a sum.")
  }
}

extension CauseID {
  /// A bias gradient averaged where it should be summed.
  public static let biasAveragedTwice: Self = "bias-averaged-twice"
}
