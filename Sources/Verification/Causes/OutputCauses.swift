import Findings
import Plumbline

/// The gradient of another loss than the one whose value is the cost.
enum GradientOfAnotherLoss: KnownCause {
  static let id = CauseID.gradientOfAnotherLoss

  static func outputGradients(_ step: OutputStep) -> [Hypothesis] {
    ProgramLoss.Kind.allCases.filter { $0 != step.loss.kind }.map { other in
      var hypothesis = step.hypothesis(
        step.gradient(of: other), id,
        "\(step.quantity) is the gradient of the \(other.rawValue), and the cost is the \(step.loss.kind.rawValue)."
      )
      hypothesis.handicap = 0.15
      return hypothesis
    }
  }

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.isLast, step.upstream.mistakes.isEmpty, !step.context.network.loss.kind.takesShares,
      step.function != .linear
    else { return [] }
    let difference = (step.output - step.context.targets) * step.context.network.loss.scale
    return [
      step.hypothesis(
        difference, id,
        "\(step.quantity) is A - Y, the gradient of a cross-entropy, and the cost is the "
          + "\(step.context.network.loss.kind.rawValue): dZ = dA * \(step.function.formula).",
        handicap: 0.05)
    ]
  }
}

/// Outputs (m, 1) minus labels (m,): NumPy makes m x m of it.
enum LabelsBroadcast: KnownCause {
  static let id = CauseID.labelsBroadcast

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.isLast, step.upstream.mistakes.isEmpty, step.context.targets.shape[1] == 1,
      step.context.examples > 1
    else { return [] }
    let targets = step.context.targets
    // Summed, and as a mean, over the axis that should not be there.
    let summed = step.output * step.context.examples - targets.sum()
    let factor =
      step.context.network.loss.scale
      * (step.context.network.loss.kind == .squaredError ? 2 : 1)
    let derivative =
      step.context.network.loss.kind.takesShares ? nil : step.function.derivative(at: step.argument)
    return [1, 1 / step.context.examples].flatMap { share in
      let error = summed * (factor * share)
      return ([error] + (derivative.map { [error * $0] } ?? [])).map {
        step.hypothesis($0, id, words(step.quantity))
      }
    }
  }

  static func words(_ quantity: Quantity) -> String {
    "\(quantity) comes from outputs of shape (m, 1) minus labels of shape (m,), which NumPy broadcasts to m x m: every output is "
      + "compared with the labels of all examples. Reshape the labels: Y = Y.reshape(-1, 1)."
  }
}

/// Mean and variance of a batch normalization, taken for constants.
enum StatisticsHeldConstant: KnownCause {
  static let id = CauseID.statisticsHeldConstant

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.normalization != nil else { return [] }
    return [(true, true, "mean and variance"), (false, true, "variance"), (true, false, "mean")]
      .map { mean, variance, what in
        step.hypothesis(
          step.right(),
          Mistake(
            step.quantity, id,
            "\(step.quantity) takes the \(what) of the batch for constants; they depend on every example: dZ = (dx - mean(dx) - x * "
              + "mean(dx * x)) / std, where x is normalized and dx its gradient."),
          meanIsConstant: mean, varianceIsConstant: variance)
      }
  }
}

extension CauseID {
  public static let gradientOfAnotherLoss: Self = "gradient-of-another-loss"
  public static let labelsBroadcast: Self = "labels-broadcast"
  public static let statisticsHeldConstant: Self = "statistics-held-constant"
}
