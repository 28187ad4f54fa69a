import CKernels

/// The kernels of one precision, so that a test is written once for both.
protocol KernelScalar: BinaryFloatingPoint & Sendable {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & Sendable
  var bitPattern: Bits { get }
  init(bitPattern: Bits)
  static var precision: KernelPrecision { get }
  /// Below it x is replaced in x sigmoid(x) and its kin.
  static var lowestFactor: Self { get }
}

extension Float: KernelScalar {
  static var precision: KernelPrecision { .single }
  static var lowestFactor: Float { -0x1p120 }
}

extension Double: KernelScalar {
  static var precision: KernelPrecision { .double }
  static var lowestFactor: Double { -0x1p1000 }
}

/// The kernels' epilogue of either precision, with one row stride for all matrices.
struct ProductEpilogue<Scalar: KernelScalar> {
  var bias: UnsafePointer<Scalar>?, skip: UnsafePointer<Scalar>?, gate: UnsafePointer<Scalar>?
  var scale: Scalar = 1, scaledBy: Scalar = 1
  var relu = false
  var scaled: UnsafeMutablePointer<Scalar>?, columnSums: UnsafeMutablePointer<Scalar>?
  var row = 0
}

extension KernelScalar {
  typealias Input = UnsafePointer<Self>
  typealias Output = UnsafeMutablePointer<Self>

  static func product(
    _ m: Int, _ n: Int, _ k: Int, _ a: Input, _ aRow: Int, _ aColumn: Int, _ b: Input,
    _ bRow: Int, _ bColumn: Int, _ bias: Input?, _ c: Output, _ cRow: Int
  ) {
    var parts = plumb_epilogue()
    parts.bias = UnsafeRawPointer(bias)
    parts.scale = 1
    plumb_product(precision, m, n, k, a, aRow, aColumn, b, bRow, bColumn, &parts, c, cRow)
  }

  /// Sizes m, n and k, the operands with their strides, the epilogue, c and its row stride.
  static func fusedProduct(
    _ sizes: (Int, Int, Int), _ a: Input, _ aStrides: (row: Int, column: Int), _ b: Input,
    _ bStrides: (row: Int, column: Int), _ epilogue: ProductEpilogue<Self>, _ c: Output, _ row: Int
  ) {
    var parts = plumb_epilogue(
      bias: epilogue.bias, scale: Double(epilogue.scale), skip: epilogue.skip,
      skip_row: epilogue.row, relu: epilogue.relu, gate: epilogue.gate, gate_row: epilogue.row,
      scaled: epilogue.scaled, scaled_row: epilogue.row, scaled_by: Double(epilogue.scaledBy),
      b_column_sums: epilogue.columnSums)
    plumb_product(
      precision, sizes.0, sizes.1, sizes.2, a, aStrides.row, aStrides.column, b, bStrides.row,
      bStrides.column, &parts, c, row)
  }

  static func unary(
    _ function: UnaryFunction, _ count: Int, _ x: Input, _ y: Output, _ a: Self = 0, _ b: Self = 0
  ) {
    plumb_unary(precision, function, count, Double(a), Double(b), x, y)
  }

  static func binary(
    _ function: BinaryFunction, _ count: Int, _ x: Input, _ xStep: Int, _ y: Input, _ yStep: Int,
    _ z: Output
  ) {
    plumb_binary(precision, function, count, x, xStep, y, yStep, z)
  }

  static func pullback(
    _ function: PullbackFunction, _ count: Int, _ a: Self, _ d: Input, _ x: Input?, _ y: Input?,
    _ dx: Output
  ) {
    plumb_pullback(precision, function, count, Double(a), d, x, y, dx)
  }

  static func select(
    _ count: Int, _ mask: Input, _ x: Input, _ xStep: Int, _ y: Input, _ yStep: Int, _ z: Output
  ) {
    plumb_select(precision, count, mask, x, xStep, y, yStep, z)
  }

  static func rows(
    _ function: RowFunction, _ rows: Int, _ length: Int, _ x: Input, _ y: Output
  ) {
    plumb_row(precision, function, rows, length, x, y)
  }

  static func sum(_ count: Int, _ x: Input) -> Self {
    var result = Self.nan
    plumb_row(precision, .sum, 1, count, x, &result)
    return result
  }

  static func maximum(_ count: Int, _ x: Input) -> Self {
    var result = Self.nan
    plumb_row(precision, .maximum, 1, count, x, &result)
    return result
  }

  static func sumRows(_ rows: Int, _ columns: Int, _ x: Input, _ row: Int, _ y: Output) {
    plumb_sum_rows(precision, rows, columns, x, row, y)
  }

  static func crossEntropy(
    _ rows: Int, _ length: Int, _ x: Input, _ classes: Input, _ logarithms: Output, _ y: Output
  ) -> Int {
    plumb_cross_entropy(precision, rows, length, x, classes, logarithms, y)
  }

  static func crossEntropyGradient(
    _ rows: Int, _ length: Int, _ logarithms: Input, _ classes: Input, _ upstream: Input,
    _ step: Int, _ dx: Output
  ) -> Int {
    plumb_cross_entropy_gradient(precision, rows, length, logarithms, classes, upstream, step, dx)
  }
}

extension KernelScalar {
  /// Whether both are the same number, the sign of zero included, or both NaN.
  func isIdentical(to other: Self) -> Bool {
    bitPattern == other.bitPattern || (isNaN && other.isNaN)
  }

  static func applying(_ function: UnaryFunction, to x: [Self]) -> [Self] {
    output(x.count) { unary(function, x.count, x, $0) }
  }

  static func combining(_ function: BinaryFunction, _ x: [Self], _ y: [Self]) -> [Self] {
    let count = max(x.count, y.count)
    return output(count) {
      binary(function, count, x, x.count == count ? 1 : 0, y, y.count == count ? 1 : 0, $0)
    }
  }

  /// What `body` writes to `count` values; stops the process where it writes around them.
  static func output(_ count: Int, _ body: (Output) -> Void) -> [Self] {
    let guards = 40
    let sentinel: Self = -777.25
    var memory = [Self](repeating: sentinel, count: count + 2 * guards)
    memory.withUnsafeMutableBufferPointer { body($0.baseAddress! + guards) }
    let written = guards..<guards + count
    for (index, value) in memory.enumerated() where !written.contains(index) {
      if value != sentinel {
        fatalError("a kernel wrote \(value) at \(index - guards) of \(count) values")
      }
    }
    return Array(memory[written])
  }
}

/// Where two lists differ first, for a failure's message; nil where they are identical.
func firstDifference<Scalar: KernelScalar>(_ actual: [Scalar], _ expected: [Scalar]) -> String? {
  guard actual.count == expected.count else { return "\(actual.count) of \(expected.count) values" }
  for index in actual.indices where !actual[index].isIdentical(to: expected[index]) {
    return "value \(index): \(actual[index]), expected \(expected[index])"
  }
  return nil
}
