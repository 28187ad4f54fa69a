// A call through `any TensorOperation` cannot specialize a generic function. These requirements are the same two functions for the
// scalars of training, so that the compiler makes a concrete version of each operation; the functions below take the
// concrete version where there is one. Where the scalar is known to the compiler, both tests and casts vanish.

/// What the compiler makes for every ``TensorOperation`` by itself. Not to be implemented.
public protocol SpecializedOperation: Sendable {
  /// ``TensorOperation/forward(_:)`` in single precision.
  func _forward(_ inputs: [Tensor<Float>]) -> Tensor<Float>
  /// ``TensorOperation/forward(_:)`` in double precision.
  func _forward(_ inputs: [Tensor<Double>]) -> Tensor<Double>
  /// ``TensorOperation/pullback(_:_:)`` in single precision.
  func _pullback(_ upstream: Tensor<Float>, _ call: Call<Tensor<Float>>) -> [Tensor<Float>?]
  /// ``TensorOperation/pullback(_:_:)`` in double precision.
  func _pullback(_ upstream: Tensor<Double>, _ call: Call<Tensor<Double>>) -> [Tensor<Double>?]
}

extension TensorOperation {
  /// ``TensorOperation/forward(_:)`` in single precision.
  @inlinable
  public func _forward(_ inputs: [Tensor<Float>]) -> Tensor<Float> { forward(inputs) }
  /// ``TensorOperation/forward(_:)`` in double precision.
  @inlinable
  public func _forward(_ inputs: [Tensor<Double>]) -> Tensor<Double> { forward(inputs) }
  /// ``TensorOperation/pullback(_:_:)`` in single precision.
  @inlinable
  public func _pullback(
    _ upstream: Tensor<Float>, _ call: Call<Tensor<Float>>
  ) -> [Tensor<Float>?] { pullback(upstream, call) }
  /// ``TensorOperation/pullback(_:_:)`` in double precision.
  @inlinable
  public func _pullback(
    _ upstream: Tensor<Double>, _ call: Call<Tensor<Double>>
  ) -> [Tensor<Double>?] { pullback(upstream, call) }
}

extension Tensor {
  /// The result of an operation of unknown type.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func forward(_ operation: any TensorOperation, _ inputs: [Tensor]) -> Tensor {
    if Scalar.self == Float.self, let inputs = inputs as? [Tensor<Float>],
      let result = operation._forward(inputs) as? Tensor
    {
      return result
    }
    if Scalar.self == Double.self, let inputs = inputs as? [Tensor<Double>],
      let result = operation._forward(inputs) as? Tensor
    {
      return result
    }
    return operation.forward(inputs)
  }

  /// The gradients that the pullback of an operation of unknown type gives its inputs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func specializedPullback(
    _ operation: any TensorOperation, _ upstream: Tensor, _ call: Call<Tensor>
  ) -> [Tensor?] {
    if Scalar.self == Float.self, let upstream = upstream as? Tensor<Float>,
      let call = call as? Call<Tensor<Float>>,
      let result = operation._pullback(upstream, call) as? [Tensor?]
    {
      return result
    }
    if Scalar.self == Double.self, let upstream = upstream as? Tensor<Double>,
      let call = call as? Call<Tensor<Double>>,
      let result = operation._pullback(upstream, call) as? [Tensor?]
    {
      return result
    }
    return operation.pullback(upstream, call)
  }
}
