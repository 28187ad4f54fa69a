import Findings
import Plumbline

enum RegularizedBias: KnownCause {
  static let id = CauseID.regularizedBias
  static let meaning = "a penalty on biases that the cost does not include"

  static func mistake(_ layer: Int, _ ratio: Double) -> Mistake {
    let quantity = Quantity(.biasGradient, layer)
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) includes \(ratio.text) times the bias, but the cost has no penalty on biases.")
  }

  /// Ones where zeros belong before the weights.
  static func mistake(ofOnes strength: Double, _ layer: Int) -> Mistake {
    let quantity = Quantity(.biasGradient, layer)
    return Mistake(
      quantity, id, factor: strength,
      "\(quantity) includes the penalty's \(strength.text) in every entry, as for biases of 1: the cost has no penalty on biases, so 0 "
        + "belongs there.")
  }
}

extension CauseID {
  /// A penalty on biases that the cost does not include.
  public static let regularizedBias: Self = "regularized-bias"
}
