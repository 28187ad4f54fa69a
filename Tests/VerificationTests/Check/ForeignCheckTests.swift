import Foundation
import Plumbline
import Testing
import Verification

@Suite("The check of a function of another program")
struct ForeignCheckTests {
  private func report(
    _ values: [Double], _ gradient: [Double], epsilon: Double = 0x1p-52,
    _ cost: @escaping ([Double]) -> Double
  ) -> ForeignCheck.Report {
    let check = ForeignCheck(
      [.init(name: "w", values: values, gradient: gradient)], epsilon: epsilon)
    return check.report { _, entry, step in
      var moved = values
      moved[entry] += step
      return cost(moved)
    }
  }

  @Test("right, wrong by a hundredth, and not a number")
  func verdicts() {
    let cost: ([Double]) -> Double = { $0[0] * $0[0] * $0[1] }
    #expect(report([1.5, -2], [-6, 2.25], cost).verdict == .pass)
    #expect(report([1.5, -2], [-6.06, 2.25], cost).verdict == .fail)
    #expect(report([1.5, -2], [.nan, 2.25], cost).verdict == .fail)
    #expect(report([1.5, -2], [.infinity, 2.25], cost).verdict == .fail)
  }

  @Test("at a kink a gradient between the slopes is right, and one outside is wrong")
  func kinks() {
    for (slope, verdict) in [
      (0.0, Verdict.kink), (0.4, .kink), (1, .kink), (1.1, .fail), (-0.1, .fail),
    ] {
      let found = report([0], [slope]) { max($0[0], 0) }
      #expect(found.verdict == verdict, "\(slope)")
    }
  }

  @Test("what rounding puts between the slopes is not a kink")
  func roundedTerms() {
    let seed = Int.random(in: 0..<1000)
    for draw in 0..<50 {
      let point = Key(seed: seed)[draw].normal(2)
      // Terms that cancel are rounded more than their sum tells.
      let found = report(point, point.map { 1 / cosh($0) / cosh($0) }, epsilon: 0x1p-23) {
        Double(Float(tanh($0[0])) + Float(tanh($0[1])))
      }
      #expect(found.items[0].kinks.isEmpty, "seed \(seed), draw \(draw)")
    }
  }

  @Test("at the edge of a domain the slope of one side counts")
  func edges() {
    #expect(report([0], [1]) { $0[0] < 0 ? .nan : $0[0] + $0[0] * $0[0] }.verdict == .pass)
    #expect(report([0], [2]) { $0[0] < 0 ? .nan : $0[0] + $0[0] * $0[0] }.verdict == .fail)
  }

  @Test("the slope of a root has no bound at 0, and infinity alone is right")
  func roots() {
    let root: ([Double]) -> Double = { $0[0].squareRoot() }
    #expect(report([0], [.infinity], root).verdict == .pass)
    #expect(report([0], [-.infinity], root).verdict == .fail)
    let finite = report([0], [0], root)
    #expect(finite.verdict == .fail && finite.items[0].unbounded == [0])
  }

  @Test("near the edge of a domain the steps are small by the value")
  func nearEdges() {
    let inverse: ([Double]) -> Double = { $0[0] < 0 ? .nan : 1 / (1e-6 + $0[0]) }
    #expect(report([1e-6], [-2.5e11], inverse).verdict == .pass)
    #expect(report([1e-6], [-2.4e11], inverse).verdict == .fail)
  }

  @Test("a cost whose rounding hides its slopes decides nothing")
  func hidden() {
    let found = report([1e-3], [5]) { 1e12 + $0[0] }
    #expect(found.items[0].isHidden && !found.isDecided)
    #expect(report([1e-3], [1]) { 1e3 + $0[0] }.isDecided)
  }

  @Test("a cost that is random is not a cost to check, and zero against zero not a comparison")
  func vacuous() {
    var calls = 0.0
    let check = ForeignCheck([.init(name: "w", values: [1], gradient: [1])], epsilon: 0x1p-52)
    let random = check.report { _, _, _ in
      calls += 1
      return calls
    }
    #expect(!random.isRepeatable && random.items.isEmpty)
    #expect(report([1], [0]) { _ in 3 }.items[0].isVacuous)
  }

  @Test(
    "what a scale of zero hides is compared where the scale is moved off it", arguments: [1, 1.3])
  func hiddenByScale(factor: Double) {
    // A branch scale · w², whose own gradient is zero at scale 0.
    var point = [[2.0], [0.0]]
    let check = ForeignCheck(
      [
        .init(name: "w", values: point[0], gradient: [0]),
        .init(name: "scale", values: point[1], gradient: [4]),
      ], epsilon: 0x1p-52)
    func cost(_ parameter: Int, _ entry: Int, _ step: Double) -> Double {
      var moved = point
      moved[parameter][entry] += step
      return moved[1][0] * moved[0][0] * moved[0][0]
    }
    #expect(check.report(cost).items[0].isVacuous)
    let found = check.report(cost) { values in
      point = values
      return [[factor * 2 * point[1][0] * point[0][0]], [point[0][0] * point[0][0]]]
    }
    #expect(found.items[0].isMoved && !found.items[1].isMoved)
    #expect(found.verdict == (factor == 1 ? .pass : .fail))
  }

  @Test("steps that pass a kink do not hide the slope at the point", arguments: [0.004, 0.02, 0.1])
  func stepsPastKinks(distance: Double) {
    // Computed in single precision, whose steps are long; one term in ten has a kink near the point.
    let kink = 0.7 + distance
    func cost(_ w: Double) -> Double {
      Double(Float(0.9 * w * w + 0.1 * Swift.max(0, w - kink) + 0.05 * Swift.abs(w - kink)))
    }
    let right = 1.8 * 0.7 - 0.05
    for (gradient, verdict) in [(right, Verdict.pass), (1.3 * right, .fail)] {
      let check = ForeignCheck(
        [.init(name: "w", values: [0.7], gradient: [Double(Float(gradient))])],
        epsilon: Double(Float.ulpOfOne))
      let found = check.report { _, _, step in cost(0.7 + step) }
      #expect((found.verdict == .fail) == (verdict == .fail), "\(distance): \(found)")
    }
  }

  @Test("a gradient of single precision is compared as one, whatever the cost's precision")
  func precisionOfTheGradient() {
    for (factor, verdict) in [(1.0, Verdict.pass), (1.001, .fail)] {
      let gradient = Double(Float(2 / 3.0 * factor * (1 + 4e-7)))
      let check = ForeignCheck(
        [.init(name: "w", values: [1 / 3.0], gradient: [gradient])], epsilon: 0x1p-52)
      let found = check.report { _, _, step in (1 / 3.0 + step) * (1 / 3.0 + step) }
      #expect(found.verdict == verdict, "\(found)")
    }
    // Of double precision the same distance is an error.
    let check = ForeignCheck(
      [.init(name: "w", values: [1 / 3.0], gradient: [2 / 3.0 * (1 + 4e-7)])], epsilon: 0x1p-52)
    #expect(
      check.report { _, _, step in (1 / 3.0 + step) * (1 / 3.0 + step) }.verdict == .fail)
  }

  /// The check of a sum of squares, each times a factor, with a gradient that is changed.
  private func many(
    _ count: Int, seed: Int, _ change: (inout [Double]) -> Void
  ) -> ForeignCheck.Report {
    let values = Key(seed: seed)["values"].normal(count)
    let factors = Key(seed: seed)["factors"].normal(count)
    var gradient = zip(values, factors).map { 2 * $0 * $1 }
    change(&gradient)
    func cost(_ values: [Double]) -> Double {
      zip(values, factors).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    }
    return ForeignCheck(
      [.init(name: "w", values: values, gradient: gradient)], epsilon: 0x1p-52
    ).report { _, entry, step in
      var moved = values
      moved[entry] += step
      return cost(moved)
    } move: { _ in
      []
    } together: { _, entries, step in
      var moved = values
      for entry in entries {
        let own = step / Double(entries.count).squareRoot()
        moved[entry] += ForeignCheck.Together.movesUp(entry) ? own : -own
      }
      return cost(moved)
    }
  }

  @Test("of many entries, one wrong row or column is found wherever it is", arguments: 0..<10)
  func together(seed: Int) throws {
    let (rows, columns) = (60, 50)
    let right = many(rows * columns, seed: seed) { _ in }
    #expect(right.verdict == .pass && right.items[0].together?.isRight == true, "\(right)")
    let row = seed * 37 % rows
    let column = seed * 7 % columns
    let wrongRow = many(rows * columns, seed: seed) { gradient in
      for column in 0..<columns { gradient[row * columns + column] = 0 }
    }
    #expect(wrongRow.verdict == .fail, "row \(row)")
    #expect(wrongRow.items[0].worst / columns == row)
    let wrongColumn = many(rows * columns, seed: seed) { gradient in
      for row in 0..<rows { gradient[row * columns + column] *= 1.5 }
    }
    #expect(wrongColumn.verdict == .fail, "column \(column)")
    #expect(wrongColumn.items[0].worst % columns == column)
  }

  @Test("one entry that is not a number among many is found")
  func hiddenNaN() {
    let found = many(5000, seed: 1) { $0[4321] = .nan }
    #expect(found.verdict == .fail && found.items[0].worst == 4321)
  }

  @Test("a cost that no move changes decides nothing")
  func unmoved() {
    let found = report([1.5, -2], [3, 1]) { _ in 7 }
    #expect(found.isUnmoved && !found.isDecided)
    // Where one of the parameters moves it, a gradient of the other is wrong.
    let half = report([1.5, -2], [3, 1]) { $0[0] * $0[0] }
    #expect(half.verdict == .fail && half.isDecided)
  }

  @Test("an entry of an array is told by its index on each axis")
  func places() {
    let values = [Double](repeating: 0, count: 24)
    let array = ForeignCheck.Parameter(
      name: "K", values: values, gradient: values, shape: [2, 3, 4])
    #expect(array.place(of: 17) == "K[1, 1, 1]" && array.place(of: 23) == "K[1, 2, 3]")
    let list = ForeignCheck.Parameter(name: "b", values: [1, 2], gradient: [0, 0], shape: [2])
    #expect(list.place(of: 1) == "b, entry 1")
  }
}
