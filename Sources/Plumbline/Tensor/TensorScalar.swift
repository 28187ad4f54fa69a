import CKernels

/// An element-wise function of one argument.
public enum UnaryFunction: UInt32, Sendable, CaseIterable {
  /// The functions, in the order of the kernels' enumeration.
  case negate, absolute, sign, square, reciprocal, sqrt, exp, expm1, log, log1p, tanh, sigmoid
  case softplus, normalCDF, relu
}

/// An element-wise function of two arguments; comparisons give 1 or 0.
public enum BinaryFunction: UInt32, Sendable, CaseIterable {
  /// The functions, in the order of the kernels' enumeration. `gate` is x where y > 0 and 0 elsewhere.
  case add, subtract, multiply, divide, minimum, maximum, power, greater, greaterEqual, equal, gate
}

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

  /// c = a b + bias: c is m x n with contiguous rows, a is m x k and b is k x n with any strides, bias is
  /// absent or n values. Each element sums over k in ascending order with fused multiply-add.
  static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Self>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Self>, rowStride bRow: Int, columnStride bColumn: Int,
    bias: UnsafePointer<Self>?, into c: UnsafeMutablePointer<Self>)

  /// The product with what is fused to it.
  static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Self>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Self>, rowStride bRow: Int, columnStride bColumn: Int,
    epilogue: ProductEpilogue<Self>, into c: UnsafeMutablePointer<Self>)

  /// y[i] = f(x[i]); y may be x.
  static func apply(
    _ function: UnaryFunction, count: Int, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>)

  /// z[i] = f(x[i xStep], y[i yStep]) with steps of 0 or 1; z may be x or y.
  static func apply(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Self>, step xStep: Int,
    _ y: UnsafePointer<Self>, step yStep: Int, into z: UnsafeMutablePointer<Self>)

  /// z[i] = x[i] where mask[i] is not 0, y[i] elsewhere.
  static func select(
    count: Int, mask: UnsafePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    into z: UnsafeMutablePointer<Self>)

  /// y[i] = f(x[i]) with the settings a and b, where the function has them; y may be x.
  static func apply(
    _ function: ActivationFunction, count: Int, _ a: Double, _ b: Double, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>)

  /// dx[i] from the upstream gradient d[i] and what the backward pass reads of input and output.
  static func applyGradient(
    of function: ActivationFunction, count: Int, _ a: Double, _ d: UnsafePointer<Self>,
    input: UnsafePointer<Self>?, output: UnsafePointer<Self>?,
    into dx: UnsafeMutablePointer<Self>)

  /// A function along contiguous rows.
  static func apply(
    _ function: RowFunction, rows: Int, length: Int, _ x: UnsafePointer<Self>,
    into y: UnsafeMutablePointer<Self>)

  /// y[i] = log softmax(row i)[classes[i]]; `logProbabilities`, rows x length, is left with all of them. Returns `rows`, or
  /// the first row whose class is no whole number from 0 to length - 1.
  static func logLikelihood(
    rows: Int, length: Int, _ x: UnsafePointer<Self>, classes: UnsafePointer<Self>,
    logProbabilities: UnsafeMutablePointer<Self>, into y: UnsafeMutablePointer<Self>
  ) -> Int

  /// The gradient of ``logLikelihood(rows:length:_:classes:logProbabilities:into:)`` in place of the log-probabilities that dx
  /// holds before. Returns as that does.
  static func logLikelihoodGradient(
    rows: Int, length: Int, classes: UnsafePointer<Self>, upstream: UnsafePointer<Self>,
    into dx: UnsafeMutablePointer<Self>
  ) -> Int

  /// The sum of contiguous values, by one fixed tree.
  static func sum(count: Int, _ x: UnsafePointer<Self>) -> Self

  /// The largest of one or more contiguous values; NaN where any is NaN.
  static func maximum(count: Int, _ x: UnsafePointer<Self>) -> Self

  /// y[j] = the sum over rows of x[row rowStride + j], rows in one fixed order.
  static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Self>, rowStride: Int,
    into y: UnsafeMutablePointer<Self>)

  /// y[i] = `kept` where number `first` + i of the key is below `threshold` (see ``RandomMask``), 0 elsewhere.
  static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Self,
    into y: UnsafeMutablePointer<Self>)

  /// An operation's result, by its concrete version for this scalar where there is one.
  static func forward(_ operation: any Operation, _ inputs: [Tensor<Self>]) -> Tensor<Self>

  /// A layer's recorded output, by its concrete version for this scalar where there is one.
  static func call(
    _ layer: any Layer, _ input: Variable<Self>, _ pass: Pass<Variable<Self>>
  ) -> Variable<Self>

  /// An operation's pullback on tensors, by its concrete version for this scalar where there is one.
  static func pullback(
    _ operation: any Operation, _ upstream: Tensor<Self>, _ call: Call<Tensor<Self>>
  ) -> [Tensor<Self>?]
}

extension TensorScalar {
  /// The mask number by number.
  public static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Self,
    into y: UnsafeMutablePointer<Self>
  ) {
    for index in 0..<count {
      y[index] = key.bits(at: first + index) >> 11 < threshold ? kept : Self(0)
    }
  }

  /// The generic version.
  public static func forward(_ operation: any Operation, _ inputs: [Tensor<Self>]) -> Tensor<Self> {
    operation.forward(inputs)
  }

  /// The generic version.
  public static func call(
    _ layer: any Layer, _ input: Variable<Self>, _ pass: Pass<Variable<Self>>
  ) -> Variable<Self> {
    layer(input, pass)
  }

  /// The generic version.
  public static func pullback(
    _ operation: any Operation, _ upstream: Tensor<Self>, _ call: Call<Tensor<Self>>
  ) -> [Tensor<Self>?] {
    operation.pullback(upstream, call)
  }
}

extension Float: TensorScalar {
  /// y[i] = x[i], rounded to `Float`.
  public static func convert(
    fromDouble count: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count { y[index] = Float(x[index]) }
  }

  /// y[i] = x[i], exactly.
  public static func convert(
    toDouble count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count { y[index] = Double(x[index]) }
  }

  /// The version for `Float`.
  public static func forward(_ operation: any Operation, _ inputs: [Tensor<Float>]) -> Tensor<Float>
  {
    operation._forward(inputs)
  }

  /// The version for `Float`.
  public static func call(
    _ layer: any Layer, _ input: Variable<Float>, _ pass: Pass<Variable<Float>>
  ) -> Variable<Float> {
    layer._call(input, pass)
  }

  /// The version for `Float`.
  public static func pullback(
    _ operation: any Operation, _ upstream: Tensor<Float>, _ call: Call<Tensor<Float>>
  ) -> [Tensor<Float>?] {
    operation._pullback(upstream, call)
  }

  /// The value as a `Double`, exactly.
  public var real: Double { Double(self) }

  /// The product kernel in single precision.
  public static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Float>, rowStride bRow: Int, columnStride bColumn: Int,
    bias: UnsafePointer<Float>?, into c: UnsafeMutablePointer<Float>
  ) {
    plumb_product_f32(rows, columns, inner, a, aRow, aColumn, b, bRow, bColumn, bias, c, columns)
  }

  /// The element-wise kernel in single precision.
  public static func apply(
    _ function: UnaryFunction, count: Int, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    plumb_unary_f32(plumb_unary(function.rawValue), count, x, y)
  }

  /// The element-wise kernel in single precision.
  public static func apply(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Float>, step xStep: Int,
    _ y: UnsafePointer<Float>, step yStep: Int, into z: UnsafeMutablePointer<Float>
  ) {
    plumb_binary_f32(plumb_binary(function.rawValue), count, x, xStep, y, yStep, z)
  }

  /// The selection kernel in single precision.
  public static func select(
    count: Int, mask: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    into z: UnsafeMutablePointer<Float>
  ) {
    plumb_select_f32(count, mask, x, 1, y, 1, z)
  }

  /// The summation kernel in single precision.
  public static func sum(count: Int, _ x: UnsafePointer<Float>) -> Float {
    plumb_sum_f32(count, x)
  }

  /// The maximum kernel in single precision.
  public static func maximum(count: Int, _ x: UnsafePointer<Float>) -> Float {
    plumb_maximum_f32(count, x)
  }

  /// The row summation kernel in single precision.
  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, rowStride: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    plumb_sum_rows_f32(rows, columns, x, rowStride, y)
  }

  /// The mask kernel in single precision.
  public static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Float,
    into y: UnsafeMutablePointer<Float>
  ) {
    plumb_mask_f32(count, key.bits, UInt64(first), threshold, kept, y)
  }
}

extension Double: TensorScalar {
  /// y[i] = x[i].
  public static func convert(
    fromDouble count: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    y.update(from: x, count: count)
  }

  /// y[i] = x[i].
  public static func convert(
    toDouble count: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    y.update(from: x, count: count)
  }

  /// The version for `Double`.
  public static func forward(_ operation: any Operation, _ inputs: [Tensor<Double>]) -> Tensor<
    Double
  > {
    operation._forward(inputs)
  }

  /// The version for `Double`.
  public static func call(
    _ layer: any Layer, _ input: Variable<Double>, _ pass: Pass<Variable<Double>>
  ) -> Variable<Double> {
    layer._call(input, pass)
  }

  /// The version for `Double`.
  public static func pullback(
    _ operation: any Operation, _ upstream: Tensor<Double>, _ call: Call<Tensor<Double>>
  ) -> [Tensor<Double>?] {
    operation._pullback(upstream, call)
  }

  /// The value itself.
  public var real: Double { self }

  /// The product kernel in double precision.
  public static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Double>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Double>, rowStride bRow: Int, columnStride bColumn: Int,
    bias: UnsafePointer<Double>?, into c: UnsafeMutablePointer<Double>
  ) {
    plumb_product_f64(rows, columns, inner, a, aRow, aColumn, b, bRow, bColumn, bias, c, columns)
  }

  /// The element-wise kernel in double precision.
  public static func apply(
    _ function: UnaryFunction, count: Int, _ x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    plumb_unary_f64(plumb_unary(function.rawValue), count, x, y)
  }

  /// The element-wise kernel in double precision.
  public static func apply(
    _ function: BinaryFunction, count: Int, _ x: UnsafePointer<Double>, step xStep: Int,
    _ y: UnsafePointer<Double>, step yStep: Int, into z: UnsafeMutablePointer<Double>
  ) {
    plumb_binary_f64(plumb_binary(function.rawValue), count, x, xStep, y, yStep, z)
  }

  /// The selection kernel in double precision.
  public static func select(
    count: Int, mask: UnsafePointer<Double>, _ x: UnsafePointer<Double>,
    _ y: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>
  ) {
    plumb_select_f64(count, mask, x, 1, y, 1, z)
  }

  /// The summation kernel in double precision.
  public static func sum(count: Int, _ x: UnsafePointer<Double>) -> Double {
    plumb_sum_f64(count, x)
  }

  /// The maximum kernel in double precision.
  public static func maximum(count: Int, _ x: UnsafePointer<Double>) -> Double {
    plumb_maximum_f64(count, x)
  }

  /// The row summation kernel in double precision.
  public static func sumRows(
    rows: Int, columns: Int, _ x: UnsafePointer<Double>, rowStride: Int,
    into y: UnsafeMutablePointer<Double>
  ) {
    plumb_sum_rows_f64(rows, columns, x, rowStride, y)
  }

  /// The mask kernel in double precision.
  public static func mask(
    count: Int, key: Key, from first: Int, below threshold: UInt64, kept: Double,
    into y: UnsafeMutablePointer<Double>
  ) {
    plumb_mask_f64(count, key.bits, UInt64(first), threshold, kept, y)
  }
}
