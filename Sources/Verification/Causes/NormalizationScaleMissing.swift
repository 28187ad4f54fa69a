import Findings
import Plumbline

enum NormalizationScaleMissing: KnownCause {
  static let id = CauseID.normalizationScaleMissing
  static let summary = "the scale of a normalization, gamma, forgotten on the way back"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.normalization != nil, step.context.parameters.scales[step.layer] != nil else {
      return []
    }
    return [
      step.hypothesis(
        step.right(),
        Mistake(
          step.quantity, id,
          "\(step.quantity) lacks gamma\(step.layer): the gradient of the normalized values is that of what follows them, times gamma."
        ), hasScale: false)
    ]
  }
}

extension CauseID {
  public static let normalizationScaleMissing: Self = "normalization-scale-missing"
}
