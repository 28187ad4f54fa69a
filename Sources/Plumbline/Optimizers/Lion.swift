/// Lion: the sign of a mean of the gradient and its momentum, so that every value moves by the learning rate.
///
/// c = beta1 · m + (1 - beta1) · g; p -= learningRate · (sign c + weightDecay · p); m = beta2 · m + (1 - beta2) · g.
/// Source: Chen et al., arXiv:2302.06675.
public struct LionRule: UpdateRule {
  /// The share of the momentum in the step, the decay of the momentum, and the decay of the weights.
  public var beta1 = 0.9, beta2 = 0.99, weightDecay = 0.0
  public let title = "lion"
  public static let fields: [Field<Self>] = [
    .number("beta1", \.beta1, in: .from(0, below: 1)),
    .number("beta2", \.beta2, in: .from(0, below: 1)), .weightDecay(\.weightDecay),
  ]

  public init() {}

  public var slots: Int { 1 }
  public var customaryRate: Double { 1e-4 }

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    step.elementwise { move($0, step.learningRate) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func move<Scalar: TrainableScalar>(_ part: UpdateStep<Scalar>.Part, _ rate: Double) {
    let (beta1, rest1) = (Scalar(self.beta1), Scalar(1 - self.beta1))
    let (beta2, rest2) = (Scalar(self.beta2), Scalar(1 - self.beta2))
    let (rate, kept) = (Scalar(rate), Scalar(1 - rate * weightDecay))
    let (values, gradient, mean) = (part.values, part.gradient, part.slot(0))
    for index in 0..<part.count {
      let (g, m) = (gradient[index], mean[index])
      let direction = beta1 * m + rest1 * g
      // 0 where the direction is 0, NaN where it is NaN.
      let move = direction > 0 ? rate : direction < 0 ? -rate : direction
      values[index] = values[index] * kept - move
      mean[index] = beta2 * m + rest2 * g
    }
  }
}

extension OptimizerChoice {
  /// Lion.
  public static let lion = OptimizerChoice(LionRule())
}
