import Findings
import Plumbline

enum RegularizedBias: KnownCause {
  static let id = CauseID.regularizedBias
  static let meaning = "a penalty on biases that the cost does not hold"

  static func mistake(_ layer: Int, _ ratio: Double) -> Mistake {
    let quantity = Quantity(.biasGradient, layer)
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) holds \(ratio.text) times the bias, and the cost has no penalty on biases.")
  }
}

extension CauseID {
  public static let regularizedBias: Self = "regularized-bias"
}
