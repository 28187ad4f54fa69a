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
    if let (derivative, words) = WrittenActivation.of(activation)?.byOutput {
      all.append(WrittenDerivative(value: derivative(a), words: words("A")))
      all.append(WrittenDerivative(value: derivative(z), words: words("Z"), isElsewhere: true))
    }
    return all
  }

  /// Derivatives of a function with a part of them left out.
  static func halfWritten(
    _ function: Nonlinearity, _ z: Tensor<Double>, _ a: Tensor<Double>
  ) -> [WrittenDerivative] {
    function.halfWritten(z, a).map { WrittenDerivative(value: $0, words: $1) }
  }
}
