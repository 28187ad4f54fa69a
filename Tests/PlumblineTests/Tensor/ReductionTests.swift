import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Reductions over any axes equal the naive reference")
struct ReductionTests {
  /// A random tensor, some of its axes, and what is left of its shape without them.
  private struct Draw {
    let x: Tensor<Double>
    let axes: [Int]
    let removed: Shape
    let comment: Comment

    init(_ trial: Trial, extents: ClosedRange<Int>) {
      let shape = trial.key["shape"].shape(extents: extents)
      x = trial.key["x"].tensor(shape)
      let chosen = trial.key["axes"].axes(of: shape)
      axes = chosen
      removed = Shape((0..<shape.rank).filter { !chosen.contains($0) }.map { shape.extents[$0] })
      comment = trial.comment
    }

    func expect(
      _ reduction: ([Int], Bool) -> Tensor<Double>, equals reduce: ([Double]) -> Double,
      within tolerance: Double
    ) {
      let expected = Tensor(x.naive.reduced(over: axes, reduce))
      func isClose(_ result: Tensor<Double>, _ expected: Tensor<Double>) -> Bool {
        result.isClose(to: expected, absoluteTolerance: tolerance, relativeTolerance: tolerance)
      }
      #expect(isClose(reduction(axes, true), expected), comment)
      #expect(isClose(reduction(axes, false), expected.reshaped(to: removed)), comment)
      let negative = axes.map { $0 - x.shape.rank }
      #expect(reduction(negative, false) == reduction(axes, false), comment)
      #expect(reduction(axes.reversed(), false) == reduction(axes, false), comment)
    }
  }

  @Test("sums, of empty slices too", arguments: Trial.several(40))
  func sum(trial: Trial) {
    let draw = Draw(trial, extents: 0...5)
    draw.expect(
      { draw.x.sum(alongAxes: $0, keepingAxes: $1) }, equals: { $0.reduce(0, +) }, within: 1e-12)
  }

  @Test("means", arguments: Trial.several(20))
  func mean(trial: Trial) {
    let draw = Draw(trial, extents: 1...5)
    draw.expect(
      { draw.x.mean(alongAxes: $0, keepingAxes: $1) },
      equals: { $0.reduce(0, +) / Double($0.count) }, within: 1e-13)
  }

  @Test("maxima, exactly", arguments: Trial.several(20))
  func maximum(trial: Trial) {
    let draw = Draw(trial, extents: 1...5)
    draw.expect(
      { draw.x.max(alongAxes: $0, keepingAxes: $1) }, equals: { $0.max() ?? .nan }, within: 0)
  }

  @Test("variances with any correction", arguments: Trial.several(20))
  func variance(trial: Trial) {
    let draw = Draw(trial, extents: 2...5)
    let members = draw.axes.map { draw.x.shape.extents[$0] }.reduce(1, *)
    let correction = members == 1 ? 0 : Double(trial.key["correction"].integer(in: 0...1))
    draw.expect(
      { draw.x.variance(alongAxes: $0, correction: correction, keepingAxes: $1) },
      equals: { values in
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
          / (Double(values.count) - correction)
      }, within: 1e-13)
  }

  @Test("log-sum-exp", arguments: Trial.several(20))
  func logSumExp(trial: Trial) {
    let draw = Draw(trial, extents: 1...5)
    draw.expect(
      { draw.x.logSumExp(alongAxes: $0, keepingAxes: $1) },
      equals: { Foundation.log($0.reduce(0) { $0 + Foundation.exp($1) }) }, within: 1e-13)
  }

  @Test("softmax and its logarithm along any axis", arguments: Trial.several(20))
  func softmax(trial: Trial) {
    let shape = trial.key["shape"].shape(rank: 1...4, extents: 1...5)
    let x = trial.key["x"].tensor(shape)
    let axis = trial.key["axis"].integer(in: 0...shape.rank - 1)
    let powers = exp(x)
    let expected = powers / powers.sum(alongAxes: [axis], keepingAxes: true)
    for axis in [axis, axis - shape.rank] {
      let result = Plumbline.softmax(x, alongAxis: axis)
      #expect(
        result.isClose(to: expected, absoluteTolerance: 0, relativeTolerance: 1e-13), trial.comment)
      #expect(
        logSoftmax(x, alongAxis: axis)
          .isClose(to: log(expected), absoluteTolerance: 1e-13, relativeTolerance: 1e-13),
        trial.comment)
    }
  }

  @Test("without axes everything is reduced")
  func everything() {
    let x: Tensor<Double> = [[1, 2, 3], [4, 5, 9]]
    #expect(x.sum() == Tensor(24))
    #expect(x.mean() == Tensor(4))
    #expect(x.max() == Tensor(9))
    #expect(x.variance().scalar == 40.0 / 6)
    #expect(x.sum(keepingAxes: true) == [[24]])
    #expect(x.sum(alongAxes: []) == x)
    #expect(Tensor<Double>(7).sum() == Tensor(7))
  }

  @Test("one NaN makes the maximum and the sum NaN, wherever it stands", arguments: [0, 7, 40])
  func nonNumbers(position: Int) {
    var x = Tensor<Double>.indices(41)
    x[position] = .nan
    #expect(x.max().scalar.isNaN)
    #expect(x.sum().scalar.isNaN)
    #expect(x.reshaped(to: [41, 1]).sum(alongAxes: [0])[0].isNaN)
  }

  @Test("a long sum in Float stays within the error of its tree")
  func longSum() {
    let key = Key(seed: 3)
    for count in [1023, 1024, 1025, 5000, 100_000] {
      let values = key.uniform(count).map { Float($0) }
      let exact = values.reduce(0.0) { $0 + Double($1) }
      let sum = Double(Tensor(values).sum().scalar)
      // 16 lanes of at most 64 additions, then a tree: below 80 roundings of half a unit in 2²³.
      #expect(abs(sum - exact) <= 80 * 0x1p-24 * exact, "\(count) values")
    }
  }
}
