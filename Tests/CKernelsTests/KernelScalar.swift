import CKernels

/// The kernels of one precision, so that a test is written once for both.
protocol KernelScalar: BinaryFloatingPoint & Sendable {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & Sendable
  var bitPattern: Bits { get }
  init(bitPattern: Bits)

  typealias Input = UnsafePointer<Self>
  typealias Output = UnsafeMutablePointer<Self>
  static var product: (Int, Int, Int, Input, Int, Int, Input, Int, Int, Input?, Output, Int) -> Void
  { get }
  static var unary: (plumb_unary, Int, Input, Output) -> Void { get }
  static var binary: (plumb_binary, Int, Input, Int, Input, Int, Output) -> Void { get }
  static var select: (Int, Input, Input, Int, Input, Int, Output) -> Void { get }
  static var sum: (Int, Input) -> Self { get }
  static var maximum: (Int, Input) -> Self { get }
  static var sumRows: (Int, Int, Input, Int, Output) -> Void { get }
  /// Sizes m, n and k, the operands with their strides, the epilogue, c and its row stride.
  static func fusedProduct(
    _ sizes: (Int, Int, Int), _ a: Input, _ aStrides: (row: Int, column: Int), _ b: Input,
    _ bStrides: (row: Int, column: Int), _ epilogue: ProductEpilogue<Self>, _ c: Output, _ row: Int)
}

/// The kernels' epilogue of either precision, with one row stride for all matrices.
struct ProductEpilogue<Scalar: KernelScalar> {
  var bias: UnsafePointer<Scalar>?, skip: UnsafePointer<Scalar>?, gate: UnsafePointer<Scalar>?
  var scale: Scalar = 1, scaledBy: Scalar = 1
  var relu = false
  var scaled: UnsafeMutablePointer<Scalar>?, columnSums: UnsafeMutablePointer<Scalar>?
  var row = 0
}

extension Float: KernelScalar {
  static var product: (Int, Int, Int, Input, Int, Int, Input, Int, Int, Input?, Output, Int) -> Void
  {
    { plumb_product_f32($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) }
  }
  static var unary: (plumb_unary, Int, Input, Output) -> Void {
    { plumb_unary_f32($0, $1, $2, $3) }
  }
  static var binary: (plumb_binary, Int, Input, Int, Input, Int, Output) -> Void {
    { plumb_binary_f32($0, $1, $2, $3, $4, $5, $6) }
  }
  static var select: (Int, Input, Input, Int, Input, Int, Output) -> Void {
    { plumb_select_f32($0, $1, $2, $3, $4, $5, $6) }
  }
  static var sum: (Int, Input) -> Float { { plumb_sum_f32($0, $1) } }
  static var maximum: (Int, Input) -> Float { { plumb_maximum_f32($0, $1) } }
  static var sumRows: (Int, Int, Input, Int, Output) -> Void {
    { plumb_sum_rows_f32($0, $1, $2, $3, $4) }
  }
  static func fusedProduct(
    _ sizes: (Int, Int, Int), _ a: Input, _ aStrides: (row: Int, column: Int), _ b: Input,
    _ bStrides: (row: Int, column: Int), _ epilogue: ProductEpilogue<Self>, _ c: Output, _ row: Int
  ) {
    var parts = plumb_epilogue_f32(
      bias: epilogue.bias, scale: epilogue.scale, skip: epilogue.skip, skip_row: epilogue.row,
      relu: epilogue.relu, gate: epilogue.gate, gate_row: epilogue.row, scaled: epilogue.scaled,
      scaled_row: epilogue.row, scaled_by: epilogue.scaledBy, b_column_sums: epilogue.columnSums)
    plumb_product_fused_f32(
      sizes.0, sizes.1, sizes.2, a, aStrides.row, aStrides.column, b, bStrides.row,
      bStrides.column, &parts, c, row)
  }
}

extension Double: KernelScalar {
  static var product: (Int, Int, Int, Input, Int, Int, Input, Int, Int, Input?, Output, Int) -> Void
  {
    { plumb_product_f64($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) }
  }
  static var unary: (plumb_unary, Int, Input, Output) -> Void {
    { plumb_unary_f64($0, $1, $2, $3) }
  }
  static var binary: (plumb_binary, Int, Input, Int, Input, Int, Output) -> Void {
    { plumb_binary_f64($0, $1, $2, $3, $4, $5, $6) }
  }
  static var select: (Int, Input, Input, Int, Input, Int, Output) -> Void {
    { plumb_select_f64($0, $1, $2, $3, $4, $5, $6) }
  }
  static var sum: (Int, Input) -> Double { { plumb_sum_f64($0, $1) } }
  static var maximum: (Int, Input) -> Double { { plumb_maximum_f64($0, $1) } }
  static var sumRows: (Int, Int, Input, Int, Output) -> Void {
    { plumb_sum_rows_f64($0, $1, $2, $3, $4) }
  }
  static func fusedProduct(
    _ sizes: (Int, Int, Int), _ a: Input, _ aStrides: (row: Int, column: Int), _ b: Input,
    _ bStrides: (row: Int, column: Int), _ epilogue: ProductEpilogue<Self>, _ c: Output, _ row: Int
  ) {
    var parts = plumb_epilogue_f64(
      bias: epilogue.bias, scale: epilogue.scale, skip: epilogue.skip, skip_row: epilogue.row,
      relu: epilogue.relu, gate: epilogue.gate, gate_row: epilogue.row, scaled: epilogue.scaled,
      scaled_row: epilogue.row, scaled_by: epilogue.scaledBy, b_column_sums: epilogue.columnSums)
    plumb_product_fused_f64(
      sizes.0, sizes.1, sizes.2, a, aStrides.row, aStrides.column, b, bStrides.row,
      bStrides.column, &parts, c, row)
  }
}

extension KernelScalar {
  /// Whether both are the same number, the sign of zero included, or both NaN.
  func isIdentical(to other: Self) -> Bool {
    bitPattern == other.bitPattern || (isNaN && other.isNaN)
  }

  static func applying(_ function: plumb_unary, to x: [Self]) -> [Self] {
    output(x.count) { unary(function, x.count, x, $0) }
  }

  static func combining(_ function: plumb_binary, _ x: [Self], _ y: [Self]) -> [Self] {
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
