import Plumbline
import TestSupport
import Testing

@Suite("Matrix products equal a naive sum of fused multiply-adds, bit for bit")
struct ProductTests {
  @Test("in all four forms, with broadcast stacks", arguments: Trial.several(40))
  func stacks(trial: Trial) throws {
    let key = trial.key
    let batch = key["batch"].shape(rank: 0...2, extents: 0...3)
    let (rows, inner, columns) = (
      key["rows"].integer(in: 0...6), key["inner"].integer(in: 0...6),
      key["columns"].integer(in: 0...6)
    )
    let (transposesFirst, transposesSecond) = (key["first"].coin, key["second"].coin)
    let left = key["a"].tensor(
      Shape(
        key["left"].shape(broadcastingTo: batch).extents
          + (transposesFirst ? [inner, rows] : [rows, inner])))
    let right = key["b"].tensor(
      Shape(
        key["right"].shape(broadcastingTo: batch).extents
          + (transposesSecond ? [columns, inner] : [inner, columns])))
    try expectProduct(left, right, transposesFirst, transposesSecond, trial.comment)
    try expectProduct(
      Tensor<Float>(converting: left), Tensor<Float>(converting: right), transposesFirst,
      transposesSecond, trial.comment)
  }

  private func expectProduct<Scalar: TensorScalar & BinaryFloatingPoint>(
    _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ transposesFirst: Bool, _ transposesSecond: Bool,
    _ comment: Comment
  ) throws {
    let product = matmul(
      a, b, transposingFirst: transposesFirst, transposingSecond: transposesSecond)
    let batch = try #require(
      NaiveArray<Scalar>.broadcastExtents(
        a.shape.extents.dropLast(2), b.shape.extents.dropLast(2)), comment)
    let rows = transposesFirst ? a.shape[-1] : a.shape[-2]
    let inner = transposesFirst ? a.shape[-2] : a.shape[-1]
    let columns = transposesSecond ? b.shape[-2] : b.shape[-1]
    let expected = NaiveArray<Scalar>(extents: batch + [rows, columns]) { index in
      let position = index.dropLast(2)
      let (row, column) = (index[index.count - 2], index[index.count - 1])
      return (0..<inner).reduce(into: 0) { sum, p in
        let x = a.naive.broadcast(at: position + (transposesFirst ? [p, row] : [row, p]))
        let y = b.naive.broadcast(at: position + (transposesSecond ? [column, p] : [p, column]))
        sum = sum.addingProduct(x, y)
      }
    }
    #expect(product == Tensor(expected), comment)
  }

  @Test("of sizes that cross the kernels' blocks", arguments: [(65, 130, 33), (129, 64, 48)])
  func blocks(rows: Int, inner: Int, columns: Int) throws {
    let a = Key(seed: 1).tensor([rows, inner])
    let b = Key(seed: 2).tensor([inner, columns])
    let product = matmul(a, b)
    for (row, column) in [(0, 0), (rows - 1, columns - 1), (rows / 2, columns / 3)] {
      let expected = (0..<inner).reduce(0.0) { $0.addingProduct(a[row, $1], b[$1, column]) }
      #expect(product[row, column] == expected)
    }
    let transposed = matmul(
      a.transposed(), b.transposed(), transposingFirst: true, transposingSecond: true)
    #expect(transposed == product)
  }

  @Test("linear is the product plus the bias, added once to the finished sum")
  func linearLayer() {
    let x = Key(seed: 1).tensor([3, 2, 5])
    let weight = Key(seed: 2).tensor([5, 4])
    let bias = Key(seed: 3).tensor([4])
    let product = matmul(x.reshaped(to: [6, 5]), weight).reshaped(to: [3, 2, 4])
    #expect(linear(x, weight, bias) == product + bias)
    #expect(linear(x[row: 0], weight, bias).shape == [2, 4])
  }

  @Test("a vector is a row on the left and a column on the right")
  func vectors() {
    let matrix: Tensor<Double> = [[1, 2, 3], [4, 5, 6]]
    #expect(matmul(matrix, [1, 0, 2]) == [7, 16])
    #expect(matmul([1, 2], matrix) == [9, 12, 15])
    #expect(matmul(Tensor<Double>([1, 2, 3]), [4, 5, 6]) == Tensor(32))
    let stack = Tensor.stack([matrix, 2 * matrix])
    #expect(matmul(stack, [1, 0, 2]) == [[7, 16], [14, 32]])
    #expect(matmul([1, 2], stack) == [[9, 12, 15], [18, 24, 30]])
    // Transposing a vector changes nothing.
    #expect(matmul([1, 2], matrix, transposingFirst: true) == [9, 12, 15])
  }
}

extension Tensor {
  fileprivate subscript(row row: Int) -> Tensor {
    sliced(axis: 0, row..<row + 1).reshaped(to: Shape(Array(shape.extents.dropFirst())))
  }
}
