/// An algorithm that moves parameters along their gradient. It is a value: a copy continues on its own.
///
/// The library's are ``UpdateRule``s in a ``RuleOptimizer``, which is also the way to write your own. The update formulas and
/// defaults are PyTorch's where PyTorch has them, checked against it to 1e-12 in `Double`.
public protocol Optimizer<Scalar>: Sendable {
  /// The scalar of the parameters.
  associatedtype Scalar: TrainableScalar

  /// The learning rate; may be changed between steps, for example by a ``Schedule``.
  var learningRate: Double { get set }

  /// Its state between two steps, so that training can be stopped and resumed with the same bits.
  var state: OptimizerState<Scalar> { get set }

  /// Moves the parameters one step on one or several threads, with the same numbers; `gradient` in the same layout.
  mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers)
}

/// The state of an optimizer between two steps.
public struct OptimizerState<Scalar: TrainableScalar>: Sendable {
  /// The number of steps taken.
  public let steps: Int
  /// Its state vectors, concatenated; empty before the first step.
  public let slots: Tensor<Scalar>

  /// A state with these parts.
  public init(steps: Int, slots: Tensor<Scalar>) {
    self.steps = steps
    self.slots = slots
  }
}

extension Optimizer {
  /// Moves the parameters one step on one thread.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>
  ) {
    update(&parameters, along: gradient, on: .single)
  }
}
