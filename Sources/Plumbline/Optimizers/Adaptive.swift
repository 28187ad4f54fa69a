/// RMSprop: each parameter's step is divided by a running root mean square of its gradients.
///
/// Source: Tieleman and Hinton, lecture 6.5, 2012; centered form: Graves, arXiv:1308.0850.
public struct RMSprop<Scalar: TrainableScalar>: ElementwiseOptimizer {
  /// The size of a step.
  public var learningRate: Double
  /// The share of the running mean that a step keeps.
  public let decay: Double
  /// What keeps the divisor from 0.
  public let epsilon: Double
  /// The share of the previous step's direction that is kept.
  public let momentum: Double
  /// Whether the running mean of the gradient is subtracted before the square.
  public let centered: Bool
  /// The factor on the parameters that is added to the gradient.
  public let weightDecay: Double

  private var square = OptimizerState<Scalar>()
  private var mean = OptimizerState<Scalar>()
  private var velocity = OptimizerState<Scalar>()

  /// RMSprop with these settings.
  public init(
    learningRate: Double, decay: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    centered: Bool = false, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.momentum = momentum
    self.centered = centered
    self.weightDecay = weightDecay
  }

  /// Moves the parameters one step.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers
  ) {
    // Not a copy of self, which would share the state's memory.
    let (learningRate, decay, epsilon) = (learningRate, decay, epsilon)
    let (momentum, centered, weightDecay) = (momentum, centered, weightDecay)
    parameters.withValues(along: gradient) { count, values, gradient in
      square.withValues(count: count) { square in
        mean.withValues(count: centered ? count : 0) { mean in
          velocity.withValues(count: momentum > 0 ? count : 0) { velocity in
            workers.divide(count) { part in
              let start = part.lowerBound
              Scalar.updateRMSprop(
                count: part.count, values + start, gradient + start, square: square + start,
                mean: centered ? mean + start : nil,
                velocity: momentum > 0 ? velocity + start : nil,
                learningRate: learningRate, decay: decay, epsilon: epsilon, momentum: momentum,
                weightDecay: weightDecay)
            }
          }
        }
      }
    }
  }
}

/// Adagrad: each parameter's step is divided by the root of the sum of its squared gradients.
///
/// Source: Duchi, Hazan, Singer, JMLR 12, 2011.
public struct Adagrad<Scalar: TrainableScalar>: ElementwiseOptimizer {
  /// The size of a step.
  public var learningRate: Double
  /// The rate is divided by 1 + (step - 1) · this.
  public let learningRateDecay: Double
  /// What keeps the divisor from 0.
  public let epsilon: Double
  /// The factor on the parameters that is added to the gradient.
  public let weightDecay: Double

  private var square = OptimizerState<Scalar>()
  private var steps = 0

  /// Adagrad with these settings.
  public init(
    learningRate: Double, learningRateDecay: Double = 0, epsilon: Double = 1e-10,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.learningRateDecay = learningRateDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Moves the parameters one step.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers
  ) {
    let rate = learningRate / (1 + Double(steps) * learningRateDecay)
    let (epsilon, weightDecay) = (epsilon, weightDecay)
    parameters.withValues(along: gradient) { count, values, gradient in
      square.withValues(count: count) { square in
        workers.divide(count) { part in
          let start = part.lowerBound
          Scalar.updateAdagrad(
            count: part.count, values + start, gradient + start, square: square + start,
            learningRate: rate, epsilon: epsilon, weightDecay: weightDecay)
        }
      }
    }
    steps += 1
  }
}

/// Adam: running means of the gradient and of its square, both corrected for their start at 0; with
/// decoupled weight decay it is AdamW.
///
/// Sources: Kingma and Ba, arXiv:1412.6980; Loshchilov and Hutter, arXiv:1711.05101.
public struct Adam<Scalar: TrainableScalar>: ElementwiseOptimizer {
  /// The size of a step.
  public var learningRate: Double
  /// The share of the running mean of the gradient that a step keeps.
  public let beta1: Double
  /// The share of the running mean of its square that a step keeps.
  public let beta2: Double
  /// What keeps the divisor from 0.
  public let epsilon: Double
  /// The factor of weight decay.
  public let weightDecay: Double
  /// Whether weight decay shrinks the parameters directly (AdamW) or is added to the gradient (Adam).
  public let decouplesWeightDecay: Bool

  private var mean = OptimizerState<Scalar>()
  private var square = OptimizerState<Scalar>()
  private var steps = 0

  /// Adam with these settings.
  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, decouplesWeightDecay: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decouplesWeightDecay = decouplesWeightDecay
  }

  /// AdamW: Adam whose weight decay (0.01 by default) shrinks the parameters directly.
  public static func adamW(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01
  ) -> Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, decouplesWeightDecay: true)
  }

  /// Moves the parameters one step.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers
  ) {
    steps += 1
    let stepSize = learningRate / (1 - Self.power(beta1, steps))
    let rootCorrection = (1 - Self.power(beta2, steps)).squareRoot()
    let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
    let decay = decouplesWeightDecay ? 0 : weightDecay
    let shrink = decouplesWeightDecay ? learningRate * weightDecay : 0
    parameters.withValues(along: gradient) { count, values, gradient in
      mean.withValues(count: count) { mean in
        square.withValues(count: count) { square in
          workers.divide(count) { part in
            let start = part.lowerBound
            Scalar.updateAdam(
              count: part.count, values + start, gradient + start, mean: mean + start,
              square: square + start, stepSize: stepSize, beta1: beta1, beta2: beta2,
              epsilon: epsilon, rootCorrection: rootCorrection, weightDecay: decay, shrink: shrink)
          }
        }
      }
    }
  }

  /// base^exponent by repeated squaring: the same on every platform.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
