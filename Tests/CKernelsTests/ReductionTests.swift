import CKernels
import Testing

extension KernelSuite {
  @Suite struct Reductions {}
}

/// The tree of the header, as it is written there.
private func treeSum<Scalar: KernelScalar>(_ x: ArraySlice<Scalar>) -> Scalar {
  if x.count > 1024 {
    var half = 1024
    while half * 2 < x.count { half *= 2 }
    return treeSum(x.prefix(half)) + treeSum(x.dropFirst(half))
  }
  var lanes = [Scalar](repeating: 0, count: 16)
  for (index, value) in x.enumerated() { lanes[index % 16] += value }
  for width in [8, 4, 2, 1] {
    for lane in 0..<width { lanes[lane] += lanes[lane + width] }
  }
  return lanes[0]
}

private func blockSums<Scalar: KernelScalar>(
  _ x: [Scalar], rows: Int, columns: Int, stride: Int
) -> [Scalar] {
  (0..<columns).map { column in
    var total: Scalar = 0
    for start in Swift.stride(from: 0, to: rows, by: 128) {
      var block: Scalar = 0
      for row in start..<min(rows, start + 128) { block += x[row * stride + column] }
      total += block
    }
    return total
  }
}

extension KernelSuite.Reductions {
  private func checkSums<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    let edges = [
      0, 1, 2, 15, 16, 17, 31, 33, 1023, 1024, 1025, 2048, 2049, 3000, 4096, 4097, 5000, 7000, 9000,
      12_345, 17_000, 20_001,
    ]
    for count in edges + (0..<20).map({ _ in Int.random(in: 0...300, using: &random) }) {
      let x: [Scalar] = random.values(count)
      let expected = treeSum(x[...])
      KernelSuite.onEveryInstructionSet { set in
        let sum = Scalar.sum(count, x)
        #expect(
          sum.isIdentical(to: expected),
          "\(set): \(Scalar.self), \(count) values, seed \(random.seed): \(sum), not \(expected)")
      }
    }
  }

  @Test func sumsFollowTheTree() {
    checkSums(Float.self)
    checkSums(Double.self)
  }

  private func checkRowSums<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for rows in [0, 1, 2, 127, 128, 129, 300] {
      for columns in [0, 1, 3, 7, 8, 10, 16, 31, 64, 70] where rows * columns < 10_000 {
        let stride = columns + rows % 3
        let x: [Scalar] = random.values(max(1, rows * stride))
        let expected = blockSums(x, rows: rows, columns: columns, stride: stride)
        KernelSuite.onEveryInstructionSet { set in
          let sums = Scalar.output(columns) { Scalar.sumRows(rows, columns, x, stride, $0) }
          let difference = firstDifference(sums, expected)
          #expect(
            difference == nil,
            "\(set): \(Scalar.self) \(rows) x \(columns), seed \(random.seed): \(difference ?? "")")
        }
      }
    }
  }

  @Test func rowSumsGoBlockByBlock() {
    checkRowSums(Float.self)
    checkRowSums(Double.self)
  }

  private func checkMaximum<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    KernelSuite.onEveryInstructionSet { set in
      for count in [1, 2, 7, 10, 16, 17, 33, 64, 65, 100, 300] {
        var x: [Scalar] = random.values(count, within: 100)
        let context = "\(set): \(Scalar.self), \(count) values, seed \(random.seed)"
        #expect(Scalar.maximum(count, x) == x.max(), "\(context)")
        let position = Int.random(in: 0..<count, using: &random)
        x[position] = .infinity
        #expect(Scalar.maximum(count, x) == .infinity, "\(context)")
        x[position] = .nan
        #expect(Scalar.maximum(count, x).isNaN, "\(context), NaN at \(position)")
        let low = [Scalar](repeating: -.infinity, count: count)
        #expect(Scalar.maximum(count, low) == -.infinity, "\(context)")
        var zeros = [Scalar](repeating: -0.0, count: count)
        #expect(Scalar.maximum(count, zeros).isIdentical(to: 0), "\(context)")
        zeros[position] = 0
        #expect(Scalar.maximum(count, zeros).isIdentical(to: 0), "\(context)")
      }
    }
  }

  @Test func maximumIsTheLargestOrNaN() {
    checkMaximum(Float.self)
    checkMaximum(Double.self)
  }

  private func checkNonFiniteSums<Scalar: KernelScalar>(_: Scalar.Type) {
    KernelSuite.onEveryInstructionSet { set in
      for count in [1, 20, 2000] {
        var x = [Scalar](repeating: 1, count: count)
        x[count / 2] = .infinity
        #expect(Scalar.sum(count, x) == .infinity, "\(set)")
        x[0] = .nan
        #expect(Scalar.sum(count, x).isNaN, "\(set)")
        let zeros = [Scalar](repeating: -0.0, count: count)
        #expect(Scalar.sum(count, zeros).isIdentical(to: 0), "\(set)")
      }
    }
  }

  @Test func sumsKeepInfinityAndNaN() {
    checkNonFiniteSums(Float.self)
    checkNonFiniteSums(Double.self)
  }
}
