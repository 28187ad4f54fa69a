import Findings
import Plumbline

enum NormalizationScaleMissing: KnownCause {
  static let id = CauseID.normalizationScaleMissing
  static let meaning = "a normalization's scale, gamma, missing in the backward pass"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.normalization != nil else { return [] }
    let undivided = step.hypothesis(
      step.right(),
      Mistake(
        step.quantity, id,
        "\(step.quantity) lacks the division by the standard deviation: dZ = (dx - mean(dx) - x * mean(dx * x)) / std, where x is normalized."
      ), isDivided: false)
    guard step.context.parameters.scales[step.layer] != nil else { return [undivided] }
    let unscaled = step.hypothesis(
      step.right(),
      Mistake(
        step.quantity, id,
        "\(step.quantity) lacks gamma\(step.layer): the gradient of the normalized values is the gradient after them, times gamma."
      ), hasScale: false)
    return [unscaled, undivided]
  }
}

extension CauseID {
  /// A normalization's scale, gamma, missing in the backward pass.
  public static let normalizationScaleMissing: Self = "normalization-scale-missing"
}
