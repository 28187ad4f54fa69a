import CKernels

/// Adam: running means of the gradient and of its square, both bias-corrected; with
/// decoupled weight decay it is AdamW.
///
/// Sources: Kingma and Ba, arXiv:1412.6980; Loshchilov and Hutter, arXiv:1711.05101.
public typealias Adam<Scalar: TrainableScalar> = RuleOptimizer<AdamRule, Scalar>

extension RuleOptimizer where Rule == AdamRule {
  /// Adam with these settings.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate.
  ///   - beta1: The decay of the running mean of the gradient.
  ///   - beta2: The decay of the running mean of its square.
  ///   - epsilon: Keeps the divisor away from 0.
  ///   - weightDecay: The weight decay.
  ///   - decouplesWeightDecay: Whether weight decay shrinks the parameters directly (AdamW) or is added to the gradient (Adam).
  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, decouplesWeightDecay: Bool = false
  ) {
    var rule = AdamRule()
    (rule.beta1, rule.beta2, rule.epsilon) = (beta1, beta2, epsilon)
    (rule.weightDecay, rule.decouplesWeightDecay) = (weightDecay, decouplesWeightDecay)
    self.init(rule, learningRate: learningRate)
  }

  /// AdamW: Adam whose weight decay (0.01 by default) shrinks the parameters directly.
  public static func adamW(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01
  ) -> Self {
    Self(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, decouplesWeightDecay: true)
  }
}

/// A rule with running means of the gradient and of its magnitude: Adam and its variants.
public protocol MomentRule: EpsilonRule {
  /// The decay of the running mean of the gradient.
  var beta1: Double { get set }
  /// The decay of the running mean of its magnitude.
  var beta2: Double { get set }
  /// The weight decay.
  var weightDecay: Double { get set }
}

extension MomentRule {
  static var momentFields: [Field<Self>] {
    [
      .number("beta1", \.beta1, in: .from(0, below: 1)),
      .number("beta2", \.beta2, in: .from(0, below: 1)),
      .number("epsilon", \.epsilon, in: .atLeast(0)), .weightDecay(\.weightDecay),
    ]
  }

  /// The two means.
  public var slots: Int { 2 }
  /// 0.001.
  public var customaryRate: Double { 1e-3 }
}

/// Adam: `adam`.
public struct AdamRule: MomentRule {
  /// The decays of the two moments, the number that is added to the root, and the decay of the weights.
  public var beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.0
  /// Whether weight decay shrinks the parameters directly; see ``AdamWRule``.
  public var decouplesWeightDecay = false
  public let title = "adam"
  public static let fields = momentFields

  public init() {}

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    step.elementwise { move($0, step.learningRate, step.number) }
  }

  /// One step of some values.
  func move<Scalar: TrainableScalar>(
    _ part: UpdateStep<Scalar>.Part, _ learningRate: Double, _ number: Int
  ) {
    plumb_adam(
      Scalar.precision, part.count, part.values, part.gradient, part.slot(0), part.slot(1),
      learningRate / (1 - power(beta1, number)), beta1, beta2, epsilon,
      (1 - power(beta2, number)).squareRoot(), decouplesWeightDecay ? 0 : weightDecay,
      decouplesWeightDecay ? learningRate * weightDecay : 0)
  }
}

extension OptimizerChoice {
  /// Adam.
  public static let adam = OptimizerChoice(AdamRule())
}

/// Adam with decoupled weight decay: `adamw`.
public struct AdamWRule: MomentRule {
  /// The decays of the two moments, the number that is added to the root, and the decay of the weights.
  public var beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01
  public let title = "adamw"
  public static let fields = momentFields

  public init() {}

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    var adam = AdamRule()
    (adam.beta1, adam.beta2, adam.epsilon) = (beta1, beta2, epsilon)
    (adam.weightDecay, adam.decouplesWeightDecay) = (weightDecay, true)
    adam.update(step)
  }
}

extension OptimizerChoice {
  /// AdamW: Adam with decoupled weight decay.
  public static let adamw = OptimizerChoice(AdamWRule())
}
