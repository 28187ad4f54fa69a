import Findings
import Plumbline

enum ActivationAsDerivative: KnownCause {
  static let id = CauseID.activationAsDerivative
  static let meaning = "multiplied by A or Z instead of f', or in addition to it"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let derivative = step.derivative, step.function != .linear else { return [] }
    return [("A", step.output), ("Z", step.argument)].flatMap { name, value in
      [
        step.hypothesis(
          step.incoming * value, id,
          "\(step.quantity) is multiplied by \(name)\(step.layer) itself where the derivative belongs: dZ = dA * "
            + "\(step.function.formula)."),
        step.hypothesis(
          step.incoming * value * derivative, id,
          "\(step.quantity) is multiplied by \(name)\(step.layer) in addition to the derivative: dZ = dA * \(step.function.formula).",
          handicap: 0.1),
      ]
    }
  }
}

extension CauseID {
  /// Multiplied by A or Z instead of f', or in addition to it.
  public static let activationAsDerivative: Self = "activation-as-derivative"
}
