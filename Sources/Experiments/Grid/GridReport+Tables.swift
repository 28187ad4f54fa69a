import Console

extension GridReport {
  /// The predictions next to the measurements; empty if the runs do not address them.
  public var checks: [Check] { results.checks ?? [] }

  /// Whether the claim holds; `nil` if the runs do not address it.
  public var claimHolds: Bool? { results.claimHolds }

  /// The table of cells, the paired differences, and the sentences.
  public var text: String {
    var parts = [cellTable]
    if !results.comparisonsWithReference.isEmpty { parts.append(differenceTable) }
    // For arms and depths alone, the tables above say everything.
    if results.conditions.count > 1, let effectTable { parts.append(effectTable) }
    return (parts + sentences).joined(separator: "\n") + "\n"
  }

  /// The columns of the factors that are varied.
  private var factorColumns: [Table.Column] {
    (configuration.factors ?? []).map { Table.Column($0.name, .left) }
  }

  private func levels(_ cell: GridCell) -> [String] {
    cell.condition.settings.map { "\($0.level)" }
  }

  private var cellTable: String {
    let coverage = results.cells.map(\.loss.coverage).min() ?? 0
    let measures = configuration.measures ?? []
    let columns: [Table.Column] = [
      Table.Column("arm", .left), "depth", "rate", "training error", "interval", "training loss",
      "interval", "diverged", "s/run",
    ]
    var table = Table(factorColumns + columns + measures.map { Table.Column($0) })
    for condition in results.conditions {
      for arm in results.arms {
        if arm != results.arms[0] || condition != results.conditions[0] { table.addRule() }
        for cell in results.cells where cell.cell.arm == arm && cell.cell.condition == condition {
          table.add(row(cell) + measures.map { measured($0, cell.measure($0).median) })
        }
      }
    }
    guard coverage > 0 else { return table.text() + "One seed, which gives no interval.\n" }
    return table.text()
      + "Median over fresh seeds; the interval covers the true median with probability "
      + "\(NumberFormat.percent(coverage)) or more.\n"
  }

  private func row(_ cell: GridResults.CellResult) -> [String] {
    levels(cell.cell) + [
      cell.cell.arm.rawValue, "\(cell.cell.depth)",
      NumberFormat.plain(cell.learningRate) + (cell.isRateAtEdge ? " (edge)" : ""),
      NumberFormat.percent(cell.error.median, decimals: 2),
      "\(NumberFormat.percent(cell.error.low, decimals: 2)) to "
        + NumberFormat.percent(cell.error.high, decimals: 2),
      lossNumber(cell.loss.median),
      "\(lossNumber(cell.loss.low)) to \(lossNumber(cell.loss.high))",
      cell.divergedCount == 0 ? "" : "\(cell.divergedCount) of \(cell.outcomes.count)",
      cell.seconds < 0.01
        ? NumberFormat.significant(cell.seconds, digits: 1)
        : NumberFormat.fixed(cell.seconds, decimals: 2),
    ]
  }

  /// A measure; empty if most runs do not have it.
  private func measured(_ name: String, _ value: Double) -> String {
    value.isFinite ? number(value, ofMeasure: name) : "none"
  }

  /// A value of a measure in readable form.
  func number(_ value: Double, ofMeasure name: String) -> String {
    measures.contains { $0.name == name && $0.isShare }
      ? NumberFormat.percent(value, decimals: 2) : NumberFormat.significant(value, digits: 3)
  }

  private var differenceTable: String {
    let columns: [Table.Column] = [
      Table.Column("arm", .left), "depth", "error difference (points)", "interval",
      "loss difference", "interval",
    ]
    let reference = results.reference?.rawValue ?? ""
    let (comparisons, tests) = (results.comparisonsWithReference, correctedTests)
    var table = Table(
      factorColumns + columns + (tests == nil ? [] : ["p"]),
      title: "paired difference from \(reference), seed by seed")
    for (position, comparison) in comparisons.enumerated() {
      let (error, loss) = (comparison.errorDifference, comparison.lossDifference)
      table.add(
        levels(comparison.cell) + [
          comparison.cell.arm.rawValue, "\(comparison.cell.depth)", percentagePoints(error.median),
          "\(percentagePoints(error.low)) to \(percentagePoints(error.high))",
          lossDifference(loss.median),
          "\(lossDifference(loss.low)) to \(lossDifference(loss.high))",
        ] + (tests.map { [NumberFormat.significant($0[position], digits: 2)] } ?? []))
    }
    return table.text() + correctionNote + "\n"
  }

  /// The mean change of every level of a factor, over all cells that are otherwise the same; `nil` if there is none.
  private var effectTable: String? {
    let rows = effectRows
    guard let first = rows.first else { return nil }
    let columns = first.map { Table.Column($0.title, $0.isText ? .left : .right) }
    var table = Table(
      columns, title: "effect of each factor, over all cells that differ in nothing else")
    for row in rows { table.add(row.map(\.text)) }
    return table.text() + Self.effectNote + "\n"
  }

  private func percentagePoints(_ value: Double) -> String {
    NumberFormat.fixed(100 * value, decimals: 2)
  }

  private func lossNumber(_ value: Double) -> String {
    value.isFinite ? NumberFormat.significant(value, digits: 3) : "diverged"
  }

  /// A difference of losses: minus infinity if the reference diverged, infinity if the other did.
  private func lossDifference(_ value: Double) -> String {
    value.isFinite ? lossNumber(value) : value < 0 ? "-infinite" : "+infinite"
  }
}
