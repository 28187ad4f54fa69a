import Plumbline
import TestSupport
import Testing

@Suite("A tensor is a value")
struct TensorValueTests {
  @Test("a copy shares memory until one of the two is written")
  func copyOnWrite() {
    let original: Tensor<Double> = [[1, 2], [3, 4]]
    var copy = original
    #expect(copy.sharesMemory(with: original))
    copy[0, 1] = 20
    #expect(!copy.sharesMemory(with: original))
    #expect(original == [[1, 2], [3, 4]])
    #expect(copy == [[1, 20], [3, 4]])
    let snapshot = copy
    copy[1, 1] = 40
    #expect(snapshot == [[1, 20], [3, 4]])
    #expect(copy == [[1, 20], [3, 40]])
  }

  @Test("reshaping, and slicing whole rows, share memory")
  func views() {
    let tensor = Tensor<Float>.indices(24)
    let matrix = tensor.reshaped(to: [4, 6])
    #expect(matrix.sharesMemory(with: tensor))
    let rows = matrix.sliced(axis: 0, 1..<3)
    #expect(rows.sharesMemory(with: tensor))
    #expect(rows.scalars == (6..<18).map(Float.init))
    #expect(rows.sliced(axis: 0, 1..<2).scalars == (12..<18).map(Float.init))
    #expect(!matrix.sliced(axis: 1, 0..<2).sharesMemory(with: tensor))
    #expect(!matrix.transposed().sharesMemory(with: tensor))
  }

  @Test("writing a view leaves what it was cut from, and the other way round")
  func writingViews() {
    var whole = Tensor<Double>.indices(6).reshaped(to: [3, 2])
    var rows = whole.sliced(axis: 0, 1..<3)
    rows[0, 0] = -1
    #expect(whole == [[0, 1], [2, 3], [4, 5]])
    #expect(rows == [[-1, 3], [4, 5]])
    let last = whole.sliced(axis: 0, 2..<3)
    whole[2, 1] = 50
    #expect(last == [[4, 5]])
    #expect(whole == [[0, 1], [2, 3], [4, 50]])
  }

  @Test("a view that outlives the tensor it was cut from is written at its own place")
  func lastView() {
    func cut() -> Tensor<Double> {
      Tensor<Double>.indices(8).reshaped(to: [4, 2]).sliced(axis: 0, 2..<3)
    }
    var row = cut()
    row[0, 1] = 9
    #expect(row == [[4, 9]])
  }

  @Test("compound assignment changes the left side only")
  func compoundAssignment() {
    let start: Tensor<Double> = [1, 2]
    var sum = start
    sum += [10, 20]
    sum -= [1, 1]
    sum *= [2, 3]
    sum /= [4, 7]
    #expect(sum == [5, 9])
    #expect(start == [1, 2])
  }

  @Test("nested literals have the shape of their nesting")
  func literals() {
    let empty: Tensor<Float> = []
    #expect(empty.shape == [0])
    let emptyRows: Tensor<Float> = [[], []]
    #expect(emptyRows.shape == [2, 0])
    let vector: Tensor<Float> = [1, 2.5, -3]
    #expect(vector.shape == [3])
    #expect(vector.scalars == [1, 2.5, -3])
    let cube: Tensor<Double> = [[[1, 2], [3, 4], [5, 6]]]
    #expect(cube.shape == [1, 3, 2])
    #expect(cube.scalars == [1, 2, 3, 4, 5, 6])
  }

  @Test("constructors say what they make")
  func constructors() {
    #expect(Tensor<Double>(3).shape == [])
    #expect(Tensor<Double>(3).scalar == 3)
    #expect(Tensor<Double>([[1, 2], [3, 4]]) == [[1, 2], [3, 4]])
    #expect(Tensor<Double>([2, 2], [1, 2, 3, 4]) == [[1, 2], [3, 4]])
    #expect(Tensor<Double>(repeating: 7, shape: [2, 1]) == [[7], [7]])
    #expect(Tensor<Float>.zeros([2]) == [0, 0])
    #expect(Tensor<Float>.ones([1, 2]) == [[1, 1]])
    #expect(Tensor<Float>.identity(2) == [[1, 0], [0, 1]])
    #expect(Tensor<Double>.indices(3) == [0, 1, 2])
    #expect(Tensor<Float>(classes: [2, 0, 16_777_215]) == [2, 0, 16_777_215])
    #expect(Tensor<Float>(converting: Tensor<Double>([0.1])) == Tensor([Float(0.1)]))
    #expect(Tensor<Double>([[Double]]()).shape == [0, 0])
  }

  @Test("an index reads and writes row-major, negative from the end")
  func indexing() {
    var tensor = Tensor<Double>.indices(24).reshaped(to: [2, 3, 4])
    #expect(tensor[1, 2, 3] == 23)
    #expect(tensor[1, 0, 2] == 14)
    #expect(tensor[-1, -3, -2] == 14)
    tensor[-2, 1, -1] = 70
    #expect(tensor[0, 1, 3] == 70)
    #expect(tensor.scalars[7] == 70)
    #expect(Tensor<Double>(5)[] == 5)
  }

  @Test("tensors are equal where shape and every value are; NaN equals nothing")
  func equality() {
    let tensor: Tensor<Double> = [1, 2]
    #expect(tensor == [1, 2])
    #expect(tensor != [1, 2.0000001])
    #expect(tensor != [[1, 2]])
    #expect(Tensor<Double>([Double.nan]) != Tensor([Double.nan]))
    #expect(Tensor<Double>([0.0]) == Tensor([-0.0]))
    #expect(Tensor<Double>.zeros([0, 2]) == .zeros([0, 2]))
    #expect(Tensor<Double>.zeros([0, 2]) != .zeros([2, 0]))
  }

  @Test("isClose allows an absolute and a relative difference, measured by the other")
  func closeness() {
    let one: Tensor<Double> = [1]
    #expect(one.isClose(to: Tensor([1 + 0.9e-5])))
    #expect(!one.isClose(to: Tensor([1 + 1.1e-5])))
    #expect(one.isClose(to: [1.5], absoluteTolerance: 0.5, relativeTolerance: 0))
    #expect(!one.isClose(to: [1.5], absoluteTolerance: 0.4, relativeTolerance: 0))
    #expect(one.isClose(to: [2], absoluteTolerance: 0, relativeTolerance: 0.5))
    #expect(!Tensor<Double>([2]).isClose(to: [1], absoluteTolerance: 0, relativeTolerance: 0.5))
    #expect(!one.isClose(to: [[1]]))
  }

  @Test("isClose takes an infinity for itself only, and NaN for nothing")
  func closenessOfInfinities() {
    let infinity = Tensor<Double>([Double.infinity])
    #expect(infinity.isClose(to: infinity))
    #expect(!infinity.isClose(to: -infinity))
    #expect(!infinity.isClose(to: [1]))
    #expect(!Tensor<Double>([1]).isClose(to: infinity))
    #expect(!Tensor<Double>([Double.nan]).isClose(to: Tensor([Double.nan])))
    #expect(!Tensor<Double>([Double.nan]).isClose(to: infinity))
  }

  @Test("isFinite finds one infinity or NaN among many values")
  func finiteness() {
    #expect(Tensor<Float>.zeros([100]).isFinite)
    #expect(Tensor<Float>.zeros([0]).isFinite)
    for bad in [Float.nan, .infinity, -.infinity] {
      for position in [0, 57, 99] {
        var tensor = Tensor<Float>.zeros([100])
        tensor[position] = bad
        #expect(!tensor.isFinite)
      }
    }
  }
}
