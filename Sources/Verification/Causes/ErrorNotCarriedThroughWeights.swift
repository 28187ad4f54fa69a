import Findings
import Plumbline

enum ErrorNotCarriedThroughWeights: KnownCause {
  static let id = CauseID.errorNotCarriedThroughWeights
  static let meaning = "the next layer's error passed back without its weights"

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let units = step.weight.shape[0]
    let errors = [("dZ", step.next)] + (step.nextUpstream.map { [("dA", $0)] } ?? [])
    return errors.flatMap { name, error in
      let shape: Shape = [error.shape[0], units]
      let summed =
        error.shape[1] > 1
        ? [(error.sum(alongAxes: [1], keepingAxes: true), "summed over its units")] : []
      let unchanged = [1, units].contains(error.shape[1]) ? [(error, "unchanged")] : []
      return (unchanged + summed).map { error, words in
        step.hypothesis(
          step.whole(error.shape == shape ? error : error * .ones(shape)), id,
          "\(step.quantity) is \(name)\(step.layer + 1) \(words): it must be carried through the weights, dA\(step.layer) = dZ"
            + "\(step.layer + 1) · W\(step.layer + 1)ᵀ.")
      }
    }
  }
}

extension CauseID {
  /// The next layer's error passed back without its weights.
  public static let errorNotCarriedThroughWeights: Self = "error-not-carried-through-weights"
}
