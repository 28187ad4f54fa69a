/// A differentiable operation: a value that knows its result's shape, its forward kernel and its pullback.
///
/// Operations are data, not closures, so a tape of them can be printed, drawn, counted, checked and
/// replayed. The built-in ones conform to this protocol like any other; a custom operation is a struct
/// with the same requirements:
///
/// ```swift
/// struct Cube: Operation {                                     // y = x³,  dx = 3 x² dy
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
public protocol Operation: Sendable {
  /// What the operation is called in tables, drawings and messages.
  var name: String { get }

  /// The operation's own settings for tables, as in `axes [0]`; empty where it has none.
  var attributes: String { get }

  /// The derivative at points where there is none, in words; `nil` where the operation has no such point.
  var convention: String? { get }

  /// The shape of the result. Traps with both shapes in the message where the inputs do not fit.
  func shape(of inputs: [Shape]) -> Shape

  /// The result; `inputs` have shapes that ``shape(of:)`` has accepted.
  func forward<Scalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar>

  /// The gradient of each input, given `upstream`, that of the output. `nil` where an input has none
  /// or, by ``Call/needs(_:)``, none is asked.
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?]

  /// Whether the operation is made of smooth pieces, so that it has ``decisions(_:)``.
  var isPiecewise: Bool { get }

  /// Which piece each element lies on; `nil` where the operation is smooth. The gradient check compares the
  /// decisions on both sides of a point to find the kinks between them.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions?

  /// The floating-point operations of one evaluation, a multiplication and an addition counting as two.
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int

  // The same two functions for the scalars of training, so that the compiler makes a concrete version of
  // each operation: a call through `any Operation` cannot specialize a generic one. Not to be implemented.

  /// ``forward(_:)`` in single precision.
  func _forward(_ inputs: [Tensor<Float>]) -> Tensor<Float>
  /// ``forward(_:)`` in double precision.
  func _forward(_ inputs: [Tensor<Double>]) -> Tensor<Double>
  /// ``pullback(_:_:)`` in single precision.
  func _pullback(_ upstream: Tensor<Float>, _ call: Call<Tensor<Float>>) -> [Tensor<Float>?]
  /// ``pullback(_:_:)`` in double precision.
  func _pullback(_ upstream: Tensor<Double>, _ call: Call<Tensor<Double>>) -> [Tensor<Double>?]
}

extension Operation {
  /// ``forward(_:)`` in single precision.
  @inlinable
  public func _forward(_ inputs: [Tensor<Float>]) -> Tensor<Float> { forward(inputs) }
  /// ``forward(_:)`` in double precision.
  @inlinable
  public func _forward(_ inputs: [Tensor<Double>]) -> Tensor<Double> { forward(inputs) }
  /// ``pullback(_:_:)`` in single precision.
  @inlinable
  public func _pullback(
    _ upstream: Tensor<Float>, _ call: Call<Tensor<Float>>
  ) -> [Tensor<Float>?] { pullback(upstream, call) }
  /// ``pullback(_:_:)`` in double precision.
  @inlinable
  public func _pullback(
    _ upstream: Tensor<Double>, _ call: Call<Tensor<Double>>
  ) -> [Tensor<Double>?] { pullback(upstream, call) }
}

extension Operation {
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

/// One use of an operation, as its pullback sees it.
public struct Call<T: TensorProtocol> {
  /// The inputs of the operation.
  public let inputs: [T]

  /// Its output.
  public let output: T

  private let needed: UInt64

  /// A use of an operation; bit i of `needed` says that the gradient of input i is asked.
  init(inputs: [T], output: T, needed: UInt64) {
    self.inputs = inputs
    self.output = output
    self.needed = needed
  }

  /// Whether the gradient of this input is asked: an expensive one that is not can be left out.
  public func needs(_ index: Int) -> Bool { index >= 64 || needed >> UInt64(index) & 1 == 1 }
}

/// The built-in operations by name. The tests that check every gradient switch over these cases without
/// a default, so an operation that is missing there does not compile.
public enum OperationKind: String, Sendable, CaseIterable {
  case add, subtract, multiply, divide, power, minimum, maximum
  case scale, offset, negate, powerConstant, absolute, sign, clip
  case exp, log, log1p, expm1, sqrt
  case tanh, sigmoid, softplus, relu, gate, leakyRelu, elu, gelu, silu, normalCDF
  case activationGradient
  case compare, select
  case sum, broadcast, maximumOverAxes, logSumExp, softmax, logSoftmax
  case logLikelihood, logLikelihoodGradient
  case reshape, transpose, slice, pad, concatenate, gather, scatter, rows, scatterRows, oneHot
  case patches, foldPatches, convolution, convolutionImages, convolutionWeight
  case matmul, linear, detach
}

/// An operation of the library itself.
protocol BuiltInOperation: Operation {
  static var kind: OperationKind { get }
}

extension BuiltInOperation {
  /// The name of the kind.
  public var name: String { Self.kind.rawValue }
}

/// A built-in operation on each element of one input.
protocol ElementwiseOperation: BuiltInOperation {}

extension ElementwiseOperation {
  /// The shape of the input.
  public func shape(of inputs: [Shape]) -> Shape { inputs[0] }
}
