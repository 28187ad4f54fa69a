import Plots
import Testing

@Suite struct LabelPlacementTests {
  @Test func leavesWhatDoesNotOverlap() {
    #expect(LabelPlacement.spread(desired: [0, 10, 20], sizes: [10, 10, 10]) == [0, 10, 20])
    #expect(LabelPlacement.spread(desired: [], sizes: []).isEmpty)
    #expect(LabelPlacement.spread(desired: [7], sizes: [3]) == [7])
  }

  @Test func pushesApartEvenly() {
    #expect(LabelPlacement.spread(desired: [5, 5], sizes: [10, 10]) == [0, 10])
    #expect(LabelPlacement.spread(desired: [0, 0, 30], sizes: [10, 10, 10]) == [-5, 5, 30])
    // Out of order: they meet in the middle.
    #expect(LabelPlacement.spread(desired: [10, 0], sizes: [10, 10]) == [0, 10])
  }

  @Test func respectsWeights() {
    let positions = LabelPlacement.spread(desired: [5, 5], sizes: [10, 10], weights: [1e9, 1])
    #expect(abs(positions[0] - 5) < 1e-6 && abs(positions[1] - 15) < 1e-6)
  }

  @Test func staysInBounds() {
    #expect(LabelPlacement.spread(desired: [0, 0], sizes: [10, 10], bounds: 0...100) == [5, 15])
    #expect(
      LabelPlacement.spread(desired: [99, 99], sizes: [10, 10], bounds: 0...100) == [85, 95])
    #expect(LabelPlacement.spread(desired: [5, 5], sizes: [10, 10], bounds: 0...12) == [5, 15])
  }

  /// The optimum of the constrained problem: no small feasible change makes the sum smaller.
  @Test func findsTheOptimum() {
    var state: UInt64 = 3
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    for _ in 0..<200 {
      let count = 1 + Int(random() * 12)
      let desired = (0..<count).map { _ in random() * 100 }
      let sizes = (0..<count).map { _ in 1 + random() * 20 }
      let weights = (0..<count).map { _ in 0.1 + random() }
      let positions = LabelPlacement.spread(desired: desired, sizes: sizes, weights: weights)
      func distance(_ index: Int) -> Double {
        positions[index + 1] - positions[index] - (sizes[index] + sizes[index + 1]) / 2
      }
      for index in 0..<count - 1 { #expect(distance(index) > -1e-9) }
      // Every group of touching labels stands where its weighted moves cancel, and no cut of it
      // would let the upper part rise or the lower part sink.
      var start = 0
      while start < count {
        var end = start
        while end < count - 1, distance(end) < 1e-9 { end += 1 }
        var pull = 0.0
        for index in start...end {
          pull += weights[index] * (desired[index] - positions[index])
          if index < end { #expect(pull > -1e-6) }
        }
        #expect(abs(pull) < 1e-6)
        start = end + 1
      }
    }
  }
}
