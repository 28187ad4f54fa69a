import Findings
import Plumbline

enum UpdatedWeights: KnownCause {
  static let id = CauseID.updatedWeights
  static let meaning = "an error carried back through weights that were already updated"

  /// Another array of the weight's shape, near it, as programs have that compute the new weights beside the old ones.
  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let own = step.layer + 1
    return step.context.spare.sorted { $0.key < $1.key }.flatMap { name, value in
      [value, value.transposed()].filter {
        $0.shape == step.weight.shape && $0 != step.weight
          && $0.relativeDistance(to: step.weight) < 0.5
      }.map {
        step.hypothesis(
          step.whole(matmul(step.next, $0, transposingSecond: true)), id,
          "\(step.quantity) multiplies by \(name) where W\(own) belongs: compute all gradients before changing any parameter."
        )
      }
    }
  }

  static func cause(_ quantity: Quantity, step: Double) -> Cause {
    Cause(
      id: id, factor: -step,
      explanation:
        "\(quantity) is computed with W\(quantity.layer + 1) after a step of \((-step).text) along its gradient: compute all gradients "
        + "before changing any parameter.")
  }
}

extension CauseID {
  /// An error carried back through weights that were already updated.
  public static let updatedWeights: Self = "updated-weights"
}
