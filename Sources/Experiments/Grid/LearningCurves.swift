import Plots

/// The losses of the steps of each cell, as a chart for each depth and condition: medians over the seeds and over neighboring
/// steps.
struct LearningCurves: Sendable {
  /// A cell and the line that shows it.
  struct Curve: Sendable {
    let cell: GridCell
    let points: [Series.Point]
  }

  private(set) var curves: [Curve] = []
  /// The most points of a line.
  private static let pointCount = 80

  /// Adds a cell with the losses of each seed; a cell without losses is left out.
  mutating func add(_ cell: GridCell, _ runs: [[Double]]) {
    let steps = runs.map(\.count).max() ?? 0
    guard steps > 0 else { return }
    let group = max(1, (steps + Self.pointCount - 1) / Self.pointCount)
    let points = stride(from: 0, to: steps, by: group).compactMap { start -> Series.Point? in
      // A run that ended early does not count for the steps after its end.
      let values = runs.flatMap { $0.dropFirst(start).prefix(group) }.map {
        $0.isNaN ? .infinity : $0
      }
      guard !values.isEmpty else { return nil }
      let middle = median(values)
      return Series.Point(Double(start) + Double(group - 1) / 2, middle.isFinite ? middle : nil)
    }
    curves.append(Curve(cell: cell, points: points))
  }

  /// The charts; `nil` if nothing was kept.
  func figure(_ report: GridReport) -> FigureGrid? {
    let panels = report.results.conditions.flatMap { condition in
      report.results.depths.map { (condition, $0) }
    }
    let charts = panels.compactMap { condition, depth -> Chart? in
      let own = curves.filter { $0.cell.depth == depth && $0.cell.condition == condition }
      guard !own.isEmpty else { return nil }
      let values = own.flatMap(\.points).compactMap(\.y)
      let isWide = (values.min() ?? 0) > 0 && (values.max() ?? 1) > 30 * (values.min() ?? 1)
      return Chart(
        title: "Depth \(depth)" + (condition.settings.isEmpty ? "" : ", \(condition)"),
        x: Axis("step"), y: Axis("loss of a batch", scale: isWide ? .log10 : .linear),
        series: own.map { curve in
          Series(
            curve.cell.arm.rawValue, curve.points, style: .line,
            slot: report.slot(of: curve.cell.arm))
        })
    }
    guard !charts.isEmpty else { return nil }
    return FigureGrid(
      charts, columns: min(2, charts.count), title: "Learning curves",
      caption: Caption(
        "The loss of each batch before its update: medians over the report seeds and over neighboring steps."
      ))
  }
}
