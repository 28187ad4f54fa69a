import Experiments
import Plots
import Testing

@Suite struct NetTableTests {
  private enum Kind: String, CaseIterable {
    case plain
    case residual = "with skips"
  }
  private struct Run: Codable, Sendable { let loss: Double, error: Double }

  private static func table() throws -> NetTable<Kind, Run> {
    try StudySession(of: "s", jobs: 2).table(
      depths: [2, 8], seeds: 3, named: { "\($0.rawValue), \($1)" },
      measure: { kind, depth, seed in
        let loss = Double(depth * seed) + (kind == .plain ? 100 : 0)
        return Run(loss: loss, error: -loss)
      })
  }

  @Test func numbersAreMediansOverSeeds() throws {
    let table = try Self.table()
    #expect(table[.residual, 8].map(\.loss) == [8, 16, 24] && table[.plain, 4].isEmpty)
    #expect(table.interval(.residual, 2, \.error).median == -4)
    #expect(table.difference(.plain, less: .residual, 8, \.loss).low == 100)
    #expect(table.paired(.plain, 8, 2) { $0.loss - $1.loss }.high == 18)
    let series = table.series(\.loss)
    #expect(series.map(\.label) == ["plain", "with skips"])
    #expect(series[1].points.map(\.x) == [2, 8] && series[1].points.map(\.y) == [4, 16])
  }

  @Test func numbersAloneNeedNoPath() throws {
    let table: NetTable<Kind, Double> = try StudySession(of: "s", jobs: 2).table(
      depths: [4], seeds: 3
    ) { kind, _, seed in Double(seed) + (kind == .plain ? 10 : 0) }
    #expect(table.interval(.plain, 4).median == 12)
    #expect(table.difference(.plain, less: .residual, 4).low == 10)
    let chart = table.chart("numbers", over: "blocks", Axis("number"))
    #expect(chart.series.map { $0.points[0].y } == [12, 2] && chart.x.label == "blocks")
  }
}
