import Findings
import Plumbline

enum ErrorNotCarriedThroughWeights: KnownCause {
  static let id = CauseID.errorNotCarriedThroughWeights
  static let meaning = "the next layer's error passed back without its weights"

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let units = step.weight.shape[0]
    let errors = [("dZ", step.next)] + (step.nextUpstream.map { [("dA", $0)] } ?? [])
    return errors.compactMap { name, error in
      let shape: Shape = [error.shape[0], units]
      guard error.shape[1] == 1 || error.shape[1] == units else { return nil }
      let value = error.shape == shape ? error : error * .ones(shape)
      return step.hypothesis(
        step.whole(value), id,
        "\(step.quantity) is \(name)\(step.layer + 1) unchanged: it must be carried through the weights, dA\(step.layer) = dZ"
          + "\(step.layer + 1) · W\(step.layer + 1)ᵀ.")
    }
  }
}

extension CauseID {
  /// The next layer's error passed back without its weights.
  public static let errorNotCarriedThroughWeights: Self = "error-not-carried-through-weights"
}
