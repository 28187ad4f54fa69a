import Findings
import Plumbline

enum BiasFromWrongQuantity: KnownCause {
  static let id = CauseID.biasFromWrongQuantity
  static let meaning = "a bias gradient computed from something other than dZ"

  static func biasGradients(_ step: ParameterStep) -> [Hypothesis] {
    var sources: [(String, Tensor<Double>)] = [("dW", step.data(step.dz))]
    if let given = step.context.given[Quantity(.weightGradient, step.layer)], given.isFinite,
      given.shape == sources[0].1.shape
    {
      sources.append(("dW", given))
    }
    sources.append(("W", step.context.weight(step.layer)))
    sources.append(("A", step.context.a[step.layer - 1]))
    sources.append(("Z", step.context.z[step.layer - 1]))
    // Of the last layer it is known without being given.
    let following =
      step.context.given[Quantity(.preactivationGradient, step.layer + 1)]
      ?? (step.layer + 1 == step.context.last ? step.context.lastPreactivationGradient : nil)
    if let next = following, next.shape == step.dz.shape {
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
          "db\(name) is computed from \(text): it should be the sum of dZ\(name) over the examples, whatever entered the layer."
        )
      }
    }
  }
}

extension CauseID {
  /// A bias gradient computed from something other than dZ.
  public static let biasFromWrongQuantity: Self = "bias-from-wrong-quantity"
}
