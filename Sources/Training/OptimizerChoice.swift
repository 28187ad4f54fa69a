import Plumbline

/// An optimizer by name.
public enum OptimizerChoice: String, Codable, Sendable, Hashable, CaseIterable {
  /// Gradient descent; with momentum; with Nesterov's momentum.
  case sgd, momentum, nesterov
  /// The adaptive ones.
  case rmsprop, adagrad, adam, adamw

  /// The optimizer at a learning rate; what `options` leave open is PyTorch's default, and 0.9 for momentum.
  public func optimizer<Scalar: TrainableScalar>(
    learningRate: Double, options: OptimizerOptions = OptimizerOptions()
  ) -> any Optimizer<Scalar> {
    let decay = options.weightDecay
    switch self {
    case .sgd: return SGD(learningRate: learningRate, weightDecay: decay ?? 0)
    case .momentum, .nesterov:
      return SGD(
        learningRate: learningRate, momentum: options.momentum ?? 0.9,
        dampening: self == .momentum ? options.dampening ?? 0 : 0, nesterov: self == .nesterov,
        weightDecay: decay ?? 0)
    case .rmsprop:
      return RMSprop(
        learningRate: learningRate, decay: options.alpha ?? 0.99,
        epsilon: options.epsilon ?? 1e-8, momentum: options.momentum ?? 0,
        centered: options.centered ?? false, weightDecay: decay ?? 0)
    case .adagrad:
      return Adagrad(
        learningRate: learningRate, learningRateDecay: options.learningRateDecay ?? 0,
        epsilon: options.epsilon ?? 1e-10, weightDecay: decay ?? 0)
    case .adam, .adamw:
      return Adam(
        learningRate: learningRate, beta1: options.beta1 ?? 0.9, beta2: options.beta2 ?? 0.999,
        epsilon: options.epsilon ?? 1e-8, weightDecay: decay ?? (self == .adamw ? 0.01 : 0),
        decouplesWeightDecay: self == .adamw)
    }
  }

  /// The options that this optimizer takes.
  public var takenOptions: Set<OptimizerOptions.Name> {
    switch self {
    case .sgd: [.weightDecay]
    case .momentum: [.momentum, .dampening, .weightDecay]
    case .nesterov: [.momentum, .weightDecay]
    case .rmsprop: [.alpha, .epsilon, .momentum, .centered, .weightDecay]
    case .adagrad: [.learningRateDecay, .epsilon, .weightDecay]
    case .adam, .adamw: [.beta1, .beta2, .epsilon, .weightDecay]
    }
  }
}

/// What can be set about optimizers, under PyTorch's names; `nil` for the optimizer's default.
public struct OptimizerOptions: Codable, Sendable, Hashable {
  /// The names of the options.
  public enum Name: String, Sendable, CaseIterable {
    /// See ``OptimizerOptions``.
    case momentum, dampening, alpha, centered, beta1, beta2, epsilon
    /// Two words.
    case learningRateDecay = "learning-rate-decay"
    /// Two words.
    case weightDecay = "weight-decay"
  }

  /// The share of the previous step's direction that is kept.
  public var momentum: Double?
  /// What momentum takes off the new gradient.
  public var dampening: Double?
  /// The share of RMSprop's running mean that a step keeps, and whether the mean is subtracted.
  public var alpha: Double?, centered: Bool?
  /// The shares of Adam's running means that a step keeps.
  public var beta1: Double?, beta2: Double?
  /// What keeps divisors from 0.
  public var epsilon: Double?
  /// Adagrad's rate is divided by 1 + step · this.
  public var learningRateDecay: Double?
  /// The factor of weight decay.
  public var weightDecay: Double?

  /// Every default.
  public init() {}

  /// The options that are set.
  public var given: Set<Name> {
    var names: Set<Name> = centered == nil ? [] : [.centered]
    let numbers: [(Name, Double?)] = [
      (.momentum, momentum), (.dampening, dampening), (.alpha, alpha), (.beta1, beta1),
      (.beta2, beta2), (.epsilon, epsilon), (.learningRateDecay, learningRateDecay),
      (.weightDecay, weightDecay),
    ]
    for (name, value) in numbers where value != nil { names.insert(name) }
    return names
  }
}
