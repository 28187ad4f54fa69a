import Findings
import Plumbline

enum ExtraActivationDerivative: KnownCause {
  static let id = CauseID.extraActivationDerivative
  static let meaning = "a derivative applied twice"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    var all: [Hypothesis] = []
    // A mask that is applied twice is the same mask.
    if let derivative = step.derivative, step.function != .linear,
      derivative.squared().relativeDistance(to: derivative) > 1e-9
    {
      all.append(
        step.hypothesis(
          step.incoming * derivative.squared(), id,
          "\(step.quantity) is multiplied by the derivative of \(step.function.title) twice."))
    }
    // After its own loss the difference A - Y holds the derivative already.
    let loss = step.context.network.loss.kind
    guard step.isLast, step.upstream.mistakes.isEmpty, loss.takesShares, step.function == .softmax
    else { return all }
    all.append(
      step.hypothesis(
        step.context.lastPreactivationGradient * step.output * (1 - step.output), id,
        "\(step.quantity) is multiplied by A (1 - A) once more: with this loss, A - Y already contains the derivative."
      ))
    return all
  }
}

extension ExtraActivationDerivative {
  /// dW from dZ times the derivative that dZ holds already.
  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    let layer = step.layer
    let function = step.network.function(layer)
    guard !function.isMask, function != .linear,
      let slope = function.derivative(at: step.context.argument[layer - 1]),
      slope.shape == step.dz.shape
    else { return [] }
    return [
      step.hypothesis(
        .weightGradient, step.data(step.dz * slope), id,
        "dW\(layer) is computed from dZ\(layer) times the derivative of \(function.title), which dZ\(layer) holds already."
      )
    ]
  }
}

extension CauseID {
  /// A derivative applied twice.
  public static let extraActivationDerivative: Self = "extra-activation-derivative"
}
