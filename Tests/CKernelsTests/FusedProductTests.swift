import CKernels
import Testing

extension KernelSuite {
  @Suite struct FusedProducts {}
}

/// Which parts of the epilogue a product has.
private struct Parts: OptionSet {
  let rawValue: UInt64
  static let bias = Parts(rawValue: 1), scale = Parts(rawValue: 2), skip = Parts(rawValue: 4)
  static let relu = Parts(rawValue: 8), gate = Parts(rawValue: 16), scaled = Parts(rawValue: 32)
  static let sums = Parts(rawValue: 64)
  /// The skip is the result's own memory.
  static let inPlace = Parts(rawValue: 128)
}

/// A fused product and the same by separate kernels.
private struct FusedCase<Scalar: KernelScalar>: CustomStringConvertible {
  let rows: Int, columns: Int, depth: Int
  let isTransposed: (a: Bool, b: Bool)
  let parts: Parts
  /// How much farther apart than necessary the rows of every matrix lie.
  let padding: Int
  let seed: UInt64
  let a: [Scalar], b: [Scalar], bias: [Scalar], skip: [Scalar], gate: [Scalar]
  let scale: Scalar = 0.7, scaledBy: Scalar = -1.3

  init(
    rows: Int, columns: Int, depth: Int, isTransposed: (a: Bool, b: Bool) = (false, false),
    parts: Parts, padding: Int = 0, random: inout RandomCases
  ) {
    (self.rows, self.columns, self.depth) = (rows, columns, depth)
    (self.isTransposed, self.padding, seed) = (isTransposed, padding, random.seed)
    // The sum of b's columns is only promised where they are contiguous.
    self.parts = isTransposed.b && columns != 1 ? parts.subtracting(.sums) : parts
    a = random.values(rows * depth + (rows + depth) * padding)
    b = random.values(columns * depth + (columns + depth) * padding)
    bias = random.values(columns)
    skip = random.values(rows * (columns + padding))
    gate = random.values(rows * (columns + padding))
  }

  var description: String {
    """
    \(Scalar.self) \(rows) x \(columns), depth \(depth), transposed \(isTransposed), \
    parts \(String(parts.rawValue, radix: 2)), padding \(padding), seed \(seed)
    """
  }

  var row: Int { columns + padding }
  var aStrides: (row: Int, column: Int) {
    isTransposed.a ? (1, rows + padding) : (depth + padding, 1)
  }
  var bStrides: (row: Int, column: Int) {
    isTransposed.b ? (1, depth + padding) : (columns + padding, 1)
  }

  /// The result, the scaled result and the column sums, gaps between rows included.
  func fused() -> [[Scalar]] {
    let count = rows * row
    var scaled: [Scalar] = []
    var sums: [Scalar] = []
    let result = Scalar.output(count) { c in
      for i in 0..<count { c[i] = parts.contains(.inPlace) ? skip[i] : 0 }
      scaled = Scalar.output(count) { scaled in
        for i in 0..<count { scaled[i] = 0 }
        sums = Scalar.output(columns) { sums in
          for j in 0..<columns { sums[j] = 0 }
          run(into: c, scaled, sums)
        }
      }
    }
    return [result, scaled, sums]
  }

  private func run(
    into c: UnsafeMutablePointer<Scalar>, _ scaled: UnsafeMutablePointer<Scalar>,
    _ sums: UnsafeMutablePointer<Scalar>
  ) {
    bias.withUnsafeBufferPointer { bias in
      skip.withUnsafeBufferPointer { skip in
        gate.withUnsafeBufferPointer { gate in
          var epilogue = ProductEpilogue<Scalar>()
          if parts.contains(.bias) { epilogue.bias = bias.baseAddress }
          if parts.contains(.scale) { epilogue.scale = scale }
          if parts.contains(.skip) { epilogue.skip = skip.baseAddress }
          if parts.contains(.inPlace) { epilogue.skip = UnsafePointer(c) }
          epilogue.relu = parts.contains(.relu)
          if parts.contains(.gate) { epilogue.gate = gate.baseAddress }
          if parts.contains(.scaled) { epilogue.scaled = scaled }
          epilogue.scaledBy = scaledBy
          if parts.contains(.sums) { epilogue.columnSums = sums }
          epilogue.row = row
          Scalar.fusedProduct(
            (rows, columns, depth), a, aStrides, b, bStrides, epilogue, c, row)
        }
      }
    }
  }

  /// The same by the kernels of the parts, row by row, so that the gaps stay as they are.
  func separate() -> [[Scalar]] {
    var result = parts.contains(.inPlace) ? skip : [Scalar](repeating: 0, count: rows * row)
    var scaled = [Scalar](repeating: 0, count: rows * row)
    var product = [Scalar](repeating: 0, count: rows * row)
    if rows > 0 {
      bias.withUnsafeBufferPointer { bias in
        Scalar.product(
          rows, columns, depth, a, aStrides.row, aStrides.column, b, bStrides.row,
          bStrides.column, parts.contains(.bias) ? bias.baseAddress : nil, &product, row)
      }
    }
    for i in 0..<rows where columns > 0 {
      let range = i * row..<i * row + columns
      var values = Array(product[range])
      if parts.contains(.scale) {
        values = Scalar.combining(.multiply, values, [scale])
      }
      if !parts.isDisjoint(with: [.skip, .inPlace]) {
        values = Scalar.combining(.add, Array(skip[range]), values)
      }
      if parts.contains(.relu) { values = Scalar.applying(.relu, to: values) }
      if parts.contains(.gate) {
        values = Scalar.combining(.gate, values, Array(gate[range]))
      }
      result.replaceSubrange(range, with: values)
      if parts.contains(.scaled) {
        scaled.replaceSubrange(
          range, with: Scalar.combining(.multiply, values, [scaledBy]))
      }
    }
    var sums = [Scalar](repeating: 0, count: columns)
    if parts.contains(.sums), columns > 0 {
      Scalar.sumRows(depth, columns, b, bStrides.row, &sums)
    }
    return [result, scaled, sums]
  }

  /// Compares the fused kernel of every instruction set with the separate ones of `reference`.
  func check() {
    let expected = KernelSuite.portable { separate() }
    KernelSuite.onEveryInstructionSet { set in
      for (name, (actual, expected)) in zip(
        ["result", "scaled result", "sums"], zip(fused(), expected))
      {
        let difference = firstDifference(actual, expected)
        #expect(difference == nil, "\(set): \(self): \(name): \(difference ?? "")")
      }
    }
  }
}

extension KernelSuite.FusedProducts {
  private func checkEveryCombination<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for parts in 0..<UInt64(256) {
      let transposed = (a: parts % 3 == 1, b: parts % 5 == 2)
      FusedCase<Scalar>(
        rows: Int.random(in: 1...20, using: &random),
        columns: Int.random(in: 1...40, using: &random),
        depth: Int.random(in: 1...12, using: &random), isTransposed: transposed,
        parts: Parts(rawValue: parts), padding: Int(parts % 4), random: &random
      ).check()
    }
  }

  @Test func everyCombinationOfPartsEqualsTheSeparateKernels() {
    checkEveryCombination(Float.self)
    checkEveryCombination(Double.self)
  }

  private func checkEdges<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    let extents = [0, 1, 7, 10, 48, 100]
    for rows in extents {
      for columns in extents {
        for depth in [0, 1, 7, 48] {
          FusedCase<Scalar>(
            rows: rows, columns: columns, depth: depth,
            isTransposed: (Bool.random(using: &random), Bool.random(using: &random)),
            parts: Parts(rawValue: random.next() & 255), random: &random
          ).check()
        }
      }
    }
  }

  @Test func edgesEqualTheSeparateKernels() {
    checkEdges(Float.self)
    checkEdges(Double.self)
  }

  /// Depths that are taken in parts, whose sums must not wait where the skip still is, and blocks of
  /// rows and columns.
  private func checkLargeShapes<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for (rows, columns, depth, transposed) in [
      (5, 100, 900, (a: false, b: false)), (130, 150, 210, (a: true, b: false)),
      (170, 130, 470, (a: false, b: true)), (1, 300, 401, (a: false, b: false)),
    ] {
      for parts: Parts in [
        [.bias, .scale, .skip, .relu, .gate, .scaled, .sums], [.bias, .inPlace, .relu, .sums],
        [.inPlace, .gate, .scaled],
      ] {
        FusedCase<Scalar>(
          rows: rows, columns: columns, depth: depth, isTransposed: transposed, parts: parts,
          padding: depth % 3, random: &random
        ).check()
      }
    }
  }

  @Test func largeShapesEqualTheSeparateKernels() {
    checkLargeShapes(Float.self)
    checkLargeShapes(Double.self)
  }

  /// NaN, infinities and zeros of both signs go through relu, gate and skip as they do separately.
  @Test func specialValuesEqualTheSeparateKernels() {
    let special: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 1, -1, .leastNonzeroMagnitude]
    let count = special.count
    KernelSuite.onEveryInstructionSet { set in
      for value in special {
        // 1 x 1 times 1 x n: the sum is the value itself.
        let values = [Float](repeating: value, count: count)
        var epilogue = plumb_epilogue()
        epilogue.scale = 1
        epilogue.relu = true
        let rectified = Float.output(count) {
          plumb_product(
            .single, 1, count, 1, [Float(1)], 1, 1, values, count, 1, &epilogue, $0, count)
        }
        let expected = Float.applying(.relu, to: values)
        #expect(firstDifference(rectified, expected) == nil, "\(set): relu of \(value)")
        epilogue.relu = false
        special.withUnsafeBufferPointer { gate in
          epilogue.gate = UnsafeRawPointer(gate.baseAddress)
          let gated = Float.output(count) {
            plumb_product(
              .single, 1, count, 1, [Float(1)], 1, 1, values, count, 1, &epilogue, $0, count)
          }
          // The product's sum starts from 0, so a zero has lost its sign.
          let sum = Float.combining(.add, values, [0])
          let expected = Float.combining(.gate, sum, special)
          #expect(firstDifference(gated, expected) == nil, "\(set): gate of \(value)")
        }
      }
    }
  }
}
