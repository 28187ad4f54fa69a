import Findings
import Plumbline

enum DerivativeOfWrongActivation: KnownCause {
  static let id = CauseID.derivativeOfWrongActivation
  static let meaning = "the derivative of a different function"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.function != .softmax else { return [] }
    let family = step.function.family
    // Softplus has the sigmoid itself for a derivative: whoever multiplies by A has not thought of softplus.
    let others = Activation.elementwise.filter {
      $0 != .linear && $0 != family && !($0 == .softplus && family == .sigmoid)
    }
    var all = others.flatMap { other in
      WrittenDerivative.all(of: other, as: .elementwise(other), step)
    }
    all += WrittenDerivative.halfWritten(step.function, step.argument, step.output)
    // That of the common form, where the layer's own has numbers that are less usual.
    if let family, step.function != .elementwise(family) {
      all += WrittenDerivative.all(of: family, as: .elementwise(family), step)
    }
    // Another form of the same activation, as GELU by a tanh.
    for other in RarerFunction.common
    where other.form.family == family && step.function != .rarer(other) {
      if let slope = Nonlinearity.rarer(other).derivative(at: step.argument) {
        all.append(
          WrittenDerivative(value: slope, words: "the derivative of \(other.form.title)"))
      }
    }
    return all.map { $0.hypothesis(step, id) }
  }
}

extension CauseID {
  /// The derivative of a different function.
  public static let derivativeOfWrongActivation: Self = "derivative-of-wrong-activation"
}
