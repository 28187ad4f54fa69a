import Findings
import Plumbline

/// A bias gradient that is not the sum over the examples.
enum BiasNotSummed: KnownCause {
  static let id = CauseID.biasNotSummed

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

  /// A bias gradient that has one value for each example, or one for all units.
  static func mistake(
    ofShape shape: Shape, _ step: ParameterStep
  ) -> Mistake {
    let quantity = Quantity(.biasGradient, step.layer)
    let what = shape.rank == 1 ? "one number for all units" : "one value for each example"
    return Mistake(
      quantity, id,
      "\(quantity) has \(what): db = sum of dZ over the examples, one value for each unit.")
  }
}

/// A bias gradient summed over the units.
enum BiasSummedOverWrongAxis: KnownCause {
  static let id = CauseID.biasSummedOverWrongAxis

  static func mistake(_ layer: Int) -> Mistake {
    let quantity = Quantity(.biasGradient, layer)
    return Mistake(
      quantity, id,
      "\(quantity) is summed over the units, and has to be summed over the examples: the other axis."
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

/// A bias gradient made of something else than dZ.
enum BiasFromWrongQuantity: KnownCause {
  static let id = CauseID.biasFromWrongQuantity

  static func biasGradients(_ step: ParameterStep) -> [Hypothesis] {
    var sources: [(String, Tensor<Double>)] = [("dW", step.data(step.dz))]
    if let given = step.context.given[Quantity(.weightGradient, step.layer)], given.isFinite,
      given.shape == sources[0].1.shape
    {
      sources.append(("dW", given))
    }
    sources.append(("W", step.context.weight(step.layer)))
    if let next = step.context.given[Quantity(.preactivationGradient, step.layer + 1)],
      next.shape == step.dz.shape
    {
      sources.append(("dZ\(step.layer + 1), of another layer,", next))
    }
    let name = step.layer
    return sources.flatMap { source, value -> [Hypothesis] in
      let sum = value.sum(alongAxes: [0])
      guard sum.count > 1 || value.shape[0] > 1 else { return [] }
      let text = source.count <= 2 ? "\(source)\(name)" : source
      return [sum, sum * (1 / Double(value.shape[0]))].map {
        step.hypothesis(
          .biasGradient, $0, id,
          "db\(name) is made of \(text): it is the sum of dZ\(name) over the examples, whatever entered the layer."
        )
      }
    }
  }
}

/// A penalty on biases that the cost does not hold.
enum RegularizedBias: KnownCause {
  static let id = CauseID.regularizedBias

  static func mistake(_ layer: Int, _ ratio: Double) -> Mistake {
    let quantity = Quantity(.biasGradient, layer)
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) holds \(ratio.text) times the bias, and the cost has no penalty on biases.")
  }
}

extension CauseID {
  public static let biasNotSummed: Self = "bias-not-summed"
  public static let biasSummedOverWrongAxis: Self = "bias-summed-over-wrong-axis"
  public static let biasFromWrongQuantity: Self = "bias-from-wrong-quantity"
  public static let regularizedBias: Self = "regularized-bias"
}
