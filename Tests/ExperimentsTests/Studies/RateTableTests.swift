import Experiments
import Foundation
import Testing

@Suite struct RateTableTests {
  /// Losses whose logarithm is a parabola over that of the rate, lowest at 10^-2.3 for width 16 and 10^-2.8 for width 64, and the same for every seed but
  /// for a factor.
  private static func table() throws -> RateTable<Int> {
    try StudySession(of: "s", jobs: 2).table(
      of: [16, 64], rates: { _ in [1e-4, 1e-3, 1e-2, 1e-1] }, seeds: 3,
      named: { "width \($0), \($1)" },
      measure: { width, rate, seed in
        let distance = log10(rate) + (width == 16 ? 2.3 : 2.8)
        return Double(seed) * exp(distance * distance)
      })
  }

  @Test func bestRatesAreThoseOfTheParabola() throws {
    let table = try Self.table()
    for (width, best) in [(16, -2.3), (64, -2.8)] {
      let found = table.bestRates(width)
      #expect(found.count == 3 && found.allSatisfy { abs($0 - best) < 1e-9 })
    }
    #expect(table.decades(from: 16, to: 64).allSatisfy { abs($0 + 0.5) < 1e-9 })
    #expect(table.bestRates(32).isEmpty)
  }

  @Test func rowsAreSeedsAndColumnsRates() throws {
    let table = try Self.table()
    #expect(table[16].count == 3 && table[16][0].count == 4)
    #expect(abs(table[16][2][1] / table[16][0][1] - 3) < 1e-12)
    let chart = table.chart("rates", [("n = 16", 16)], upTo: 2)
    #expect(chart.series.map(\.label) == ["n = 16"])
    #expect(chart.series[0].points.map(\.x) == [1e-4, 1e-3, 1e-2, 1e-1])
    #expect(chart.series[0].points[0].y == 2)
  }
}
