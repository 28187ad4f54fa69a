import Plumbline

/// The lower factor L of a symmetric positive definite matrix L Lᵀ, computed in blocks, so that most of the work is matrix
/// products.
struct CholeskyFactor {
  private let size: Int
  /// Row-major; values above the diagonal are meaningless.
  private var values: [Float]

  private static var blockSize: Int { 32 }

  /// The factor of a matrix `[size, size]`, of which only the lower half is read.
  ///
  /// A pivot that rounding has made negative counts as nearly zero.
  init(_ matrix: [Float], size: Int) {
    self.size = size
    values = matrix
    for start in stride(from: 0, to: size, by: Self.blockSize) {
      let end = min(start + Self.blockSize, size)
      factorizeColumns(start..<end)
      guard end < size else { continue }
      let panel = part(rows: end..<size, columns: start..<end)
      let update = matmul(panel, panel, transposingSecond: true)
      let rest = size - end
      update.withValues { update in
        for row in 0..<rest {
          let target = (end + row) * size + end
          for column in 0...row { values[target + column] -= update[row * rest + column] }
        }
      }
    }
  }

  /// These columns from the diagonal down, from which the earlier columns have already been subtracted.
  ///
  /// A column is subtracted from the later ones as soon as it is known, so that the inner loop goes along a row, where no value
  /// waits for another.
  private mutating func factorizeColumns(_ columns: Range<Int>) {
    let (size, end) = (size, columns.upperBound)
    values.withUnsafeMutableBufferPointer { values in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.blockSize) { own in
        guard let values = values.baseAddress, let own = own.baseAddress else { return }
        for column in columns {
          let diagonal = max(values[column * size + column], 1e-30).squareRoot()
          values[column * size + column] = diagonal
          for row in column + 1..<size { values[row * size + column] /= diagonal }
          // The factors of the later columns side by side.
          for later in column + 1..<end { own[later - column - 1] = values[later * size + column] }
          for row in column + 1..<size {
            let factor = values[row * size + column]
            let rest = values + row * size + column + 1
            for later in 0..<min(row, end - 1) - column { rest[later] -= factor * own[later] }
          }
        }
      }
    }
  }

  private func part(rows: Range<Int>, columns: Range<Int>) -> Tensor<Float> {
    Tensor(
      [rows.count, columns.count],
      rows.flatMap { values[$0 * size + columns.lowerBound..<$0 * size + columns.upperBound] })
  }

  /// The solution x of L Lᵀ x = b.
  ///
  /// - Parameter sides: b, `[size, columns]`.
  func solution(_ sides: [Float], columns: Int) -> [Float] {
    var x = sides
    let starts = Array(stride(from: 0, to: size, by: Self.blockSize))
    func values(_ rows: Range<Int>) -> Tensor<Float> {
      Tensor(
        [rows.count, columns], Array(x[rows.lowerBound * columns..<rows.upperBound * columns]))
    }
    func subtract(_ product: Tensor<Float>, from rows: Range<Int>) {
      let start = rows.lowerBound * columns
      product.withValues { product in
        for index in 0..<rows.count * columns { x[start + index] -= product[index] }
      }
    }
    for start in starts {
      let block = start..<min(start + Self.blockSize, size)
      for row in block { eliminate(start..<row, from: row, by: { row * size + $0 }, columns, &x) }
      let rest = block.upperBound..<size
      if rest.isEmpty { continue }
      subtract(matmul(part(rows: rest, columns: block), values(block)), from: rest)
    }
    for start in starts.reversed() {
      let block = start..<min(start + Self.blockSize, size)
      let rest = block.upperBound..<size
      if !rest.isEmpty {
        let panel = part(rows: rest, columns: block)
        subtract(matmul(panel, values(rest), transposingFirst: true), from: block)
      }
      for row in block.reversed() {
        eliminate(row + 1..<block.upperBound, from: row, by: { $0 * size + row }, columns, &x)
      }
    }
    return x
  }

  /// Subtracts the known rows from a row of x, and divides by the diagonal.
  private func eliminate(
    _ known: Range<Int>, from row: Int, by position: (Int) -> Int, _ columns: Int,
    _ x: inout [Float]
  ) {
    x.withUnsafeMutableBufferPointer { x in
      for other in known {
        let weight = values[position(other)]
        for column in 0..<columns {
          x[row * columns + column] -= weight * x[other * columns + column]
        }
      }
      let scale = 1 / values[row * size + row]
      for column in 0..<columns { x[row * columns + column] *= scale }
    }
  }
}
