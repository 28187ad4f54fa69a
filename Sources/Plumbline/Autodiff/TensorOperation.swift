/// A differentiable operation: a value that knows its result's shape, its forward kernel and its pullback.
///
/// Operations are data, not closures, so a tape of them can be printed, drawn, counted, checked and
/// replayed. The built-in ones conform to this protocol like any other; a custom operation is a struct
/// with the same requirements:
///
/// ```swift
/// struct Cube: TensorOperation {                                     // y = x³,  dx = 3 x² dy
///   let name = "cube"
///   func shape(of inputs: [Shape]) -> Shape { inputs[0] }
///   func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] * inputs[0] * inputs[0] }
///   func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
///     [upstream * 3 * call.inputs[0] * call.inputs[0]]
///   }
/// }
/// func cube<T: TensorProtocol>(_ x: T) -> T { T.apply(Cube(), to: [x]) }
/// ```
///
/// The pullback is written in terms of operations, so that derivatives of any order follow from it.
public protocol TensorOperation: SpecializedOperation {
  /// The operation's name in tables, drawings and messages.
  var name: String { get }

  /// The operation's own settings for tables, such as `axes [0]`; empty if it has none.
  var attributes: String { get }

  /// The convention for the derivative at points without one, in words; `nil` if the operation has no such points.
  var convention: String? { get }

  /// The shape of the result. Traps with both shapes in the message if the inputs do not fit.
  func shape(of inputs: [Shape]) -> Shape

  /// The result; `inputs` have shapes that ``shape(of:)`` has accepted.
  func forward<Scalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar>

  /// The gradient of each input, given `upstream`, that of the output. `nil` if an input has none
  /// or, by ``Call/needs(_:)``, it is not needed.
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?]

  /// Whether the operation is piecewise smooth, so that it has ``decisions(_:)``.
  var isPiecewise: Bool { get }

  /// Which piece each element lies on; `nil` if the operation is smooth. The gradient check compares the
  /// decisions on both sides of a point to find the kinks between them.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions?

  /// The floating-point operations of one evaluation, a multiplication and an addition counting as two.
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int
}

extension TensorOperation {
  /// No settings.
  public var attributes: String { "" }

  /// Differentiable everywhere.
  public var convention: String? { nil }

  /// One smooth piece.
  public var isPiecewise: Bool { false }

  /// One smooth piece.
  public func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { nil }

  /// One for each element of the output.
  public func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { output.elementCount }
}

/// One call of an operation, as its pullback sees it.
public struct Call<T: TensorProtocol> {
  /// The inputs of the operation.
  public let inputs: [T]

  /// The operation's output for these inputs.
  public let output: T

  private let needed: UInt64

  /// A call of an operation; bit i of `needed` says that the gradient of input i is needed.
  init(inputs: [T], output: T, needed: UInt64) {
    self.inputs = inputs
    self.output = output
    self.needed = needed
  }

  /// The same call of the operation with other values.
  func replacing(inputs: [T], output: T) -> Call {
    Call(inputs: inputs, output: output, needed: needed)
  }

  /// Whether the gradient of this input is needed: an expensive gradient that is not needed can be omitted.
  public func needs(_ index: Int) -> Bool { index >= 64 || needed >> UInt64(index) & 1 == 1 }
}
