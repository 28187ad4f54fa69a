import Findings
import Plumbline

/// f' and what is written in its place, taken at z and at a.
enum DerivativeTakenAtActivation: KnownCause {
  static let id = CauseID.derivativeTakenAtActivation
  static let meaning = "f' and what is written in its place, taken at z and at a"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let family = step.function.family else { return [] }
    return WrittenDerivative.all(of: family, as: step.function, step).filter(\.isElsewhere)
      .map { $0.hypothesis(step, id) }
  }
}

extension CauseID {
  public static let derivativeTakenAtActivation: Self = "derivative-taken-at-activation"
}
