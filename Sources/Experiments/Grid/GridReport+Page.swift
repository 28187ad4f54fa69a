import Console
import Diagnosis
import Findings
import Plots

extension GridReport {
  /// The verdict and the figure, then the evidence: tables of rounded numbers, the search for the rates, what is wrong with runs,
  /// curves, and the command.
  public func page(figure: String, command: String) -> HTMLReport? {
    var parts: [HTMLReport.Part] = []
    let verdict = verdictSentence
    if let verdict { parts.append(.verdict(verdict)) }
    parts += pageFigures(figure: figure, command: command)
    parts += sentences.filter { $0 != verdict }.map { .paragraph($0) }
    parts += [.heading("Results"), pageTable]
    if !results.comparisonsWithReference.isEmpty {
      parts += [
        .heading("Compared with \(results.reference?.rawValue ?? ""), seed by seed"),
        comparisonTable, .paragraph(correctionNote),
      ]
    }
    let effects = effectRows
    if let first = effects.first {
      parts += [
        .heading("Effect of each factor"),
        .table(header: first.map(\.title), rows: effects.map { $0.map(\.text) }),
        .paragraph(
          "The change from one level to another, over all cells that differ in nothing else. "
            + Self.effectNote),
      ]
    }
    if let rates = rateFigure {
      parts += [
        .heading("Learning rates"),
        .paragraph(
          "The search for each cell: if the best rate shifts with depth, a rate chosen at one depth does not transfer to another."
        ), rates,
      ]
    }
    if let diagnoses = diagnosisTable { parts += [.heading("Problems found in runs"), diagnoses] }
    if let curves = learningCurves?.figure(self) { parts.append(.figure(curves)) }
    let lines = csv.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    parts += [
      .heading("How it was made"), .paragraph(dataStatement), .code(command),
      .details(
        "All digits, as in summary.csv", [.table(header: lines[0], rows: Array(lines.dropFirst()))]),
    ]
    return HTMLReport(title: title, parts)
  }

  /// The figure with two panels side by side, since a page has no room for more; each condition begins a row.
  private func pageFigures(figure svg: String, command: String) -> [HTMLReport.Part] {
    let whole = figure(command: command)
    return whole.rows.map { row in
      var part = row
      part.columns = 2
      return .figure(part, wide: whole.charts.count <= 2 ? svg : nil)
    }
  }

  /// The cells with numbers as people read them.
  private var pageTable: HTMLReport.Part {
    let factors = (configuration.factors ?? []).map(\.name)
    let measures = configuration.measures ?? []
    func interval(_ value: MedianInterval, _ text: (Double) -> String) -> String {
      guard value.median.isFinite else { return "diverged" }
      guard value.low.isFinite, value.high.isFinite else { return text(value.median) }
      return "\(text(value.median)) (\(text(value.low)) to \(text(value.high)))"
    }
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }
    func percent(_ value: Double) -> String { NumberFormat.percent(value, decimals: 1) }
    let tellsOfDivergence = results.cells.contains { $0.divergedCount > 0 }
    return .table(
      header: ["arm", "depth"] + factors + ["rate", "training error", "training loss"]
        + (tellsOfDivergence ? ["diverged"] : []) + measures,
      rows: results.cells.map { cell in
        [cell.cell.arm.rawValue, "\(cell.cell.depth)"]
          + cell.cell.condition.settings.map { "\($0.level)" }
          + [
            NumberFormat.plain(cell.learningRate) + (cell.isRateAtEdge ? " (edge)" : ""),
            interval(cell.error, percent), interval(cell.loss, number),
          ]
          + (tellsOfDivergence
            ? [cell.divergedCount == 0 ? "" : "\(cell.divergedCount) of \(cell.outcomes.count)"]
            : [])
          + measures.map { name in
            let value = cell.measure(name)
            guard value.median.isFinite else { return "none" }
            return interval(value) { self.number($0, ofMeasure: name) }
          }
      })
  }

  /// The paired differences from the reference.
  private var comparisonTable: HTMLReport.Part {
    let factors = (configuration.factors ?? []).map(\.name)
    let tests = correctedTests
    func interval(_ value: MedianInterval, _ text: (Double) -> String) -> String {
      "\(text(value.median)) (\(text(value.low)) to \(text(value.high)))"
    }
    func points(_ value: Double) -> String { NumberFormat.fixed(100 * value, decimals: 2) }
    func loss(_ value: Double) -> String {
      value.isFinite
        ? NumberFormat.significant(value, digits: 3) : value < 0 ? "-infinite" : "+infinite"
    }
    return .table(
      header: ["arm", "depth"] + factors + ["training error (points)", "training loss"]
        + (tests == nil ? [] : ["p"]),
      rows: results.comparisonsWithReference.enumerated().map { position, comparison in
        [comparison.cell.arm.rawValue, "\(comparison.cell.depth)"]
          + comparison.cell.condition.settings.map { "\($0.level)" }
          + [
            interval(comparison.errorDifference, points), interval(comparison.lossDifference, loss),
          ] + (tests.map { [NumberFormat.significant($0[position], digits: 2)] } ?? [])
      })
  }

  /// The tuning losses against the rate: a panel for each arm and condition, a line for each depth. `nil` if nothing was searched.
  private var rateFigure: HTMLReport.Part? {
    let charts = results.conditions.flatMap { condition in
      results.arms.compactMap { arm -> Chart? in
        let cells = results.cells.filter { $0.cell.arm == arm && $0.cell.condition == condition }
        let series = cells.compactMap { cell -> Series? in
          let tried = cell.triedRates
          guard tried.count > 1 else { return nil }
          return Series(
            "depth \(cell.cell.depth)",
            tried.map { $0.loss.isFinite ? Series.Point($0.rate, $0.loss) : .diverged(at: $0.rate) }
          )
        }
        guard !series.isEmpty else { return nil }
        let values = series.flatMap(\.points).compactMap(\.y).filter(\.isFinite)
        let isWide = (values.min() ?? 0) > 0 && (values.max() ?? 1) > 10 * (values.min() ?? 1)
        return Chart(
          title: arm.rawValue + (condition.settings.isEmpty ? "" : ", \(condition)"),
          x: Axis("learning rate", scale: .log10),
          y: Axis("training loss in the search", scale: isWide ? .log10 : .linear), series: series,
          width: 480)
      }
    }
    guard !charts.isEmpty else { return nil }
    return .figure(
      FigureGrid(
        charts, columns: min(2, charts.count), title: "Transfer of learning rates across depths"))
  }

  /// How many runs of each arm and depth have which cause; `nil` if all are healthy.
  private var diagnosisTable: HTMLReport.Part? {
    struct Row: Hashable { let cause: String, arm: String }
    var counts: [Row: [Int: Int]] = [:]
    var order: [Row] = []
    for cell in results.cells {
      for outcome in cell.outcomes {
        for cause in Set(outcome.diagnosis.map(\.cause.rawValue)).sorted() {
          let row = Row(cause: cause, arm: cell.cell.arm.rawValue)
          if counts[row] == nil { order.append(row) }
          counts[row, default: [:]][cell.cell.depth, default: 0] += 1
        }
      }
    }
    guard !order.isEmpty else { return nil }
    let depths = results.depths
    let runs = Dictionary(grouping: results.cells) { [$0.cell.arm.rawValue, "\($0.cell.depth)"] }
      .mapValues { $0.reduce(0) { $0 + $1.outcomes.count } }
    return .table(
      header: ["cause", "arm"] + depths.map { "depth \($0)" },
      rows: order.sorted { ($0.cause, $0.arm) < ($1.cause, $1.arm) }.map { row in
        [row.cause, row.arm]
          + depths.map { depth in
            guard let count = counts[row]?[depth] else { return "" }
            return "\(count) of \(runs[[row.arm, "\(depth)"]] ?? count)"
          }
      })
  }
}
