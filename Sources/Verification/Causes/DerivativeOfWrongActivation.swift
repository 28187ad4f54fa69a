import Findings
import Plumbline

enum DerivativeOfWrongActivation: KnownCause {
  static let id = CauseID.derivativeOfWrongActivation
  static let meaning = "the derivative of another function"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.function != .softmax else { return [] }
    let family = step.function.family
    var all = Activation.elementwise.filter { $0 != .linear && $0 != family }.flatMap { other in
      WrittenDerivative.all(of: other, as: .elementwise(other), step)
    }
    let z = step.argument
    all += WrittenDerivative.halfWritten(step)
    // Another form of the same function, and parts of its derivative.
    switch step.function {
    case .elementwise(.gelu):
      all.append(WrittenDerivative(value: normalCDF(z), words: "Φ(Z), a part of the derivative"))
    case .elementwise(.silu):
      all.append(
        WrittenDerivative(
          value: step.function(z) / select(z, z, .ones(z.shape)), words: "the factor of Z alone"))
    case .elementwise(.elu):
      all.append(
        WrittenDerivative(
          value: select(compare(z, .greater, Tensor(0)), Tensor(1), step.output),
          words: "A where A + 1 belongs for Z below 0"))
    case .rarer(let function):
      if let family { all += WrittenDerivative.all(of: family, as: .elementwise(family), step) }
      all += function.form.halfWritten(z, step.output).map {
        WrittenDerivative(value: $0, words: $1)
      }
    default: break
    }
    return all.map { $0.hypothesis(step, id) }
  }
}

extension CauseID {
  public static let derivativeOfWrongActivation: Self = "derivative-of-wrong-activation"
}
