import Console
import Findings
import Foundation

/// `compare`: two folders side by side, paired where cells and seeds agree.
enum CompareCommand {
  private static let first = Argument(
    "A", .input("the first folder", files: { _ in [] }), help: "a folder of results")
  private static let second = Argument(
    "B", .input("the second folder", files: { _ in [] }), help: "another results folder")

  static let command = Command(
    "compare", summary: "compares two folders side by side, paired by seed",
    discussion:
      "Cells are those of the report: an arm at a depth with its other settings. Settings that differ only between the folders, such as the "
      + "width of all networks, are ignored, so that the same arms are compared; a cell of a folder that varies nothing else is "
      + "compared with every cell of a folder that does, or with those at its level. Nothing is written.",
    arguments: [first, second],
    examples: [
      Command.Example(
        "\(Provenance.program) compare results/adam results/sgd", "the same arms, two optimizers"),
      StoredStudy.example("compare results/d results/d", "a small study against itself"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let (one, other) = (
      try Cells(path: options[first], studies), try Cells(path: options[second], studies)
    )
    let candidates = Dictionary(grouping: other.cells, by: \.armAndDepth)
    let common = one.cells.flatMap { cell in
      (candidates[cell.armAndDepth] ?? []).filter {
        cell.agrees(with: $0, in: one, other) && $0.agrees(with: cell, in: other, one)
      }.map { (cell, $0) }
    }
    guard !common.isEmpty else {
      throw Problem(
        problem: "\(options[first]) and \(options[second]) have no cells in common",
        remedy:
          "give folders with the same arms and depths: \(Provenance.program) show DIR lists the runs"
      )
    }
    var table = Table([
      Table.Column("cell", .left), "loss in A", "in B", "B - A", "interval", "pairs",
      Table.Column("", .left),
    ])
    for (cell, counterpart) in common {
      let (a, b) = (cell.losses, counterpart.losses)
      let cell = cell.name(together: counterpart)
      let seeds = a.keys.filter { b[$0] != nil }.sorted()
      func median(_ runs: [Int: Double]) -> String {
        loss(MedianInterval(of: Array(runs.values)).median)
      }
      guard !seeds.isEmpty else {
        table.add([cell, median(a), median(b), "", "", "0", "no common seeds"])
        continue
      }
      // Two runs that diverged have no known difference.
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
      "Medians of the training loss; the interval is for the paired difference, at 90 % or as near as the pairs allow."
    )
    for (name, cells, compared) in [
      ("A", one.cells, common.map(\.0)), ("B", other.cells, common.map(\.1)),
    ] {
      let names = Set(compared.map(\.name))
      let alone = cells.filter { !names.contains($0.name) }
      if !alone.isEmpty { print("only in \(name): \(alone.map(\.name).joined(separator: "; "))") }
    }
    return .done
  }

  /// The losses of the report under one setting of everything that a folder varies.
  private struct Cell {
    /// The levels of what the folder varies, and always the arm and the depth, in their order.
    let settings: [RunSummary.Setting]
    /// The losses by seed.
    var losses: [Int: Double] = [:]

    var name: String { settings.map(\.description).joined(separator: ", ") }

    /// What two cells that are compared have in common.
    var armAndDepth: [String?] { [level("arm"), level("depth")] }

    func level(_ name: String) -> String? { settings.first { $0.name == name }?.value }

    /// The name of a pair: the settings that identify either.
    func name(together other: Cell) -> String {
      (settings + other.settings.filter { level($0.name) == nil }).map(\.description)
        .joined(separator: ", ")
    }

    /// Whether its settings let it be compared with a cell of another folder. A setting that the other folder varies too must have
    /// the same level there; one that the other folder does not vary must have the level that it has throughout that folder, if
    /// that is one of this folder's levels.
    func agrees(with other: Cell, in own: Cells, _ others: Cells) -> Bool {
      settings.allSatisfy { setting in
        if let level = other.level(setting.name) { return level == setting.value }
        guard let only = others.values[setting.name]?.first,
          own.values[setting.name]?.contains(only) == true
        else { return true }
        return only == setting.value
      }
    }
  }

  /// What the report of a folder holds.
  private struct Cells {
    private(set) var cells: [Cell] = []
    /// The levels of every setting, varied or not.
    private(set) var values: [String: Set<String>] = [:]

    init(path: String, _ studies: [any Study]) throws {
      let recorded = try RecordedRuns(path: path, studies)
      let runs = recorded.runs.compactMap(\.training).filter { $0.phase == "report" }
      guard !runs.isEmpty else {
        throw Problem(
          subject: path, problem: "no report run is recorded there",
          remedy:
            "give the folder of an experiment that has reached its report: \(Provenance.program) status DIR"
        )
      }
      for setting in runs.flatMap(\.cell) {
        values[setting.name, default: []].insert(setting.value)
      }
      var positions: [String: Int] = [:]
      for run in runs {
        // What is the same in all of a folder does not distinguish its cells, but an arm and a depth are always named.
        let cell = Cell(
          settings: run.cell.filter {
            ["arm", "depth"].contains($0.name) || values[$0.name, default: []].count > 1
          })
        let position = positions[cell.name] ?? cells.count
        if position == cells.count {
          positions[cell.name] = position
          cells.append(cell)
        }
        cells[position].losses[run.seed] = run.loss ?? .infinity
      }
      // The lines are in the order in which runs ended.
      cells.sort { $0.name.compare($1.name, options: .numeric) == .orderedAscending }
    }
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
    case .undecided:
      difference.coverage < MedianInterval.claimedCoverage ? "too few pairs" : "inconclusive"
    }
  }
}
