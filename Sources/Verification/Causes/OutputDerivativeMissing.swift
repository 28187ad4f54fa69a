import Findings
import Plumbline

enum OutputDerivativeMissing: KnownCause {
  static let id = CauseID.outputDerivativeMissing
  static let meaning = "the output's derivative is missing"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.isLast, step.function != .linear else { return [] }
    let advice =
      step.function == .softmax && step.context.network.loss.kind == .crossEntropy
      ? "with cross-entropy dZ = A - Y."
      : "dZ = dA * \(step.function.formula)."
    return [
      step.hypothesis(
        step.incoming, id,
        "\(step.quantity) lacks the derivative of the output's \(step.function.title): \(advice)")
    ]
  }
}

extension CauseID {
  /// The output's derivative is missing.
  public static let outputDerivativeMissing: Self = "output-derivative-missing"
}
