import Plumbline
import TestSupport
import Testing

@Suite("Broadcasting follows NumPy's rule")
struct BroadcastingTests {
  @Test(
    "two random shapes have the common shape of the rule, or none", arguments: Trial.several(60))
  func commonShape(trial: Trial) {
    for number in 0..<20 {
      let key = trial.key[number]
      let left = key["left"].shape(extents: 0...3)
      let right = key["right"].shape(extents: 0...3)
      let expected = NaiveArray<Double>.broadcastExtents(left.extents, right.extents)
      #expect(Shape.broadcast(left, right)?.extents == expected, trial.comment)
      #expect(Shape.broadcast(right, left)?.extents == expected, trial.comment)
    }
  }

  @Test(
    "arithmetic on random shapes equals the index-by-index reference exactly",
    arguments: Trial.several(40))
  func arithmetic(trial: Trial) throws {
    for number in 0..<4 {
      let key = trial.key[number]
      let target = key["target"].shape(extents: 0...4)
      let left = key["x"].tensor(key["left"].shape(broadcastingTo: target), awayFromZeroBy: 0.1)
      let right = key["y"].tensor(key["right"].shape(broadcastingTo: target), awayFromZeroBy: 0.1)
      try expectArithmetic(left, right, trial.comment)
      try expectArithmetic(
        Tensor<Float>(converting: left), Tensor<Float>(converting: right), trial.comment)
    }
  }

  private func expectArithmetic<Scalar: TensorScalar & BinaryFloatingPoint>(
    _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ comment: Comment
  ) throws {
    let extents = try #require(
      NaiveArray<Scalar>.broadcastExtents(x.shape.extents, y.shape.extents), comment)
    func reference(_ combine: (Scalar, Scalar) -> Scalar) -> Tensor<Scalar> {
      Tensor(
        NaiveArray(extents: extents) {
          combine(x.naive.broadcast(at: $0), y.naive.broadcast(at: $0))
        })
    }
    #expect(x + y == reference(+), comment)
    #expect(x - y == reference(-), comment)
    #expect(x * y == reference(*), comment)
    #expect(x / y == reference(/), comment)
    #expect(minimum(x, y) == reference(Swift.min), comment)
    #expect(maximum(x, y) == reference(Swift.max), comment)
    #expect(compare(x, .greater, y) == reference { $0 > $1 ? 1 : 0 }, comment)
    #expect(compare(x, .greaterOrEqual, y) == reference { $0 >= $1 ? 1 : 0 }, comment)
    #expect(compare(x, .equal, y) == reference { $0 == $1 ? 1 : 0 }, comment)
  }

  @Test("select broadcasts mask and operands together", arguments: Trial.several(40))
  func selection(trial: Trial) throws {
    let key = trial.key
    let target = key["target"].shape(extents: 0...4)
    let maskShape = key["maskShape"].shape(broadcastingTo: target)
    let mask = Tensor<Double>(maskShape, (0..<maskShape.elementCount).map { key[$0].coin ? 1 : 0 })
    let x = key["x"].tensor(key["left"].shape(broadcastingTo: target))
    let y = key["y"].tensor(key["right"].shape(broadcastingTo: target))
    let operands = try #require(
      NaiveArray<Double>.broadcastExtents(x.shape.extents, y.shape.extents), trial.comment)
    let extents = try #require(
      NaiveArray<Double>.broadcastExtents(mask.shape.extents, operands), trial.comment)
    let expected = NaiveArray(extents: extents) { index in
      mask.naive.broadcast(at: index) != 0
        ? x.naive.broadcast(at: index) : y.naive.broadcast(at: index)
    }
    #expect(select(mask, x, y) == Tensor(expected), trial.comment)
  }

  @Test(
    "broadcast(to:) repeats, and summed(to:) adds what it repeated", arguments: Trial.several(40))
  func repetition(trial: Trial) {
    let key = trial.key
    let target = key["target"].shape(extents: 0...4)
    let x = key["x"].tensor(key["shape"].shape(broadcastingTo: target))
    let repeated = x.broadcast(to: target)
    #expect(
      repeated == Tensor(NaiveArray(extents: target.extents) { x.naive.broadcast(at: $0) }),
      trial.comment)
    // Adjoint: ⟨broadcast x, y⟩ = ⟨x, summed y⟩.
    let y = key["y"].tensor(target)
    let summed = y.summed(to: x.shape)
    #expect(summed.shape == x.shape, trial.comment)
    let size = Swift.max(1, abs(repeated * y).sum().scalar)
    #expect(
      abs((repeated * y).sum().scalar - (x * summed).sum().scalar) <= 1e-13 * size, trial.comment)
  }

  @Test("a number next to a tensor acts on every value", arguments: Trial.several(10))
  func numbers(trial: Trial) {
    let x = trial.key["x"].tensor(trial.key["shape"].shape(), awayFromZeroBy: 0.1)
    let c = trial.key.uniform(at: 0) + 0.5
    func reference(_ map: (Double) -> Double) -> Tensor<Double> {
      Tensor(x.shape, x.scalars.map(map))
    }
    #expect(x + c == reference { $0 + c }, trial.comment)
    #expect(c + x == reference { $0 + c }, trial.comment)
    #expect(x - c == reference { $0 - c }, trial.comment)
    #expect(c - x == reference { c - $0 }, trial.comment)
    #expect(x * c == reference { $0 * c }, trial.comment)
    #expect(c * x == reference { $0 * c }, trial.comment)
    #expect(x / c == reference { $0 / c }, trial.comment)
    // A reciprocal and a product: two roundings instead of one.
    #expect(
      (c / x).isClose(to: reference { c / $0 }, absoluteTolerance: 0, relativeTolerance: 0x1p-52),
      trial.comment)
    #expect(-x == reference { -$0 }, trial.comment)
  }
}
