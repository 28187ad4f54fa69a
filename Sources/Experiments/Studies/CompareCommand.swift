import Console
import Findings
import Foundation

/// `compare`: two folders side by side, paired where cells and seeds agree.
enum CompareCommand {
  private static let first = Argument(
    "A", .input("the first folder", files: { _ in [] }), help: "a folder of results")
  private static let second = Argument(
    "B", .input("the second folder", files: { _ in [] }), help: "another one")

  static let command = Command(
    "compare", summary: "two folders side by side, paired by seed",
    discussion:
      "Cells are those of the report: an arm at a depth and what else is set. What only one folder is told by, such as the width "
      + "of all its networks, is left out, so that the same arms are compared. Nothing is written.",
    arguments: [first, second],
    examples: [
      Command.Example(
        "\(Provenance.program) compare results/adam results/sgd", "the same arms, two optimizers")
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let one = try cells(options[first], studies)
    let other = try cells(options[second], studies)
    let common = one.order.filter { other.runs[$0] != nil }
    guard !common.isEmpty else {
      throw Problem(
        problem: "\(options[first]) and \(options[second]) have no cell in common",
        remedy:
          "give folders with the same arms and depths: \(Provenance.program) show DIR lists the runs"
      )
    }
    var table = Table([
      Table.Column("cell", .left), "loss in A", "in B", "B - A", "interval", "pairs",
      Table.Column("", .left),
    ])
    for cell in common {
      let (a, b) = (one.runs[cell] ?? [:], other.runs[cell] ?? [:])
      let seeds = a.keys.filter { b[$0] != nil }.sorted()
      func median(_ runs: [Int: Double]) -> String {
        loss(MedianInterval(of: Array(runs.values)).median)
      }
      guard !seeds.isEmpty else {
        table.add([cell, median(a), median(b), "", "", "0", "no seed in common"])
        continue
      }
      // Two runs that diverged differ by nothing that can be known.
      let difference = MedianInterval(
        of: seeds.map { seed in
          let (a, b) = (a[seed] ?? 0, b[seed] ?? 0)
          return a == b ? 0 : b - a
        })
      table.add([
        cell, median(a), median(b), number(difference.median),
        "\(number(difference.low)) to \(number(difference.high))", "\(seeds.count)",
        verdict(difference),
      ])
    }
    print("A: \(options[first])\nB: \(options[second])\n")
    print(table.text(), terminator: "")
    print(
      "Medians of the training loss; the interval is that of the paired difference at 90 % or what the pairs allow."
    )
    for (name, cells, others) in [("A", one, other), ("B", other, one)] {
      let alone = cells.order.filter { others.runs[$0] == nil }
      if !alone.isEmpty { print("only in \(name): \(alone.joined(separator: "; "))") }
    }
    return .done
  }

  /// The losses of the report, by cell and seed.
  private struct Cells {
    var order: [String] = []
    var runs: [String: [Int: Double]] = [:]
  }

  private static func cells(_ path: String, _ studies: [any Study]) throws -> Cells {
    let recorded = try RecordedRuns(path: path, studies)
    let runs = recorded.runs.compactMap(\.training).filter { $0.phase == "report" }
    guard !runs.isEmpty else {
      throw Problem(
        subject: path, problem: "no run of a report is recorded there",
        remedy:
          "give the folder of an experiment that has come to its report: \(Provenance.program) status DIR"
      )
    }
    // What is the same in all of a folder does not tell its cells apart, but an arm and a depth are always named.
    var values: [String: Set<String>] = [:]
    for setting in runs.flatMap(\.cell) { values[setting.name, default: []].insert(setting.value) }
    var cells = Cells()
    for run in runs {
      let cell = run.cell
        .filter { ["arm", "depth"].contains($0.name) || values[$0.name, default: []].count > 1 }
        .map(\.description).joined(separator: ", ")
      if cells.runs[cell] == nil { cells.order.append(cell) }
      cells.runs[cell, default: [:]][run.seed] = run.loss ?? .infinity
    }
    // The order of the lines is that in which runs ended.
    cells.order.sort { $0.compare($1, options: .numeric) == .orderedAscending }
    return cells
  }

  private static func loss(_ value: Double) -> String {
    value.isFinite ? NumberFormat.significant(value, digits: 3) : "diverged"
  }

  private static func number(_ value: Double) -> String {
    value.isFinite
      ? NumberFormat.significant(value, digits: 3) : value < 0 ? "-infinite" : "+infinite"
  }

  private static func verdict(_ difference: MedianInterval) -> String {
    switch difference.sign {
    case .positive: "B above A"
    case .negative: "B below A"
    case .undecided: "not told apart"
    }
  }
}
