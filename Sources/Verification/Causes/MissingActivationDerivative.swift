import Findings
import Plumbline

enum MissingActivationDerivative: KnownCause {
  static let id = CauseID.missingActivationDerivative
  static let meaning = "a hidden layer's derivative is missing"

  /// The cause to report if the derivative of a function is missing: that of a ReLU is a mask.
  static func id(lacking function: Nonlinearity) -> CauseID {
    function.isMask ? MaskMissing.id : id
  }

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard !step.isLast, step.function != .linear, !step.function.isMask else { return [] }
    return [
      step.hypothesis(
        step.incoming, id,
        "\(step.quantity) lacks the derivative of \(step.function.title): dZ = dA * \(step.function.formula)."
      )
    ]
  }

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard let upstream = step.nextUpstream,
      step.context.network.function(step.layer + 1) != .linear
    else { return [] }
    return [
      step.hypothesis(
        step.whole(matmul(upstream, step.weight, transposingSecond: true)), id,
        "\(step.quantity) is computed from dA\(step.layer + 1) where dZ\(step.layer + 1) belongs: the derivative of the activation "
          + "between them is missing.")
    ]
  }

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    guard let upstream = step.upstream, upstream.shape == step.dz.shape else { return [] }
    return [
      step.hypothesis(
        .weightGradient, step.data(upstream),
        step.layer == step.context.last ? OutputDerivativeMissing.id : id,
        "dW\(step.layer) is computed from dA\(step.layer) where dZ\(step.layer) belongs.")
    ]
  }

  static func biasGradients(_ step: ParameterStep) -> [Hypothesis] {
    guard let upstream = step.upstream else { return [] }
    return [
      step.hypothesis(
        .biasGradient, upstream.sum(alongAxes: [0]),
        step.layer == step.context.last ? OutputDerivativeMissing.id : id,
        "db\(step.layer) is computed from dA\(step.layer) where dZ\(step.layer) belongs.")
    ]
  }
}

extension CauseID {
  /// A hidden layer's derivative is missing.
  public static let missingActivationDerivative: Self = "missing-activation-derivative"
}
