import Findings
import Plumbline

enum MaskMissing: KnownCause {
  static let id = CauseID.maskMissing
  static let meaning = "a ReLU's, dropout's or causal attention's mask missing in the backward pass"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    var all: [Hypothesis] = []
    if step.function.isMask, !step.isLast {
      all.append(
        step.hypothesis(
          step.incoming, id,
          "\(step.quantity) lacks the derivative of \(step.function.title): dZ = dA * \(step.function.formula)."
        ))
    }
    if let mask = step.mask, let derivative = step.derivative {
      // With or without the division by the probability of keeping a unit, which is right.
      for scale in Set([1, mask.largest]) {
        all.append(
          step.hypothesis(
            step.upstream.value * derivative * scale, id,
            "\(step.quantity) lacks dropout's mask: units dropped in the forward pass pass nothing back."
          ))
      }
    }
    return all
  }

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    guard step.layer > 1, step.context.masks[step.layer - 1] != nil else { return [] }
    let undropped = step.network.function(step.layer - 1)(step.context.argument[step.layer - 2])
    return [
      step.hypothesis(
        .weightGradient, matmul(undropped, step.dz, transposingFirst: true), id,
        "dW\(step.layer) is computed with activations before dropout's mask.")
    ]
  }
}

extension CauseID {
  /// A ReLU's or dropout's mask, missing in the backward pass.
  public static let maskMissing: Self = "mask-missing"
}
