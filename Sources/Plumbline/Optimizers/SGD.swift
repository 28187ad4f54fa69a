/// Gradient descent, plain or with momentum or Nesterov's momentum.
///
/// g = gradient + weightDecay · p; v = momentum · v + (1 - dampening) · g (v = g in the first step);
/// p -= learningRate · v, or with Nesterov's momentum learningRate · (g + momentum · v).
/// Sources: Polyak 1964; Nesterov 1983; Sutskever et al., ICML 2013.
public struct SGD<Scalar: TrainableScalar>: ElementwiseOptimizer {
  /// The size of a step.
  public var learningRate: Double
  /// The share of the previous step's direction that is kept; 0 for plain gradient descent.
  public let momentum: Double
  /// What momentum takes off the new gradient.
  public let dampening: Double
  /// Whether the gradient is looked at from where the momentum leads.
  public let nesterov: Bool
  /// The factor on the parameters that is added to the gradient.
  public let weightDecay: Double

  private var velocity = OptimizerState<Scalar>()
  private var isFirst = true

  /// Gradient descent with these settings.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "Nesterov's momentum needs a momentum above 0 and no dampening")
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Moves the parameters one step.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers
  ) {
    let (learningRate, momentum, dampening) = (learningRate, momentum, dampening)
    let (nesterov, weightDecay, isFirst) = (nesterov, weightDecay, isFirst)
    parameters.withValues(along: gradient) { count, values, gradient in
      velocity.withValues(count: momentum == 0 ? 0 : count) { velocity in
        workers.divide(count) { part in
          let start = part.lowerBound
          Scalar.updateSGD(
            count: part.count, values + start, gradient + start,
            velocity: momentum == 0 ? nil : velocity + start, learningRate: learningRate,
            momentum: momentum, dampening: dampening, nesterov: nesterov,
            weightDecay: weightDecay, isFirst: isFirst)
        }
      }
    }
    self.isFirst = false
  }
}
