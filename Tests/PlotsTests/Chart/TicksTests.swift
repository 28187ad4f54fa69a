import Foundation
import Plots
import Testing

@Suite struct TicksTests {
  private func labels(
    _ scale: Axis.Scale, _ low: Double, _ high: Double, limit: Int = 8,
    _ format: Axis.TickFormat = .number
  ) -> [String] {
    Ticks.automatic(AxisMap(scale: scale, low: low, high: high), limit: limit, format: format)
      .compactMap(\.label)
  }

  @Test func choosesRoundSteps() {
    #expect(labels(.linear, 0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(.linear, 0, 1, limit: 3) == ["0.0", "0.5", "1.0"])
    #expect(labels(.linear, -30, 42, limit: 5) == ["−20", "0", "20", "40"])
    #expect(labels(.linear, 0, 40_000, limit: 5) == ["0", "10,000", "20,000", "30,000", "40,000"])
    #expect(labels(.linear, 0, 0.4, limit: 5, .percent) == ["0%", "10%", "20%", "30%", "40%"])
    #expect(labels(.linear, 0, 0.004, limit: 3, .percent) == ["0.0%", "0.2%", "0.4%"])
  }

  @Test func labelsDecades() {
    #expect(labels(.log10, 0.005, 20) == ["0.01", "0.1", "1", "10"])
    #expect(
      labels(.log10, 1e-9, 1)
        == (-9...0).filter { $0.isMultiple(of: 2) }.map {
          NumberText.power(base: 10, exponent: $0)
        })
    #expect(labels(.log10, 1e-3, 1, .percent) == ["0.1%", "1%", "10%", "100%"])
    #expect(labels(.log10, 1e-300, 1e300, limit: 5).count <= 5)
  }

  @Test func labelsWithinFewDecades() {
    #expect(labels(.log10, 0.05, 1.2) == ["0.05", "0.1", "0.2", "0.5", "1"])
    #expect(labels(.log10, 0.3, 20, limit: 4) == ["0.3", "1", "3", "10"])
    #expect(
      labels(.log10, 0.051, 0.0605, limit: 4) == ["0.052", "0.056", "0.060"]
        || labels(.log10, 0.051, 0.0605, limit: 4) == ["0.055", "0.060"])
  }

  @Test func addsMinorTicks() {
    let map = AxisMap(scale: .log10, low: 0.005, high: 20)
    let ticks = Ticks.automatic(map, limit: 8)
    #expect(ticks.count { !$0.isMajor } == 5 + 8 + 8 + 8 + 1)
    #expect(ticks.map(\.value) == ticks.map(\.value).sorted())
  }

  @Test func labelsOctaves() {
    #expect(labels(.log2, 2, 128) == ["2", "4", "8", "16", "32", "64", "128"])
    #expect(labels(.log2, 0.2, 5) == ["0.25", "0.5", "1", "2", "4"])
    #expect(labels(.log2, 1, 1024, limit: 6) == ["1", "4", "16", "64", "256", "1024"])
    #expect(labels(.log2, 1, 0x1p40, limit: 5) == ["2⁰", "2¹⁰", "2²⁰", "2³⁰", "2⁴⁰"])
    #expect(labels(.log2, 3, 5).count >= 2)
  }

  @Test func distinguishesNeighbours() {
    for (low, high) in [(1e9, 1e9 + 6), (1e-9, 5e-9), (1e20, 1.0001e20), (-3e-7, 4e-7)] {
      let labels = labels(.linear, low, high)
      #expect(Set(labels).count == labels.count && labels.count > 1, "\(labels)")
    }
  }

  @Test func labelsTheEndsWhereNoStepIsLeft() {
    for scale in [Axis.Scale.linear, .log10, .log2] {
      let labels = labels(scale, .leastNonzeroMagnitude, 3 * .leastNonzeroMagnitude)
      #expect(labels.count == 2 && Set(labels).count == 2, "\(labels)")
    }
  }

  @Test func takesExplicitValues() {
    let map = AxisMap(scale: .log2, low: 2, high: 64)
    let ticks = Ticks.explicit([64, 2, 8, 8, 128, 0, .nan], map)
    #expect(ticks.map(\.value) == [2, 8, 64])
    #expect(ticks.map(\.label) == ["2", "8", "64"])
  }

  @Test func staysWithinTheLimit() {
    var state: UInt64 = 1
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    for _ in 0..<300 {
      let low = exp2(600 * (random() - 0.5))
      let map = AxisMap(scale: .linear, low: low, high: low * (1 + exp2(20 * (random() - 0.5))))
      for scale in [Axis.Scale.linear, .log10, .log2] {
        for limit in [2, 3, 8] {
          let scaled = AxisMap(scale: scale, low: map.low, high: map.high)
          let ticks = Ticks.automatic(scaled, limit: limit)
          #expect(ticks.count { $0.isMajor } <= limit, "\(scaled)")
          #expect(ticks.allSatisfy { scaled.contains($0.value) })
        }
      }
    }
  }
}
