/// An algorithm that moves parameters along their gradient. A value: a copy continues on its own.
///
/// The update formulas and defaults are PyTorch's, checked against it to 1e-12 in `Double`.
public protocol Optimizer<Scalar>: Sendable {
  /// The scalar of the parameters.
  associatedtype Scalar: TrainableScalar

  /// The size of a step; may be changed between steps, by a ``Schedule`` for example.
  var learningRate: Double { get set }

  /// Moves the parameters one step, `gradient` in the same layout.
  mutating func update(_ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>)

  /// Moves the parameters one step on several threads, with the same numbers. Where an optimizer does not implement
  /// it, on one.
  mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers)
}

extension Optimizer {
  /// On one thread.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers
  ) {
    update(&parameters, along: gradient)
  }
}

/// An optimizer whose update of each value depends on nothing but that value's gradient and state.
protocol ElementwiseOptimizer: Optimizer {}

extension ElementwiseOptimizer {
  /// Moves the parameters one step.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>
  ) {
    update(&parameters, along: gradient, on: .single)
  }
}

/// A vector of an optimizer's state; empty until the first step tells its length.
struct OptimizerState<Scalar: TrainableScalar>: Sendable {
  private var vector = Tensor<Scalar>.zeros([0])

  mutating func withValues<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Result
  ) -> Result {
    if vector.count != count {
      require(
        vector.count == 0,
        "an optimizer that has moved \(vector.count) parameters was given \(count)")
      vector = .zeros([count])
    }
    return vector.withMutableValues(body)
  }
}

extension Parameters where Scalar: TrainableScalar {
  mutating func withValues(
    along gradient: Parameters,
    _ body: (Int, UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>) -> Void
  ) {
    require(
      count == gradient.count,
      "a gradient of \(gradient.count) values for \(count) parameters")
    let count = count
    vector.withMutableValues { parameters in
      gradient.vector.withValues { body(count, parameters, $0) }
    }
  }
}
