import CKernels

/// Adagrad: each parameter's step is divided by the root of the sum of its squared gradients.
///
/// Source: Duchi, Hazan, Singer, JMLR 12, 2011.
public typealias Adagrad<Scalar: TrainableScalar> = RuleOptimizer<AdagradRule, Scalar>

extension RuleOptimizer where Rule == AdagradRule {
  /// Adagrad with these settings.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate of the first step.
  ///   - learningRateDecay: The rate is divided by 1 + (step - 1) · this.
  ///   - epsilon: Keeps the divisor away from 0.
  ///   - weightDecay: The factor on the parameters that is added to the gradient.
  public init(
    learningRate: Double, learningRateDecay: Double = 0, epsilon: Double = 1e-10,
    weightDecay: Double = 0
  ) {
    var rule = AdagradRule()
    (rule.learningRateDecay, rule.epsilon, rule.weightDecay) = (
      learningRateDecay, epsilon, weightDecay
    )
    self.init(rule, learningRate: learningRate)
  }
}

/// Adagrad: `adagrad`.
public struct AdagradRule: EpsilonRule {
  /// The decay of the rate per step, the number that is added to the root, and the decay of the weights.
  public var learningRateDecay = 0.0, epsilon = 1e-10, weightDecay = 0.0
  public let title = "adagrad"
  public static let fields: [Field<Self>] = [
    .number("learning_rate_decay", \.learningRateDecay, in: .atLeast(0)),
    .number("epsilon", \.epsilon, in: .atLeast(0)), .weightDecay(\.weightDecay),
  ]

  public init() {}

  public var slots: Int { 1 }
  public var customaryRate: Double { 0.01 }

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    let rate = step.learningRate / (1 + Double(step.number - 1) * learningRateDecay)
    step.elementwise { part in
      plumb_adagrad(
        Scalar.precision, part.count, part.values, part.gradient, part.slot(0), rate, epsilon,
        weightDecay)
    }
  }
}

extension OptimizerChoice {
  /// Adagrad.
  public static let adagrad = OptimizerChoice(AdagradRule())
}
