import Plumbline
import Testing

/// A step and the eager tape on the same parameters, inputs and key, bit for bit: loss, gradient and running
/// statistics.
func expectEagerBits<Scalar: TrainableScalar>(
  _ step: inout TrainingStep<Scalar>, _ loss: TrainingStep<Scalar>.Loss,
  at parameters: Parameters<Scalar>, inputs: [Tensor<Scalar>], key: Key = Key(seed: 0),
  _ comment: Comment
) {
  let value = step.loss(at: parameters, inputs: inputs, key: key)
  let eager = parameters.valueWithGradientAndStatistics(key: key) { pass in
    loss(pass, inputs.map { pass.tape().constant($0) })
  }
  #expect(value.hasBits(of: eager.value), comment)
  expectBits(step.gradient.vector, eager.gradient.vector, comment)
  expectBits(step.statistics, eager.statistics, comment)
}

/// Two tensors, bit for bit.
func expectBits<Scalar: TrainableScalar>(
  _ own: Tensor<Scalar>, _ other: Tensor<Scalar>, _ comment: Comment
) {
  #expect(own.shape == other.shape, comment)
  #expect(zip(own.scalars, other.scalars).allSatisfy { $0.hasBits(of: $1) }, comment)
}

extension TrainableScalar {
  func hasBits(of other: Self) -> Bool {
    // All NaN are alike; zeros differ by their sign.
    isNaN ? other.isNaN : self == other && sign == other.sign
  }
}
