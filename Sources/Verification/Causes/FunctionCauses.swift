import Findings
import Plumbline

/// A hidden layer's derivative, forgotten.
enum MissingActivationDerivative: KnownCause {
  static let id = CauseID.missingActivationDerivative

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard !step.isLast, step.function != .linear, step.function != .elementwise(.relu) else {
      return []
    }
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

/// The output's derivative, forgotten.
enum OutputDerivativeMissing: KnownCause {
  static let id = CauseID.outputDerivativeMissing

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

/// A derivative, applied once more.
enum ExtraActivationDerivative: KnownCause {
  static let id = CauseID.extraActivationDerivative

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    var all: [Hypothesis] = []
    if let derivative = step.derivative, step.function != .linear, !step.function.hasKink {
      all.append(
        step.hypothesis(
          step.incoming * derivative.squared(), id,
          "\(step.quantity) is multiplied with the derivative of \(step.function.title) twice."))
    }
    // After its own loss the difference A - Y holds the derivative already.
    let loss = step.context.network.loss.kind
    guard step.isLast, step.upstream.mistakes.isEmpty, loss.takesShares, step.function == .softmax
    else { return all }
    all.append(
      step.hypothesis(
        step.context.lastPreactivationGradient * step.output * (1 - step.output), id,
        "\(step.quantity) is multiplied with A (1 - A) once more: after this loss A - Y holds the derivative already."
      ))
    return all
  }
}

/// Softmax, whose units depend on one another, treated element by element.
enum DiagonalJacobian: KnownCause {
  static let id = CauseID.diagonalJacobian

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.function == .softmax else { return [] }
    return [
      step.hypothesis(
        step.incoming * step.output * (1 - step.output), id,
        "\(step.quantity) multiplies with A (1 - A), element by element; softmax couples the units: dZ = A * (dA - sum of dA * A over "
          + "the units), and with cross-entropy A - Y.")
    ]
  }
}

/// f' and what is written in its place, taken at z and at a.
enum DerivativeTakenAtActivation: KnownCause {
  static let id = CauseID.derivativeTakenAtActivation

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let family = step.function.family else { return [] }
    return WrittenDerivative.all(of: family, as: step.function, step).filter(\.isElsewhere)
      .map { $0.hypothesis(step, id) }
  }
}

/// The derivative of another function.
enum DerivativeOfWrongActivation: KnownCause {
  static let id = CauseID.derivativeOfWrongActivation

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let family = step.function.family else { return [] }
    var all = Activation.elementwise.filter { $0 != .linear && $0 != family }.flatMap { other in
      WrittenDerivative.all(of: other, as: .elementwise(other), step)
    }
    let z = step.argument
    // Another form of the same function, and parts of its derivative.
    switch step.function {
    case .elementwise(.gelu):
      all.append(WrittenDerivative(value: normalCDF(z), words: "Φ(Z), a part of the derivative"))
    case .geluByTanh, .elementwise(.silu):
      all.append(
        WrittenDerivative(
          value: step.function(z) / select(z, z, .ones(z.shape)), words: "the factor of Z alone"))
    case .leaky:
      all += WrittenDerivative.all(of: .leakyRelu, as: .elementwise(.leakyRelu), step)
    case .elu, .elementwise(.elu):
      all.append(
        WrittenDerivative(
          value: select(compare(z, .greater, Tensor(0)), Tensor(1), step.output),
          words: "A where A + 1 belongs for Z below 0"))
      if case .elu = step.function {
        all += WrittenDerivative.all(of: .elu, as: .elementwise(.elu), step)
      }
    default: break
    }
    return all.map { $0.hypothesis(step, id) }
  }
}

/// A derivative as a program may have it.
private struct WrittenDerivative {
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
    let (z, a) = (step.argument, step.output)
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

/// A or Z multiplied in where f' belongs, or besides it.
enum ActivationAsDerivative: KnownCause {
  static let id = CauseID.activationAsDerivative

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let derivative = step.derivative, step.function != .linear else { return [] }
    return [("A", step.output), ("Z", step.argument)].flatMap { name, value in
      [
        step.hypothesis(
          step.incoming * value, id,
          "\(step.quantity) is multiplied with \(name)\(step.layer) itself where the derivative belongs: dZ = dA * "
            + "\(step.function.formula)."),
        step.hypothesis(
          step.incoming * value * derivative, id,
          "\(step.quantity) is multiplied with \(name)\(step.layer) besides the derivative: dZ = dA * \(step.function.formula).",
          handicap: 0.1),
      ]
    }
  }
}

extension CauseID {
  public static let missingActivationDerivative: Self = "missing-activation-derivative"
  public static let outputDerivativeMissing: Self = "output-derivative-missing"
  public static let extraActivationDerivative: Self = "extra-activation-derivative"
  public static let diagonalJacobian: Self = "diagonal-jacobian"
  public static let derivativeTakenAtActivation: Self = "derivative-taken-at-activation"
  public static let derivativeOfWrongActivation: Self = "derivative-of-wrong-activation"
  public static let activationAsDerivative: Self = "activation-as-derivative"
}
