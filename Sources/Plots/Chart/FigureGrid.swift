/// Several charts in one picture, such as training loss next to training error.
///
/// Series with the same label look the same in every panel, and the panels of a row share the height of
/// their plots, so that they can be compared at a glance.
public struct FigureGrid: Sendable, Hashable {
  /// The panels, row by row.
  public var charts: [Chart]

  /// The number of panels side by side, at least 1.
  public var columns: Int

  /// What the figure as a whole shows; empty for none.
  public var title: String

  /// The caption under the whole figure.
  public var caption: Caption?

  /// Width of the whole picture in pixels; nil takes the widths of the charts.
  public var width: Double?

  /// The paper width that it is drawn for; nil for a screen.
  var paper: PaperWidth?

  /// Whether the panels are marked (a), (b), ...
  public var isLettered: Bool

  /// Creates a figure; by default all charts are side by side.
  public init(
    _ charts: [Chart], columns: Int? = nil, title: String = "", caption: Caption? = nil,
    width: Double? = nil, isLettered: Bool? = nil
  ) {
    self.charts = charts
    self.columns = max(1, columns ?? charts.count)
    self.title = title
    self.caption = caption
    self.width = width
    self.isLettered = isLettered ?? (charts.count > 1)
  }

  /// One figure per row, so that a page can break between them: the first has the title, the last the caption, and if
  /// there are several, panels have no letters.
  public var rows: [FigureGrid] {
    let starts = Array(stride(from: 0, to: charts.count, by: columns))
    guard starts.count > 1 else { return [self] }
    return starts.map { start in
      var row = self
      row.charts = Array(charts[start..<min(start + columns, charts.count)])
      row.isLettered = false
      if start != starts[0] { row.title = "" }
      if start != starts[starts.count - 1] { row.caption = nil }
      return row
    }
  }

  /// The data of all panels as comma-separated values: the lines of ``Chart/csv()``, each after the letter of its panel where there are
  /// several.
  public func csv() -> String {
    guard charts.count > 1 else { return charts.first?.csv() ?? "" }
    var text = ""
    for (index, chart) in charts.enumerated() {
      let lines = chart.csv().split(separator: "\n")
      // Panels of one kind share a header.
      if index == 0 || lines.first != charts[index - 1].csv().split(separator: "\n").first {
        text += "panel,\(lines.first ?? "")\n"
      }
      for line in lines.dropFirst() { text += "\(Self.letter(index)),\(line)\n" }
    }
    return text
  }

  /// The figure as a self-contained SVG document; the same figure gives the same bytes.
  public func svg() -> String {
    let layouts = layouts()
    let columnWidths = (0..<columns).map { column in
      layouts.enumerated().filter { $0.offset % columns == column }.map(\.element.plan.width).max()
        ?? 0
    }
    let total = max(columnWidths.reduce(0, +), 240)
    let inner = total - 2 * ChartPlan.padding
    let heading = TextBlock(title, width: inner, size: 17, face: .bold)
    var writer = SVGWriter()
    var y = heading.lines.isEmpty ? 0 : ChartPlan.padding + heading.height
    heading.write(to: &writer, x: ChartPlan.padding, y: ChartPlan.padding)
    for start in stride(from: 0, to: layouts.count, by: columns) {
      let row = layouts[start..<min(start + columns, layouts.count)]
      var x = 0.0
      for (column, layout) in row.enumerated() {
        let transform = "translate(\(NumberText.coordinate(x)) \(NumberText.coordinate(y)))"
        writer.group("g", ["transform": .text(transform)]) { ChartRenderer.write(layout, to: &$0) }
        x += columnWidths[column]
      }
      y += row.map(\.height).max() ?? 0
    }
    if layouts.isEmpty {
      TextBlock("no data", width: 200, size: 14, colour: Ink.secondary)
        .write(to: &writer, x: total / 2, y: y + 20, anchor: .middle)
      y += 60
    }
    for block in ChartPlan.footer(caption, notes: [], width: inner) {
      block.write(to: &writer, x: ChartPlan.padding, y: y)
      y += block.height
    }
    if caption != nil { y += ChartPlan.padding }
    return SVGWriter.document(
      width: total, height: y.rounded(.up), title: documentTitle,
      description: charts.map { description($0) }.joined(separator: " "),
      millimetresPerUnit: paper.map { $0.millimetres / total }, body: writer.body)
  }

  private var documentTitle: String {
    title.isEmpty ? charts.map(\.title).joined(separator: "; ") : title
  }

  private func description(_ chart: Chart) -> String {
    let text = ChartDescription.text(chart)
    return charts.count > 1 ? "\(chart.title): \(text)" : text
  }

  /// The positions of the panels, row by row, margins and heights shared as far as they should be.
  package func layouts() -> [ChartLayout] {
    let appearances = appearances()
    let plans = charts.indices.map { index in
      let share = width.map { $0 / Double(min(columns, max(charts.count, 1))) }
      return ChartPlan(
        charts[index], width: share ?? charts[index].width, appearances: appearances[index],
        panel: isLettered ? Self.letter(index) : "")
    }
    return plans.indices.map { index in
      let row = plans[
        (index / columns * columns)..<min((index / columns + 1) * columns, plans.count)]
      let column = stride(from: index % columns, to: plans.count, by: columns).map { plans[$0] }
      var margins = plans[index].margins
      margins.top = row.map(\.margins.top).max() ?? margins.top
      margins.left = column.map(\.margins.left).max() ?? margins.left
      margins.right = column.map(\.margins.right).max() ?? margins.right
      return ChartLayout(
        plans[index], margins: margins, plotHeight: row.map(\.plotHeight).max())
    }
  }

  /// (a), (b), ..., (z), (27), ...
  private static func letter(_ index: Int) -> String {
    guard index < 26, let scalar = Unicode.Scalar(97 + index) else { return "(\(index + 1))" }
    return "(\(Character(scalar)))"
  }

  /// One appearance per series of each chart: the same for the same label, in the order in which labels first occur; a slot that a
  /// series requests is reserved for it.
  private func appearances() -> [[SeriesAppearance]] {
    var taken = Set(charts.flatMap(\.series).compactMap(\.slot))
    var slots: [String: Int] = [:]
    var references: [String: Int] = [:]
    for series in charts.flatMap(\.series) {
      if let slot = series.slot, slots[series.label] == nil { slots[series.label] = slot }
    }
    return charts.map { chart in
      var labels: Set<String> = []
      return chart.series.map { series in
        if series.style == .reference {
          let index = references[series.label] ?? references.count
          references[series.label] = index
          return SeriesAppearance(reference: index)
        }
        // Two series with the same name in one chart are still two series.
        let isNew = labels.insert(series.label).inserted
        if let slot = series.slot { return SeriesAppearance(slot: slot) }
        if isNew, let slot = slots[series.label] { return SeriesAppearance(slot: slot) }
        var slot = 0
        while taken.contains(slot) { slot += 1 }
        taken.insert(slot)
        if isNew { slots[series.label] = slot }
        return SeriesAppearance(slot: slot)
      }
    }
  }
}
