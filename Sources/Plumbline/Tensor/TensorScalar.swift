import CKernels

/// An element-wise function of one argument. The list, with the formula of each, is in `plumb_kernel_list.h`.
public typealias UnaryFunction = CKernels.UnaryFunction

/// An element-wise function of two arguments; comparisons give 1 or 0. `gate` is x where y > 0 and 0 elsewhere.
public typealias BinaryFunction = CKernels.BinaryFunction

/// The backward pass of an activation function as one kernel.
public typealias PullbackFunction = CKernels.PullbackFunction

/// A function of contiguous rows that returns a row or a single value.
public typealias RowFunction = CKernels.RowFunction

/// A type that tensors can hold: `Float`, `Double`, or ``Dual`` of one of them.
///
/// The requirements are bulk kernels, not arithmetic on single values: generic code pays one witness
/// call for an operation, not one for each element. Strides and steps count elements.
public protocol TensorScalar: Sendable, BitwiseCopyable, Hashable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, CustomStringConvertible
{
  /// The value nearest to `value`.
  init(_ value: Double)

  /// The value as a `Double`; of a dual number, its value without the tangent.
  var real: Double { get }

  /// Whether the value (and the tangent of a dual number) is neither infinite nor NaN.
  var isFinite: Bool { get }

  /// y[i] = the value nearest to x[i].
  static func convert(
    fromDouble count: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Self>)

  /// y[i] = x[i] as a `Double`, without the tangent of a dual number.
  static func convert(
    toDouble count: Int, _ x: UnsafePointer<Self>, into y: UnsafeMutablePointer<Double>)

  /// y[i] = f(x[i]) with the settings a and b, if the function has them; y may be x.
  static func unary(
    _ function: UnaryFunction, count: Int, _ a: Double, _ b: Double, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>)

  /// z[i] = f(x[i xStep], y[i yStep]) with steps of 0 or 1; z may be x or y.
  static func binary(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Self>, step xStep: Int,
    _ y: UnsafePointer<Self>, step yStep: Int, into z: UnsafeMutablePointer<Self>)

  /// dx[i] from the upstream gradient d[i] and what the backward pass reads from input and output.
  static func pullback(
    _ function: PullbackFunction, count: Int, _ a: Double, _ d: UnsafePointer<Self>,
    input: UnsafePointer<Self>?, output: UnsafePointer<Self>?, into dx: UnsafeMutablePointer<Self>)

  /// z[i] = x[i] where mask[i] is not 0, y[i] elsewhere.
  static func select(
    count: Int, mask: UnsafePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    into z: UnsafeMutablePointer<Self>)

  /// A function of each of some contiguous rows; y may be x if the function keeps their length.
  static func rows(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>)

  /// y[j] = the sum over rows of x[row rowStride + j], rows in one fixed order.
  static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Self>, rowStride: Int,
    into y: UnsafeMutablePointer<Self>)

  /// c = a b with everything fused to it; c has contiguous rows. Each element sums over k in ascending order with fused
  /// multiply-add.
  static func product(
    _ sizes: ProductSizes, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>,
    _ epilogue: ProductEpilogue<Self>, into c: UnsafeMutablePointer<Self>)

  /// y[i] = log softmax(row i)[classes[i]]; `logProbabilities`, rows x length, receives all of them. Returns `rows`, or
  /// the first row whose class is not a whole number from 0 to length - 1.
  static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Self>, classes: UnsafePointer<Self>,
    logProbabilities: UnsafeMutablePointer<Self>, into y: UnsafeMutablePointer<Self>
  ) -> Int

  /// The gradient of ``logLikelihood(rows:length:_:classes:logProbabilities:into:)`` in place of the log-probabilities that dx
  /// holds before. Returns the same as that function.
  static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Self>, upstream: UnsafePointer<Self>,
    into dx: UnsafeMutablePointer<Self>
  ) -> Int

  /// y[i] = `kept` where number `first` + i of the key's bits, shifted right by 11, is below `threshold`, and 0 elsewhere.
  static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Double,
    into y: UnsafeMutablePointer<Self>)
}

extension TensorScalar {
  /// The value as a whole number from 0 to `bound` - 1; `nil` if it is not one.
  func index(below bound: Int) -> Int? {
    let value = real
    guard value >= 0, value < Double(bound), value == value.rounded() else { return nil }
    return Int(value)
  }
}

/// The sizes of a matrix product c = a b and the memory layout of its operands: c is rows x columns, a is rows x inner, b is
/// inner x columns, and a transposed operand is one with its two strides exchanged.
public struct ProductSizes: Sendable, Hashable {
  /// The extents.
  public var rows: Int, columns: Int, inner: Int
  /// The distances in elements between neighbors along both axes of a and b.
  public var aRow: Int, aColumn: Int, bRow: Int, bColumn: Int

  /// Sizes and strides.
  public init(
    rows: Int, columns: Int, inner: Int, a: (row: Int, column: Int), b: (row: Int, column: Int)
  ) {
    self.rows = rows
    self.columns = columns
    self.inner = inner
    (aRow, aColumn) = a
    (bRow, bColumn) = b
  }

  /// The number of elements of c.
  var count: Int { rows * columns }
}

/// What is done to each element of a matrix product before it is stored, and what else is computed in the same pass. Every part
/// rounds separately, as the operation by itself would, so a fused product is bit-identical to its parts in sequence.
public struct ProductEpilogue<Scalar: TensorScalar> {
  /// Added to each row: one value per column of the result.
  public var bias: UnsafePointer<Scalar>?
  /// The factor on sum + bias.
  public var scale = 1.0
  /// Added after the factor: a matrix of the result's shape, which may be the result's own memory.
  public var skip: UnsafePointer<Scalar>?
  /// Whether values of 0 or below become 0.
  public var appliesRelu = false
  /// A matrix of the result's shape: where it is 0 or below the result is 0.
  public var gate: UnsafePointer<Scalar>?
  /// A second result: the first, as it is stored, times a factor.
  public var scaled: UnsafeMutablePointer<Scalar>?
  /// The factor of the second result.
  public var scaledFactor = 1.0
  /// The sum over the rows of the second operand b, which must be row-major: the gradient of a bias next to
  /// that of its weight.
  public var columnSums: UnsafeMutablePointer<Scalar>?

  init() {}
}

// MARK: - The scalars of the processor

/// A scalar in which networks are trained, `Float` or `Double`: one that the kernels compute with.
public protocol TrainableScalar: TensorScalar, BinaryFloatingPoint {
  /// The kernels' name for it.
  static var precision: KernelPrecision { get }
}

extension Float: TrainableScalar {
  /// Single precision.
  public static var precision: KernelPrecision { .single }

  /// The value as a `Double`, exactly.
  public var real: Double { Double(self) }
}

extension Double: TrainableScalar {
  /// Double precision.
  public static var precision: KernelPrecision { .double }

  /// The value itself.
  public var real: Double { self }
}

// The requirements, implemented by the kernels of the same names.
extension TrainableScalar {
  /// y[i] = x[i], rounded.
  public static func convert(
    fromDouble count: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Self>
  ) {
    for index in 0..<count { y[index] = Self(x[index]) }
  }

  /// y[i] = x[i], exactly.
  public static func convert(
    toDouble count: Int, _ x: UnsafePointer<Self>, into y: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count { y[index] = Double(x[index]) }
  }

  public static func unary(
    _ function: UnaryFunction, count: Int, _ a: Double, _ b: Double, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>
  ) {
    plumb_unary(precision, function, count, a, b, x, y)
  }

  public static func binary(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Self>, step xStep: Int,
    _ y: UnsafePointer<Self>, step yStep: Int, into z: UnsafeMutablePointer<Self>
  ) {
    plumb_binary(precision, function, count, x, xStep, y, yStep, z)
  }

  public static func pullback(
    _ function: PullbackFunction, count: Int, _ a: Double, _ d: UnsafePointer<Self>,
    input: UnsafePointer<Self>?, output: UnsafePointer<Self>?, into dx: UnsafeMutablePointer<Self>
  ) {
    plumb_pullback(precision, function, count, a, d, input, output, dx)
  }

  public static func select(
    count: Int, mask: UnsafePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    into z: UnsafeMutablePointer<Self>
  ) {
    plumb_select(precision, count, mask, x, 1, y, 1, z)
  }

  public static func rows(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>
  ) {
    plumb_row(precision, function, rows, length, x, y)
  }

  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Self>, rowStride: Int,
    into y: UnsafeMutablePointer<Self>
  ) {
    plumb_sum_rows(precision, rows, columns, x, rowStride, y)
  }

  public static func product(
    _ sizes: ProductSizes, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>,
    _ epilogue: ProductEpilogue<Self>, into c: UnsafeMutablePointer<Self>
  ) {
    var parts = plumb_epilogue(
      bias: epilogue.bias, scale: epilogue.scale, skip: epilogue.skip, skip_row: sizes.columns,
      relu: epilogue.appliesRelu, gate: epilogue.gate, gate_row: sizes.columns,
      scaled: epilogue.scaled, scaled_row: sizes.columns, scaled_by: epilogue.scaledFactor,
      b_column_sums: epilogue.columnSums)
    plumb_product(
      precision, sizes.rows, sizes.columns, sizes.inner, a, sizes.aRow, sizes.aColumn, b,
      sizes.bRow, sizes.bColumn, &parts, c, sizes.columns)
  }

  public static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Self>, classes: UnsafePointer<Self>,
    logProbabilities: UnsafeMutablePointer<Self>, into y: UnsafeMutablePointer<Self>
  ) -> Int {
    plumb_cross_entropy(precision, rows, length, x, classes, logProbabilities, y)
  }

  public static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Self>, upstream: UnsafePointer<Self>,
    into dx: UnsafeMutablePointer<Self>
  ) -> Int {
    plumb_cross_entropy_gradient(precision, rows, length, dx, classes, upstream, 1, dx)
  }

  public static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Double,
    into y: UnsafeMutablePointer<Self>
  ) {
    plumb_mask(precision, count, key.bits, UInt64(first), threshold, kept, y)
  }
}
