import Plumbline
import Testing

@Suite("Tensors without values")
struct ZeroSizeTests {
  private let empty = Tensor<Double>.zeros([0, 3])

  @Test("have a shape, no values and equal themselves")
  func basics() {
    #expect(empty.count == 0)
    #expect(empty.scalars == [])
    #expect(empty == .ones([0, 3]))
    #expect(empty.isClose(to: .ones([0, 3])))
    #expect(empty.isFinite)
  }

  @Test("broadcast along the axes that have values")
  func broadcasting() {
    #expect((empty + Tensor<Double>.ones([1, 3])).shape == [0, 3])
    #expect((empty * Tensor<Double>.ones([3])).shape == [0, 3])
    #expect((empty + Tensor<Double>.ones([2, 1, 1])).shape == [2, 0, 3])
    #expect((empty + 1).shape == [0, 3])
    #expect(exp(empty).shape == [0, 3])
    #expect(Shape.broadcast([0], [1]) == [0])
    #expect(Shape.broadcast([0], [2]) == nil)
  }

  @Test("sum to zeros, and have products of zeros")
  func reductions() {
    #expect(empty.sum() == Tensor(0))
    #expect(empty.sum(alongAxes: [0]) == [0, 0, 0])
    #expect(empty.sum(alongAxes: [1]).shape == [0])
    #expect(empty.max(alongAxes: [1]).shape == [0])
    #expect(softmax(empty).shape == [0, 3])
    #expect(matmul(Tensor<Double>.zeros([2, 0]), empty) == .zeros([2, 3]))
    #expect(matmul(empty, Tensor<Double>.ones([3, 4])).shape == [0, 4])
    #expect(
      linear(Tensor<Double>.zeros([2, 0]), empty, [1, 2, 3]) == [[1, 2, 3], [1, 2, 3]])
  }

  @Test("are moved like others")
  func rearrangements() {
    #expect(empty.reshaped(to: [3, 0, 5]).shape == [3, 0, 5])
    #expect(empty.transposed().shape == [3, 0])
    #expect(empty.sliced(axis: 1, 1..<2).shape == [0, 1])
    #expect(Tensor.concatenate([empty, [[1, 2, 3]], empty]) == [[1, 2, 3]])
    #expect(Tensor.stack([empty, empty]).shape == [2, 0, 3])
    #expect(Tensor<Double>.ones([1, 3]).broadcast(to: [0, 3]).shape == [0, 3])
    #expect(empty.summed(to: [1, 3]) == [[0, 0, 0]])
    #expect(Tensor<Double>.indices(0).oneHot(classes: 2).shape == [0, 2])
    #expect(Tensor<Double>.identity(2).rows(at: .indices(0)).shape == [0, 2])
    #expect(empty.selectingRows([]).shape == [0, 3])
  }

  @Test("have gradients without values")
  func gradients() {
    let result = gradient(at: empty) { (exp($0) * $0).sum() }
    #expect(result.shape == [0, 3])
    let weight = gradient(at: Tensor<Double>.ones([3, 2])) { weight in
      matmul(weight.constant(empty), weight).sum()
    }
    #expect(weight == .zeros([3, 2]))
  }

  @Test("print as empty lists")
  func description() {
    #expect(Tensor<Double>.zeros([0]).description == "[]")
    #expect(empty.description == "[]")
    #expect(Tensor<Double>.zeros([2, 0]).description == "[[],\n []]")
  }
}
