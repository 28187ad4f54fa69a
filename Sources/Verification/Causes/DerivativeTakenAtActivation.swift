import Findings
import Plumbline

enum DerivativeTakenAtActivation: KnownCause {
  static let id = CauseID.derivativeTakenAtActivation
  static let meaning = "f' evaluated at a instead of z, or the reverse"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let family = step.function.family else { return [] }
    return WrittenDerivative.all(of: family, as: step.function, step).filter(\.isElsewhere)
      .map { $0.hypothesis(step, id) } + atGradient(step, family)
  }

  /// A function that takes the gradient for its argument: the derivative at dA, alone or times dA.
  private static func atGradient(_ step: FunctionStep, _ family: Activation) -> [Hypothesis] {
    let da = step.incoming
    if step.function.hasKink, !step.isLast, let slope = step.function.derivative(at: da) {
      return [
        step.hypothesis(
          da * slope, id,
          "\(step.quantity) takes the derivative of \(step.function.title) at dA\(step.layer), by the sign of the gradient: dZ = dA * "
            + "\(step.function.formula).", handicap: 0.05)
      ]
    }
    guard step.function != .linear, !step.function.hasKink, da.count > 1 else { return [] }
    return WrittenDerivative.all(of: family, as: step.function, da, da).flatMap { written in
      [(written.value, ""), (written.value * da, "dA\(step.layer) times ")].map { value, before in
        step.hypothesis(
          value, id,
          "\(step.quantity) is \(before)\(written.words), written with dA\(step.layer) where Z\(step.layer) or A\(step.layer) belongs: "
            + "dZ = dA * \(step.function.formula).", handicap: 0.3)
      }
    }
  }
}

extension CauseID {
  /// F' and what is written in its place, evaluated at z and at a.
  public static let derivativeTakenAtActivation: Self = "derivative-taken-at-activation"
}
