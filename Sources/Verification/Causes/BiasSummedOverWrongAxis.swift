import Findings
import Plumbline

enum BiasSummedOverWrongAxis: KnownCause {
  static let id = CauseID.biasSummedOverWrongAxis
  static let meaning = "a bias gradient summed over the units"

  static func mistake(_ layer: Int) -> Mistake {
    let quantity = Quantity(.biasGradient, layer)
    return Mistake(
      quantity, id,
      "\(quantity) is summed over the units, but must be summed over the examples: the other axis."
    )
  }

  static func biasGradients(_ step: ParameterStep) -> [Hypothesis] {
    guard step.dz.shape[0] == step.dz.shape[1], step.dz.shape[1] > 1 else { return [] }
    return [
      Hypothesis(
        value: step.dz.sum(alongAxes: [1]), mistakes: [mistake(step.layer)])
    ]
  }
}

extension CauseID {
  /// A bias gradient summed over the units.
  public static let biasSummedOverWrongAxis: Self = "bias-summed-over-wrong-axis"
}
