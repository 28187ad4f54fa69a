import CKernels
import Testing

extension KernelSuite {
  @Suite struct Products {}
}

/// How an operand's elements lie in memory.
private enum Layout: CaseIterable {
  case rowMajor, columnMajor, spreadOut

  func strides(rows: Int, columns: Int, padding: Int) -> (row: Int, column: Int) {
    switch self {
    case .rowMajor: (columns + padding, 1)
    case .columnMajor: (1, rows + padding)
    case .spreadOut: (2 * columns + padding, 2)
    }
  }
}

private struct Operand<Scalar: KernelScalar> {
  let values: [Scalar]
  let row: Int, column: Int

  init(
    rows: Int, columns: Int, layout: Layout, padding: Int, random: inout RandomCases
  ) {
    (row, column) = layout.strides(rows: rows, columns: columns, padding: padding)
    let last = max(0, rows - 1) * row + max(0, columns - 1) * column
    values = random.values(rows * columns == 0 ? 1 : last + 1)
  }

  subscript(_ i: Int, _ j: Int) -> Scalar { values[i * row + j * column] }
}

private struct ProductCase<Scalar: KernelScalar>: CustomStringConvertible {
  let rows: Int, columns: Int, depth: Int
  let a: Operand<Scalar>, b: Operand<Scalar>
  let bias: [Scalar]?
  let rowStride: Int
  let seed: UInt64

  init(
    rows: Int, columns: Int, depth: Int, layouts: (Layout, Layout), padding: Int = 0,
    hasBias: Bool = false, random: inout RandomCases
  ) {
    (self.rows, self.columns, self.depth, seed) = (rows, columns, depth, random.seed)
    a = Operand(
      rows: rows, columns: depth, layout: layouts.0, padding: padding, random: &random)
    b = Operand(
      rows: depth, columns: columns, layout: layouts.1, padding: padding, random: &random)
    bias = hasBias ? random.values(max(1, columns)) : nil
    rowStride = columns + padding
  }

  var description: String {
    """
    \(Scalar.self) \(rows) x \(columns), depth \(depth), strides (\(a.row), \(a.column)) and \
    (\(b.row), \(b.column)), \(bias == nil ? "no bias" : "bias"), row \(rowStride), seed \(seed)
    """
  }

  /// All of c, the gaps between its rows included, which hold `gap` where nothing wrote there.
  static var gap: Scalar { 55.5 }

  func kernel() -> [Scalar] {
    let count = rows == 0 ? 0 : (rows - 1) * rowStride + columns
    return Scalar.output(count) { c in
      for i in 0..<count { c[i] = Self.gap }
      if let bias {
        bias.withUnsafeBufferPointer { multiply($0.baseAddress, c) }
      } else {
        multiply(nil, c)
      }
    }
  }

  private func multiply(_ bias: UnsafePointer<Scalar>?, _ c: UnsafeMutablePointer<Scalar>) {
    Scalar.product(
      rows, columns, depth, a.values, a.row, a.column, b.values, b.row, b.column, bias, c,
      rowStride)
  }

  /// The definition: fused multiply-adds in the order of the depth, starting from 0.
  func reference() -> [Scalar] {
    var c = [Scalar](repeating: Self.gap, count: rows == 0 ? 0 : (rows - 1) * rowStride + columns)
    for i in 0..<rows {
      for j in 0..<columns {
        var sum: Scalar = 0
        for p in 0..<depth { sum.addProduct(a[i, p], b[p, j]) }
        c[i * rowStride + j] = bias.map { sum + $0[j] } ?? sum
      }
    }
    return c
  }

  func check(against expected: [Scalar]) {
    KernelSuite.onEveryInstructionSet { set in
      let difference = firstDifference(kernel(), expected)
      #expect(difference == nil, "\(set): \(self): \(difference ?? "")")
    }
  }
}

extension KernelSuite.Products {
  private func checkRandomShapes<Scalar: KernelScalar>(_: Scalar.Type, count: Int, limit: Int) {
    var random = RandomCases()
    for index in 0..<count {
      let layouts = (
        Layout.allCases[index % 3], Layout.allCases[index / 3 % 3]
      )
      let product = ProductCase<Scalar>(
        rows: Int.random(in: 0...limit, using: &random),
        columns: Int.random(in: 0...limit, using: &random),
        depth: Int.random(in: 0...limit, using: &random), layouts: layouts,
        padding: index % 4, hasBias: index % 2 == 1, random: &random)
      product.check(against: product.reference())
    }
  }

  @Test func randomShapesEqualTheDefinition() {
    checkRandomShapes(Float.self, count: 90, limit: 24)
    checkRandomShapes(Double.self, count: 90, limit: 24)
  }

  private func checkEveryWidth<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for columns in 1...70 {
      let product = ProductCase<Scalar>(
        rows: 1 + columns % 5, columns: columns, depth: 3,
        layouts: (.rowMajor, columns % 2 == 0 ? .rowMajor : .columnMajor),
        hasBias: columns % 3 == 0, random: &random)
      product.check(against: product.reference())
    }
  }

  @Test func everyWidthEqualsTheDefinition() {
    checkEveryWidth(Float.self)
    checkEveryWidth(Double.self)
  }

  private func checkEveryHeight<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for rows in 1...50 {
      for columns in [8, 15, 37, 50] {
        let product = ProductCase<Scalar>(
          rows: rows, columns: columns, depth: 2,
          layouts: (rows % 2 == 0 ? .rowMajor : .columnMajor, .rowMajor), random: &random)
        product.check(against: product.reference())
      }
    }
  }

  @Test func everyHeightEqualsTheDefinition() {
    checkEveryHeight(Float.self)
    checkEveryHeight(Double.self)
  }

  /// Deep enough that k is taken in parts, wide and high enough that operands are packed in blocks;
  /// in the last four, columns or rows lie whole pages apart. The reference is the portable kernel, which the
  /// other tests compare with the definition.
  private func checkLargeShapes<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for (rows, columns, depth, padding) in [
      (5, 100, 900, 0), (130, 150, 210, 1), (70, 140, 230, 500), (1, 300, 401, 0),
      (2, 129, 64, 3), (300, 1, 50, 0), (97, 7, 800, 1), (70, 140, 230, 954), (170, 130, 470, 854),
      (70, 140, 200, 824), (170, 130, 470, 554),
    ] {
      for layouts in [
        (Layout.rowMajor, Layout.rowMajor), (.rowMajor, .columnMajor), (.columnMajor, .rowMajor),
      ] {
        let product = ProductCase<Scalar>(
          rows: rows, columns: columns, depth: depth, layouts: layouts, padding: padding,
          hasBias: rows % 2 == 0, random: &random)
        product.check(against: KernelSuite.portable { product.kernel() })
      }
    }
  }

  @Test func largeShapesEqualThePortableKernel() {
    checkLargeShapes(Float.self)
    checkLargeShapes(Double.self)
  }

  private func checkOneDeepElement<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    let product = ProductCase<Scalar>(
      rows: 3, columns: 67, depth: 700, layouts: (.rowMajor, .rowMajor), hasBias: true,
      random: &random)
    product.check(against: product.reference())
  }

  @Test func depthInPartsEqualsTheDefinition() {
    checkOneDeepElement(Float.self)
    checkOneDeepElement(Double.self)
  }

  @Test func nothingIsReadBeyondTheOperands() {
    // NaN beyond every operand's last element would show in the result, were it multiplied in.
    KernelSuite.onEveryInstructionSet { set in
      for columns in 1...20 {
        let a = [Float](repeating: 1, count: 6) + [.nan, .nan]
        let b = [Float](repeating: 1, count: 3 * columns) + [Float](repeating: .nan, count: 32)
        let c = Float.output(2 * columns) {
          plumb_product(.single, 2, columns, 3, a, 3, 1, b, columns, 1, nil, $0, columns)
        }
        #expect(c == [Float](repeating: 3, count: 2 * columns), "\(set), \(columns) columns")
      }
    }
  }
}
