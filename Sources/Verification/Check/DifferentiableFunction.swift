import Plumbline

/// A function of several tensors that can be evaluated on any kind of tensor, and so checked by every
/// oracle: plain, recorded, or with dual numbers.
public protocol DifferentiableFunction: Sendable {
  /// The value.
  func callAsFunction<T: TensorProtocol>(_ inputs: [T]) -> T
}

/// A single number computed from recorded variables: what the oracles differentiate.
protocol Objective: Sendable {
  func record<Scalar>(_ inputs: [Variable<Scalar>]) -> Variable<Scalar>

  /// The size of the terms that add up to the number, if they may cancel.
  func magnitude(at point: [Tensor<Double>]) -> Double
}

extension Objective {
  func value<Scalar>(at point: [Tensor<Scalar>]) -> Scalar {
    let tape = Tape<Scalar>()
    return record(point.map { tape.variable($0) }).scalar
  }

  /// The value, and the decisions of the piecewise operations on the way to it.
  func evaluation(
    at point: [Tensor<Double>]
  ) -> (value: Double, decisions: [RecordedDecisions]) {
    let tape = Tape<Double>()
    let value = record(point.map { tape.variable($0) }).scalar
    return (value, tape.decisions)
  }

  func gradient(at point: [Tensor<Double>]) -> [Tensor<Double>] {
    let tape = Tape<Double>()
    let inputs = point.map { tape.variable($0) }
    let gradients = tape.gradients(of: record(inputs))
    return inputs.map { gradients[$0] }
  }

  /// The derivative along a direction, from one evaluation with dual numbers.
  func tangent(at point: [Tensor<Double>], along direction: [Tensor<Double>]) -> Double {
    value(at: zip(point, direction).map { $0.dual(tangent: $1) }).tangent
  }
}

/// Σ weights · f(x): a random weighting, so that the gradient that reaches f is never 1.
struct WeightedOutput<Function: DifferentiableFunction>: Objective {
  let function: Function
  let weights: Tensor<Double>

  func record<Scalar>(_ inputs: [Variable<Scalar>]) -> Variable<Scalar> {
    let output = function(inputs)
    return (output * output.constant(Tensor(converting: weights))).sum()
  }

  func magnitude(at point: [Tensor<Double>]) -> Double {
    abs(function(point) * weights).sum().scalar
  }
}

/// Σ direction · gradient of another objective: checking its gradient checks second derivatives, and so on.
struct DirectionalDerivative<Inner: Objective>: Objective {
  let inner: Inner
  let direction: [Tensor<Double>]

  func record<Scalar>(_ inputs: [Variable<Scalar>]) -> Variable<Scalar> {
    let value = inner.record(inputs)
    let gradients = value.tape.gradients(of: value, withRespectTo: inputs)
    let terms = zip(gradients, direction).map { gradient, direction in
      (gradient * gradient.constant(Tensor(converting: direction))).sum()
    }
    return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
  }

  func magnitude(at point: [Tensor<Double>]) -> Double {
    zip(inner.gradient(at: point), direction).reduce(0) { $0 + abs($1.0 * $1.1).sum().scalar }
  }
}
