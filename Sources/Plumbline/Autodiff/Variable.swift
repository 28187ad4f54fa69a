/// A value recorded on a ``Tape``: the tape and an index into it.
///
/// A variable belongs to the task that records its tape.
public struct Variable<Scalar: TensorScalar> {
  /// The tape that holds the value.
  public let tape: Tape<Scalar>

  /// The position on the tape. Inputs come before everything computed from them.
  public let index: Int

  /// The value computed when the variable was recorded.
  public var value: Tensor<Scalar> { tape.read(index) }

  /// The extents along each axis.
  public var shape: Shape { tape.shape(at: index) }

  /// The only value of a variable with one element.
  public var scalar: Scalar { value.scalar }

  /// Whether a gradient flows to or through this variable.
  public var requiresGradient: Bool { tape.requiresGradient(at: index) }
}

extension Variable: TensorProtocol {
  /// The result of an operation, recorded on the inputs' tape.
  public static func apply(_ operation: some TensorOperation, to inputs: [Variable]) -> Variable {
    require(!inputs.isEmpty, "operation \(operation.name) was given no variables")
    return inputs[0].tape.record(operation, inputs)
  }

  /// A constant on the same tape.
  public func constant(_ tensor: Tensor<Scalar>) -> Variable { tape.constant(tensor) }

  /// The gradients that an operation's pullback gives its inputs, recorded.
  public static func pullback(
    _ operation: any TensorOperation, _ upstream: Variable, _ call: Call<Variable>
  ) -> [Variable?] {
    operation.pullback(upstream, call)
  }
}

extension Variable: CustomStringConvertible {
  /// The position, the operation and the value.
  public var description: String { "%\(index) \(tape.title(at: index)) \(value)" }
}
