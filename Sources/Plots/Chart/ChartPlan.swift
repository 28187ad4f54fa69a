/// What a chart will show and how much space its parts need, before anything has a position.
///
/// Charts that are side by side are planned first, so that their axes can be given the same
/// margins; ``ChartLayout`` then gives everything its position.
package struct ChartPlan: Sendable {
  /// Space around the plot area, in pixels.
  package struct Margins: Sendable, Hashable {
    package var left: Double
    package var right: Double
    package var top: Double
    package var bottom: Double
  }

  package let chart: Chart
  package let width: Double
  package let appearances: [SeriesAppearance]
  package let labels: [TextBlock]
  package let title: TextBlock
  package let subtitle: TextBlock
  package let yLabel: TextBlock
  package let xLabel: TextBlock
  package let footer: [TextBlock]
  package let x: AxisMap
  package let y: AxisMap
  package let yTicks: [Tick]
  /// Label of the row below the plot for values that a logarithmic axis cannot show.
  package let zeroRowLabel: String?
  package let hasDivergedRow: Bool
  /// Whether any x, and whether any y, can be shown on its axis.
  package let hasX: Bool
  package let hasY: Bool
  /// Space between the plot and the labels of the series, for leader lines: the more labels, the farther some have to move.
  package let leaderRoom: Double
  package let margins: Margins
  package let plotHeight: Double

  package static let padding = 14.0
  package static let rowHeight = 22.0
  package static let tickSize = 12.0
  /// Width of the piece of line and marker before a label, with the gap after it.
  package static let sampleWidth = 32.0
  package static let divergedLabel = "diverged"

  package init(_ chart: Chart, width: Double, appearances: [SeriesAppearance], panel: String = "") {
    let width = width.isFinite ? max(width, 240) : 720
    let inner = width - 2 * Self.padding
    self.chart = chart
    self.width = width
    self.appearances = appearances

    let points = chart.series.flatMap(\.points)
    x = AxisMap(
      chart.x,
      showing: points.map(\.x) + Self.annotatedX(chart.annotations) + (chart.field?.x ?? []),
      padding: chart.series.contains { $0.style == .lineAndPoints || $0.style == .points }
        ? 0.04 : 0)
    y = AxisMap(
      chart.y,
      showing: Self.shownY(points) + Self.annotatedY(chart.annotations) + (chart.field?.y ?? []),
      padding: chart.field == nil ? 0.05 : 0)
    let (x, y) = (x, y)
    let placed = points.filter { x.canShow($0.x) }
    hasX = !placed.isEmpty || chart.field != nil
    hasY = chart.field != nil || placed.contains { $0.y.map(y.canShow) ?? false }
    hasDivergedRow = placed.contains(where: \.isDiverged)
    let unplaced = placed.compactMap(\.y).filter { $0.isFinite && !y.canShow($0) }
    zeroRowLabel = unplaced.isEmpty ? nil : unplaced.allSatisfy { $0 == 0 } ? "0" : "≤ 0"

    let titleText = panel.isEmpty ? chart.title : "\(panel)  \(chart.title)"
    title = TextBlock(titleText, width: inner, size: 15, face: .bold)
    subtitle = TextBlock(chart.subtitle, width: inner, size: 12.5, colour: Ink.secondary)
    yLabel = TextBlock(chart.y.label, width: inner, size: 12, colour: Ink.secondary)
    xLabel = TextBlock(chart.x.label, width: inner, size: 12, colour: Ink.secondary)
    footer = Self.footer(chart.caption, notes: Self.omissions(chart, x), width: inner)

    let labelWidth = max(100, min(200, width * 0.3)) - Self.sampleWidth
    labels = zip(chart.series, appearances).map { series, appearance in
      let isEmpty = !series.points.contains { x.canShow($0.x) && $0.y != nil }
      let text = isEmpty && !series.label.isEmpty ? series.label + " (no data)" : series.label
      return TextBlock(text, width: labelWidth, size: 12, colour: appearance.ink)
    }
    let wanted = chart.plotHeight.isFinite ? max(chart.plotHeight, 80) : 320
    plotHeight = max(wanted, labels.reduce(0) { $0 + $1.height })

    yTicks =
      hasY
      ? chart.y.ticks.map {
        Self.thinned(Ticks.explicit($0, y, format: chart.y.format), y, wanted, room: 17) { _ in 0 }
      } ?? Ticks.automatic(y, limit: Int(wanted / 38) + 1, format: chart.y.format)
      : []
    let labelCount = labels.count { !$0.lines.isEmpty }
    leaderRoom = labelCount < 4 ? 14 : labelCount < 7 ? 20 : 32
    margins = Self.margins(
      tickWidth: yTicks.compactMap(\.label).map(Self.tickWidth).max() ?? 0,
      rowLabels: (hasDivergedRow ? [Self.divergedLabel] : []) + (zeroRowLabel.map { [$0] } ?? []),
      labelWidth: labels.map(\.width).max() ?? 0, leaderRoom: leaderRoom,
      header: (title, subtitle, yLabel), xLabel: xLabel, footer: footer,
      hasDivergedRow: hasDivergedRow, hasZeroRow: zeroRowLabel != nil)
  }

  private static func margins(
    tickWidth: Double, rowLabels: [String], labelWidth: Double, leaderRoom: Double,
    header: (title: TextBlock, subtitle: TextBlock, yLabel: TextBlock), xLabel: TextBlock,
    footer: [TextBlock], hasDivergedRow: Bool, hasZeroRow: Bool
  ) -> Margins {
    let leftLabels = max(tickWidth, rowLabels.map(Self.tickWidth).max() ?? 0)
    let gap = header.title.lines.isEmpty && header.subtitle.lines.isEmpty ? 0.0 : 10
    let top =
      padding + header.title.height + header.subtitle.height + gap + header.yLabel.height + 6
      + (hasDivergedRow ? rowHeight : 0)
    let bottom =
      (hasZeroRow ? rowHeight : 0) + 8 + 16 + xLabel.height
      + (footer.isEmpty ? 0 : 10 + footer.reduce(0) { $0 + $1.height }) + padding - 2
    return Margins(
      left: padding + max(leftLabels + 8, 16),
      right: labelWidth == 0 ? padding + 10 : padding + leaderRoom + sampleWidth + labelWidth,
      top: top, bottom: bottom)
  }

  package static func tickWidth(_ label: String) -> Double {
    TextMetrics.width(label, size: tickSize)
  }

  /// Ticks whose labels keep a distance; the others keep their mark and lose the label.
  ///
  /// - Parameters:
  ///   - length: of the axis in pixels.
  ///   - room: what a label needs along the axis besides `extent` of its text.
  package static func thinned(
    _ ticks: [Tick], _ map: AxisMap, _ length: Double, room: Double, extent: (String) -> Double
  ) -> [Tick] {
    var free = -Double.infinity
    return ticks.map { tick in
      guard let label = tick.label else { return tick }
      let half = (extent(label) + room) / 2
      let centre = map.fraction(tick.value) * length
      if centre - half < free { return Tick(value: tick.value, label: nil) }
      free = centre + half
      return tick
    }
  }

  // MARK: Contents

  private static func shownY(_ points: [Series.Point]) -> [Double] {
    points.flatMap { point -> [Double] in
      guard let y = point.y, y.isFinite else { return [] }
      return [y] + [point.lower, point.upper].compactMap { $0 }
    }
  }

  private static func annotatedX(_ annotations: [Annotation]) -> [Double] {
    annotations.flatMap { annotation -> [Double] in
      switch annotation {
      case .verticalLine(let x, _), .text(let x, _, _): [x]
      case .region(let range, _): [range.lowerBound, range.upperBound]
      case .horizontalLine: []
      }
    }
  }

  private static func annotatedY(_ annotations: [Annotation]) -> [Double] {
    annotations.compactMap { annotation in
      switch annotation {
      case .horizontalLine(let y, _), .text(_, let y, _): y
      case .verticalLine, .region: nil
      }
    }
  }

  /// Statements about what cannot be shown, so that nothing is left out silently.
  private static func omissions(_ chart: Chart, _ x: AxisMap) -> [String] {
    chart.series.compactMap { series in
      let count = series.points.count { !x.canShow($0.x) }
      if count == 0 { return nil }
      let points = count == 1 ? "1 point" : "\(count) points"
      return "Not shown: \(points) of \(series.label), at x values that this axis cannot show."
    }
  }

  package static func footer(
    _ caption: Caption?, notes: [String], width: Double
  ) -> [TextBlock] {
    var blocks = notes.map { TextBlock($0, width: width, size: 11, colour: Ink.text) }
    guard let caption else { return blocks }
    let source = caption.source.isEmpty ? "" : "Source: " + caption.source
    for text in [caption.text, source] where !text.isEmpty {
      blocks.append(TextBlock(text, width: width, size: 11, colour: Ink.secondary))
    }
    if !caption.command.isEmpty {
      blocks.append(
        TextBlock(
          caption.command, width: width, size: 10.5, face: .monospaced, colour: Ink.secondary))
    }
    return blocks
  }
}
