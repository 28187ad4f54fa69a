/// An algorithm that moves parameters along their gradient. A value: a copy continues on its own.
///
/// The library's are ``UpdateRule``s in a ``RuleOptimizer``, which is also the way to write your own. The update formulas and
/// defaults are PyTorch's where PyTorch has them, checked against it to 1e-12 in `Double`.
public protocol Optimizer<Scalar>: Sendable {
  /// The scalar of the parameters.
  associatedtype Scalar: TrainableScalar

  /// The size of a step; may be changed between steps, by a ``Schedule`` for example.
  var learningRate: Double { get set }

  /// What it remembers between two steps, so that training can be stopped and resumed with the same bits.
  var state: OptimizerState<Scalar> { get set }

  /// Moves the parameters one step on one or several threads, with the same numbers; `gradient` in the same layout.
  mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers)
}

/// What an optimizer remembers between two steps.
public struct OptimizerState<Scalar: TrainableScalar>: Sendable {
  /// The number of steps taken.
  public let steps: Int
  /// Its vectors of state, one after the other; empty before the first step.
  public let slots: Tensor<Scalar>

  /// A state of these parts.
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
