/// Adamax: Adam with the largest recent size of each gradient in place of its root mean square.
///
/// g = gradient + weightDecay · p; m = beta1 · m + (1 - beta1) · g; u = max(beta2 · u, |g| + epsilon);
/// p -= learningRate / (1 - beta1^t) · m / u. PyTorch's form of Kingma and Ba, arXiv:1412.6980, section 7.1.
public struct AdamaxRule: MomentRule {
  /// The decays of the moment and of the largest size, the number added to that size, and the decay of the weights.
  public var beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.0
  public let title = "adamax"
  public static let fields = momentFields

  public init() {}

  public var customaryRate: Double { 2e-3 }

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    let size = step.learningRate / (1 - power(beta1, step.number))
    step.elementwise { move($0, size) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func move<Scalar: TrainableScalar>(_ part: UpdateStep<Scalar>.Part, _ size: Double) {
    let (rest, beta2) = (Scalar(1 - beta1), Scalar(self.beta2))
    let (size, decay, epsilon) = (Scalar(size), Scalar(weightDecay), Scalar(self.epsilon))
    let (values, gradient) = (part.values, part.gradient)
    let (mean, largest) = (part.slot(0), part.slot(1))
    for index in 0..<part.count {
      let g = gradient[index] + decay * values[index]
      mean[index] += (g - mean[index]) * rest
      largest[index] = max(beta2 * largest[index], g.magnitude + epsilon)
      values[index] -= size * (mean[index] / largest[index])
    }
  }
}

extension OptimizerChoice {
  /// Adamax.
  public static let adamax = OptimizerChoice(AdamaxRule())
}
