import CKernels

/// RMSprop: each parameter's step is divided by a running root mean square of its gradients.
///
/// Source: Tieleman and Hinton, lecture 6.5, 2012; centered form: Graves, arXiv:1308.0850.
public typealias RMSprop<Scalar: TrainableScalar> = RuleOptimizer<RMSpropRule, Scalar>

extension RuleOptimizer where Rule == RMSpropRule {
  /// RMSprop with these settings.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate.
  ///   - decay: The decay of the running mean.
  ///   - epsilon: Keeps the divisor away from 0.
  ///   - momentum: The share of the previous step's direction that is kept.
  ///   - centered: Whether the running mean of the gradient is subtracted before the square.
  ///   - weightDecay: The factor on the parameters that is added to the gradient.
  public init(
    learningRate: Double, decay: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    centered: Bool = false, weightDecay: Double = 0
  ) {
    var rule = RMSpropRule()
    (rule.alpha, rule.epsilon, rule.momentum) = (decay, epsilon, momentum)
    (rule.centered, rule.weightDecay) = (centered, weightDecay)
    self.init(rule, learningRate: learningRate)
  }
}

/// RMSprop: `rmsprop`, with its settings under PyTorch's names.
public struct RMSpropRule: EpsilonRule {
  /// The decay of the mean square, the number that is added to the root, the momentum, whether the mean is subtracted, and the decay
  /// of the weights.
  public var alpha = 0.99, epsilon = 1e-8, momentum = 0.0, centered = false, weightDecay = 0.0
  public let title = "rmsprop"
  public static let fields: [Field<Self>] = [
    .number("alpha", \.alpha, in: .from(0, below: 1)),
    .number("epsilon", \.epsilon, in: .atLeast(0)),
    .number("momentum", \.momentum, in: .from(0, to: 1)), .flag("centered", \.centered),
    .weightDecay(\.weightDecay),
  ]

  public init() {}

  public var slots: Int { 1 + (momentum > 0 ? 1 : 0) + (centered ? 1 : 0) }
  public var customaryRate: Double { 1e-3 }

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    step.elementwise { part in
      plumb_rmsprop(
        Scalar.precision, part.count, part.values, part.gradient, part.slot(0),
        centered ? part.slot(slots - 1) : nil, momentum > 0 ? part.slot(1) : nil,
        step.learningRate, alpha, epsilon, momentum, weightDecay)
    }
  }
}

extension OptimizerChoice {
  /// RMSprop.
  public static let rmsprop = OptimizerChoice(RMSpropRule())
}
