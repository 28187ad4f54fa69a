import Plots
import Testing

@testable import Experiments

@Suite struct SeedTableTests {
  private struct Net: Hashable {
    let width: Int, depth: Int
    var name: String { "\(width), \(depth)" }
  }

  private static func table() throws -> SeedTable<Net, Double> {
    let nets = [2, 3].flatMap { width in [1, 4].map { Net(width: width, depth: $0) } }
    return try StudySession(of: "s", jobs: 2).table(of: nets, seeds: 3, named: \.name) {
      net, seed in
      Double(100 * net.width + 10 * net.depth + seed)
    }
  }

  @Test func valuesAreInTheOrderOfSeeds() throws {
    let table = try Self.table()
    #expect(table[Net(width: 3, depth: 4)] == [341, 342, 343])
    #expect(table[Net(width: 5, depth: 4)] == [])
    #expect(table.interval(Net(width: 2, depth: 1)).median == 212)
    #expect(table.interval(Net(width: 2, depth: 1)) { -$0 }.median == -212)
  }

  @Test func netsArePairedBySeed() throws {
    let table = try Self.table()
    let (one, other) = (Net(width: 2, depth: 1), Net(width: 3, depth: 4))
    let difference = table.difference(other, less: one)
    #expect(difference.low == 130 && difference.high == 130 && difference.count == 3)
    #expect(table.rows([one, other]) == [[211, 341], [212, 342], [213, 343]])
    #expect(table.rows([]).isEmpty)
  }

  @Test func mediansOverRows() {
    let series = Series.medians("m", [1, 2], over: [[5, 1], [7, 2], [6, 9]])
    #expect(series.points.map(\.x) == [1, 2] && series.points.map(\.y) == [6, 2])
    #expect(series.points.map(\.upper) == [7, 9])
  }
}
