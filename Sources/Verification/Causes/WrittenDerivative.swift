import Findings
import Plumbline

/// A derivative as a program may have it.
struct WrittenDerivative {
  let value: Tensor<Double>
  let words: String
  /// Whether it is taken at A where Z belongs, or the reverse.
  var isElsewhere = false

  func hypothesis(_ step: FunctionStep, _ id: CauseID) -> Hypothesis {
    step.hypothesis(
      step.incoming * value, id,
      "\(step.quantity) uses \(words) where the layer is \(step.function.title): dZ = dA * \(step.function.formula)."
    )
  }

  static func all(
    of activation: Activation, as function: Nonlinearity, _ step: FunctionStep
  ) -> [WrittenDerivative] {
    all(of: activation, as: function, step.argument, step.output)
  }

  /// The ways to write a derivative at pre-activations and activations.
  static func all(
    of activation: Activation, as function: Nonlinearity, _ z: Tensor<Double>, _ a: Tensor<Double>
  ) -> [WrittenDerivative] {
    func slope(_ x: Tensor<Double>) -> Tensor<Double> { function.derivative(at: x) ?? x }
    var all = [
      WrittenDerivative(value: slope(z), words: "the derivative of \(function.title)"),
      WrittenDerivative(
        value: slope(a),
        words: "the derivative of \(function.title) as a function of z, taken at A",
        isElsewhere: true),
    ]
    if let (formula, words) = byOutput(activation) {
      all.append(WrittenDerivative(value: formula(a), words: words("A")))
      all.append(WrittenDerivative(value: formula(z), words: words("Z"), isElsewhere: true))
    }
    return all
  }

  /// Derivatives of the layer's own function with a part of them left out.
  static func halfWritten(_ step: FunctionStep) -> [WrittenDerivative] {
    halfWritten(step.function, step.argument, step.output)
  }

  static func halfWritten(
    _ function: Nonlinearity, _ z: Tensor<Double>, _ a: Tensor<Double>
  ) -> [WrittenDerivative] {
    switch function.family {
    case .tanh:
      return [
        WrittenDerivative(value: 1 - a, words: "1 - A"),
        WrittenDerivative(value: 1 + a.squared(), words: "1 + A²"),
      ]
    case .sigmoid:
      return [
        WrittenDerivative(value: 1 - a, words: "1 - A"),
        WrittenDerivative(value: a * (1 + a), words: "A (1 + A)"),
        WrittenDerivative(value: 1 - a.squared(), words: "1 - A²"),
      ]
    case .relu:
      // Ones are written over what is above 0, and the rest is left.
      return [
        WrittenDerivative(
          value: select(compare(z, .greater, Tensor(0)), Tensor(1), z),
          words: "1 above 0 and Z itself below, where 0 belongs,")
      ]
    default: return []
    }
  }

  /// A derivative written by the activation's value, as in a (1 - a).
  private static func byOutput(
    _ activation: Activation
  ) -> ((Tensor<Double>) -> Tensor<Double>, (String) -> String)? {
    switch activation {
    case .tanh: ({ 1 - $0.squared() }, { "1 - \($0)²" })
    case .sigmoid: ({ $0 * (1 - $0) }, { "\($0) (1 - \($0))" })
    case .softplus: ({ 1 - exp(-$0) }, { "1 - exp(-\($0))" })
    case .elu: ({ minimum($0, Tensor(0)) + 1 }, { "min(\($0), 0) + 1" })
    default: nil
    }
  }
}
