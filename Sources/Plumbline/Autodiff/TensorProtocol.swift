/// A tensor, or a recorded variable that represents one.
///
/// Everything that can be done to either is declared once on this protocol, so a function written over
/// it runs on plain tensors (inference, without a tape), on ``Variable``s (recorded, differentiable) and
/// on tensors of ``Dual`` numbers (exact directional derivatives) alike.
public protocol TensorProtocol {
  /// The type of the elements.
  associatedtype Scalar: TensorScalar

  /// The extents along each axis.
  var shape: Shape { get }

  /// The result of an operation with one or more inputs, recorded if the inputs are variables.
  static func apply(_ operation: some TensorOperation, to inputs: [Self]) -> Self

  /// A tensor as a constant alongside this value: on the same tape, if there is one.
  func constant(_ tensor: Tensor<Scalar>) -> Self

  /// The gradients that an operation's pullback gives its inputs.
  static func pullback(_ operation: any TensorOperation, _ upstream: Self, _ call: Call<Self>)
    -> [Self?]

  /// What ``Plumbline/checkpointed(_:_:)`` does on this kind of value.
  static func checkpointed(_ input: Self, _ body: (Self) -> Self) -> Self

  /// What ``Plumbline/reversible(_:_:branches:)`` does on this kind of value.
  static func reversible(
    _ first: Self, _ second: Self, branches: [(Self) -> Self]
  ) -> (Self, Self)
}

extension Array where Element: TensorProtocol {
  /// The shapes. By a closure, since a key path of a generic type would be created anew in every call.
  var shapes: [Shape] { map { $0.shape } }
}

extension Tensor: TensorProtocol {
  /// The result of an operation; traps if the shapes do not fit.
  public static func apply(_ operation: some TensorOperation, to inputs: [Tensor]) -> Tensor {
    _ = operation.shape(of: inputs.shapes)
    return forward(operation, inputs)
  }

  /// The tensor itself.
  public func constant(_ tensor: Tensor) -> Tensor { tensor }

  /// The gradients that an operation's pullback gives its inputs.
  public static func pullback(
    _ operation: any TensorOperation, _ upstream: Tensor, _ call: Call<Tensor>
  ) -> [Tensor?] {
    specializedPullback(operation, upstream, call)
  }
}
