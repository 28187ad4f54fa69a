import Experiments
import Plots
import Testing

@Suite struct MeasuredLawTests {
  private static var law: MeasuredLaw {
    MeasuredLaw(
      "residual", at: [2, 8], law: { 1 + $0 },
      means: [SampleMean(of: [3, 3.2]), SampleMean(of: [9, 9.4])])
  }

  @Test func checksEveryDepth() {
    let checks = Self.law.checks(neglecting: 0.25) { "\($0) blocks" }
    #expect(checks.map(\.quantity) == ["2 blocks", "8 blocks"])
    #expect(checks.map(\.predicted) == [3, 9] && checks.map(\.measured) == [3.1, 9.2])
    for check in checks { #expect(check.tolerance == 0.25 + (check.samplingTolerance ?? .nan)) }
    let growing = Self.law.checks(named: { "\($0)" }, neglecting: { $0 / 10 })
    #expect(
      growing.map { $0.tolerance - ($0.samplingTolerance ?? .nan) }.map { ($0 * 10).rounded() } == [
        2, 8,
      ])
  }

  @Test func measuresAtEveryDepth() throws {
    let session = StudySession(of: "s", jobs: 1)
    func twice(_ depth: Double) -> Double { 2 * depth }
    let law = try MeasuredLaw("twice", at: [1, 4], law: twice) { depth in
      try session.value("depth \(depth)") { SampleMean(of: [Double(depth), Double(3 * depth)]) }
    }
    #expect(law.means.map(\.mean) == [2, 8])
  }

  @Test func seriesHaveTheLawAndThePoints() {
    let series = Self.law.series
    #expect(series.map(\.label) == ["", "residual"] && series[0].style == .reference)
    #expect(series[0].points.map(\.y) == [3, 9] && series[1].points.map(\.x) == [2, 8])
    let dense = Self.law.series(over: 1...4)
    #expect(dense[0].points.map(\.y) == [2, 3, 4, 5] && dense[1] == series[1])
  }

  @Test func lawsOfTheSameDepthsAlternate() {
    func checks(_ names: String...) -> [Check] {
      names.map { Check($0, predicted: 1, exactly: 1, tolerance: 0) }
    }
    let all = MeasuredLaw.depthByDepth(checks("a2", "a8"), checks("b2", "b8"))
    #expect(all.map(\.quantity) == ["a2", "b2", "a8", "b8"])
    #expect(MeasuredLaw.depthByDepth(checks("a2", "a8"), []).map(\.quantity) == ["a2", "a8"])
  }
}
