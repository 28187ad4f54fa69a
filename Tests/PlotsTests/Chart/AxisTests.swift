import Plots
import Testing

@Suite struct AxisTests {
  private func map(_ values: [Double], _ scale: Axis.Scale = .linear, padding: Double = 0)
    -> AxisMap
  {
    AxisMap(Axis("x", scale: scale), showing: values, padding: padding)
  }

  @Test func showsAllValues() {
    let sets: [[Double]] = [
      [1, 2, 3], [-5, 5], [0, 1e-300], [1e300, -1e300], [7], [0], [-3, -2.9], [1e9, 1e9 + 1],
      [.greatestFiniteMagnitude, -.greatestFiniteMagnitude], [.leastNonzeroMagnitude, 1],
      [.leastNonzeroMagnitude], [0, .leastNonzeroMagnitude], [1e-305, 2e-305],
    ]
    for values in sets {
      for scale in [Axis.Scale.linear, .log10, .log2] {
        let map = map(values, scale, padding: 0.05)
        #expect(map.low < map.high && map.low.isFinite && map.high.isFinite)
        #expect(scale == .linear || map.low > 0)
        for value in values where map.canShow(value) {
          #expect((-1e-9...1 + 1e-9).contains(map.fraction(value)), "\(values) \(scale)")
        }
      }
    }
  }

  @Test func ignoresWhatHasNoPlace() {
    let map = map([.nan, .infinity, -1, 0, 10, 1000], .log10)
    #expect(map.low == 10 && map.high == 1000)
    #expect(!map.canShow(0) && !map.canShow(-1) && !map.canShow(.nan) && map.canShow(1e-9))
    #expect(abs(map.fraction(100) - 0.5) < 1e-12)
    #expect(map.fraction(0) == -1e4)
  }

  @Test func startsAtZeroWhereItIsNear() {
    #expect(map([0.1, 1], padding: 0.05).low == 0)
    #expect(map([0.5, 1]).low == 0.5)
    #expect(map([-1, -0.1], padding: 0.05).high == 0)
    #expect(map([0, 1], padding: 0.1).low == 0)
  }

  @Test func widensEqualValues() {
    #expect(map([4, 4]).low == 3.6 && map([4, 4]).high == 4.4)
    #expect(map([0]).low == -1 && map([0]).high == 1)
    #expect(map([8], .log2).low == 4 && map([8], .log2).high == 16)
  }

  @Test func takesAFixedRange() {
    let map = AxisMap(Axis("x", range: 0...10), showing: [50], padding: 0.5)
    #expect(map.low == 0 && map.high == 10)
    #expect(map.fraction(50) == 5 && !map.contains(50) && map.contains(10))
    #expect(map.fraction(1e300) == 1e4)
  }

  @Test func refusesRangesThatItCannotShow() async {
    await #expect(processExitsWith: .failure) {
      _ = AxisMap(Axis("x", scale: .log10, range: 0...1), showing: [], padding: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = AxisMap(Axis("x", range: 1...1), showing: [], padding: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = AxisMap(Axis("x", range: 1 ... .infinity), showing: [], padding: 0)
    }
  }
}
