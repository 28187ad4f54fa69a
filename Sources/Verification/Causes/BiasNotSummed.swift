import Findings
import Plumbline

enum BiasNotSummed: KnownCause {
  static let id = CauseID.biasNotSummed
  static let meaning = "a bias gradient that is not the sum over the examples"

  static func mistake(_ step: ParameterStep) -> Mistake {
    let quantity = Quantity(.biasGradient, step.layer)
    return Mistake(
      quantity, id,
      "\(quantity) is not the sum of dZ\(step.layer) over the examples: db = sum of dZ over the examples."
    )
  }

  /// One example's gradient, or a sum over everything.
  static func biasGradients(_ step: ParameterStep) -> [Hypothesis] {
    let (dz, rows) = (step.dz, step.dz.shape[0])
    let units = dz.shape[1]
    var values: [Tensor<Double>] = []
    for row in [0, rows - 1] where rows > 1 {
      values.append(dz.sliced(axis: 0, row..<row + 1).reshaped(to: [units]))
    }
    if units > 1 {
      let everything = Tensor<Double>.ones([units]) * dz.sum().scalar
      values += [everything, everything * (1 / Double(units))]
    }
    return values.map { Hypothesis(value: $0, mistakes: [mistake(step)]) }
  }

  /// A bias gradient whose shape is not that of the bias.
  static func cause(ofShape shape: Shape, _ quantity: Quantity) -> Cause {
    Cause(
      id: id,
      explanation:
        "\(quantity) has the shape \(shape): a bias gradient is the sum over examples and positions, one value per unit."
    )
  }

  /// A bias gradient that has one value for each example, or one for all units.
  static func mistake(
    ofShape shape: Shape, _ step: ParameterStep
  ) -> Mistake {
    let quantity = Quantity(.biasGradient, step.layer)
    let what = shape.rank == 1 ? "one number for all units" : "one value per example"
    return Mistake(
      quantity, id,
      "\(quantity) has \(what): db = sum of dZ over the examples, one value per unit.")
  }
}

extension CauseID {
  /// A bias gradient that is not the sum over the examples.
  public static let biasNotSummed: Self = "bias-not-summed"
}
