import CKernels

/// Gradient descent, plain or with momentum or Nesterov's momentum.
///
/// g = gradient + weightDecay · p; v = momentum · v + (1 - dampening) · g (v = g in the first step);
/// p -= learningRate · v, or with Nesterov's momentum learningRate · (g + momentum · v).
/// Sources: Polyak 1964; Nesterov 1983; Sutskever et al., ICML 2013.
public typealias SGD<Scalar: TrainableScalar> = RuleOptimizer<SGDRule, Scalar>

extension RuleOptimizer where Rule == SGDRule {
  /// Gradient descent with these settings.
  ///
  /// - Parameters:
  ///   - learningRate: The factor on the gradient, or on the momentum's direction.
  ///   - momentum: The share of the previous step's direction that is kept; 0 for plain gradient descent.
  ///   - dampening: The damping of the new gradient in the momentum.
  ///   - nesterov: Whether the step looks ahead along the momentum.
  ///   - weightDecay: The factor on the parameters that is added to the gradient.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "Nesterov's momentum needs a momentum above 0 and no dampening")
    var rule = SGDRule()
    (rule.momentum, rule.dampening) = (momentum, dampening)
    (rule.nesterov, rule.weightDecay) = (nesterov, weightDecay)
    self.init(rule, learningRate: learningRate)
  }
}

/// Gradient descent: `sgd`.
public struct SGDRule: UpdateRule {
  /// The settings; in the list of optimizers, the forms with momentum have their own names.
  public var momentum = 0.0, dampening = 0.0, nesterov = false, weightDecay = 0.0
  public let title = "sgd"
  public static let fields: [Field<Self>] = [.weightDecay(\.weightDecay)]

  public init() {}

  public var slots: Int { momentum == 0 ? 0 : 1 }
  public var customaryRate: Double { 0.1 }
  public var longRunFactor: Double? { 1 / max(1 - momentum, 1e-3) }

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    step.elementwise { part in
      plumb_sgd(
        Scalar.precision, part.count, part.values, part.gradient,
        momentum == 0 ? nil : part.slot(0), step.learningRate, momentum, dampening, nesterov,
        weightDecay, step.number == 1)
    }
  }
}

extension OptimizerChoice {
  /// Gradient descent.
  public static let sgd = OptimizerChoice(SGDRule())
}

/// Gradient descent with momentum: `momentum`.
public struct MomentumRule: UpdateRule {
  /// The settings of ``SGDRule``.
  public var momentum = 0.9, dampening = 0.0, weightDecay = 0.0
  public let title = "momentum"
  public static let fields: [Field<Self>] = [
    .number("momentum", \.momentum, in: .from(0, to: 1)),
    .number("dampening", \.dampening, in: .from(0, to: 1)), .weightDecay(\.weightDecay),
  ]

  public init() {}

  private var descent: SGDRule {
    var rule = SGDRule()
    (rule.momentum, rule.dampening, rule.weightDecay) = (momentum, dampening, weightDecay)
    return rule
  }

  public var slots: Int { descent.slots }
  public var customaryRate: Double { 0.01 }
  public var longRunFactor: Double? { descent.longRunFactor }
  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) { descent.update(step) }
}

extension OptimizerChoice {
  /// Descent with momentum.
  public static let momentum = OptimizerChoice(MomentumRule())
}

/// Gradient descent with Nesterov's momentum: `nesterov`.
public struct NesterovRule: UpdateRule {
  /// The settings of ``SGDRule``.
  public var momentum = 0.9, weightDecay = 0.0
  public let title = "nesterov"
  public static let fields: [Field<Self>] = [
    .number("momentum", \.momentum, in: .above(0, to: 1)), .weightDecay(\.weightDecay),
  ]

  public init() {}

  private var descent: SGDRule {
    var rule = SGDRule()
    (rule.momentum, rule.nesterov, rule.weightDecay) = (momentum, true, weightDecay)
    return rule
  }

  public var slots: Int { descent.slots }
  public var customaryRate: Double { 0.01 }
  public var longRunFactor: Double? { descent.longRunFactor }
  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) { descent.update(step) }
}

extension OptimizerChoice {
  /// Descent with Nesterov's momentum.
  public static let nesterov = OptimizerChoice(NesterovRule())
}

extension Field {
  /// The weight decay.
  static func weightDecay(_ path: any Path<Double>) -> Field {
    .number("weight_decay", path, in: .atLeast(0))
  }
}
