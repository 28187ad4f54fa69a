import Findings
import Plumbline

enum WeightsNotTransposed: KnownCause {
  static let id = CauseID.weightsNotTransposed
  static let meaning = "W instead of its transpose"

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let weight = step.weight
    guard weight.shape[0] == weight.shape[1], weight.shape[0] > 1 else { return [] }
    return [
      step.hypothesis(
        step.whole(matmul(step.next, weight)), id,
        "\(step.quantity) multiplies by W\(step.layer + 1) as in the forward pass; the backward pass needs the transpose."
      )
    ]
  }
}

extension CauseID {
  /// W instead of its transpose.
  public static let weightsNotTransposed: Self = "weights-not-transposed"
}
