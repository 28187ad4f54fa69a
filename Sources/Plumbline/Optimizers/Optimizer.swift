/// An algorithm that moves parameters along their gradient. A value: a copy continues on its own.
///
/// The library's are ``UpdateRule``s in a ``RuleOptimizer``, which is also the way to write one's own. The update formulas and
/// defaults are PyTorch's where PyTorch has them, checked against it to 1e-12 in `Double`.
public protocol Optimizer<Scalar>: Sendable {
  /// The scalar of the parameters.
  associatedtype Scalar: TrainableScalar

  /// The size of a step; may be changed between steps, by a ``Schedule`` for example.
  var learningRate: Double { get set }

  /// Moves the parameters one step on one or several threads, with the same numbers; `gradient` in the same layout.
  mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers)
}

extension Optimizer {
  /// Moves the parameters one step on one thread.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>
  ) {
    update(&parameters, along: gradient, on: .single)
  }
}
