/// A chart with the position of everything: what ``ChartRenderer`` draws.
package struct ChartLayout: Sendable {
  /// The label of one series next to the plot.
  package struct SeriesLabel: Sendable {
    package let series: Int
    package let block: TextBlock
    /// The space that the text takes.
    package let box: Box
    package let anchor: TextAnchor
    /// The line from the end of the series to its label; empty if the label is right next to it.
    package let leader: [PlanePoint]
    /// Whether it is next to the plot, with a piece of its line before it, rather than inside it.
    package let isBeside: Bool
  }

  package let plan: ChartPlan
  /// The area between the axes, without the rows for diverged cells and zeros.
  package let plot: Box
  package let height: Double
  package let xTicks: [Tick]
  package let series: [SeriesGeometry]
  package let labels: [SeriesLabel]
  package let annotations: [PlacedAnnotation]

  /// Center of the row for diverged cells, above the plot.
  package var divergedY: Double { plot.y - ChartPlan.rowHeight / 2 }
  /// Center of the row for values that a logarithmic axis cannot show, below the plot.
  package var zeroY: Double { plot.maxY + ChartPlan.rowHeight / 2 }

  /// Gives every part of a plan its position.
  ///
  /// - Parameters:
  ///   - margins: at least the plan's own.
  ///   - plotHeight: at least the plan's own.
  package init(_ plan: ChartPlan, margins: ChartPlan.Margins? = nil, plotHeight: Double? = nil) {
    let margins = margins ?? plan.margins
    let plot = Box(
      x: margins.left, y: margins.top, width: max(plan.width - margins.left - margins.right, 40),
      height: plotHeight ?? plan.plotHeight)
    self.plan = plan
    self.plot = plot
    height = margins.top + plot.height + margins.bottom
    xTicks = Self.xTicks(plan, plot.width)
    var geometry = plan.chart.series.enumerated().map { rank, series in
      SeriesGeometry(
        series, rank: rank, plot: plot, x: plan.x, y: plan.y,
        divergedY: plot.y - ChartPlan.rowHeight / 2,
        zeroY: plot.maxY + ChartPlan.rowHeight / 2)
    }
    Self.separateEdgeMarks(&geometry)
    series = geometry
    labels = Self.labels(plan, plot, geometry)
    annotations = AnnotationPlacement.place(
      plan.chart.annotations, plot: plot, x: plan.x, y: plan.y, avoiding: geometry,
      and: labels.map(\.box))
  }

  private static func xTicks(_ plan: ChartPlan, _ width: Double) -> [Tick] {
    guard plan.hasX else { return [] }
    let axis = plan.chart.x
    if let values = axis.ticks {
      return ChartPlan.thinned(
        Ticks.explicit(values, plan.x, format: axis.format), plan.x, width, room: 8,
        extent: ChartPlan.tickWidth)
    }
    var ticks: [Tick] = []
    for limit in stride(from: max(2, min(11, Int(width / 45))), through: 2, by: -1) {
      ticks = Ticks.automatic(plan.x, limit: limit, format: axis.format)
      let thinned = ChartPlan.thinned(
        ticks, plan.x, width, room: 14, extent: ChartPlan.tickWidth)
      if thinned == ticks { return ticks }
    }
    return ChartPlan.thinned(ticks, plan.x, width, room: 8, extent: ChartPlan.tickWidth)
  }

  /// Marks of several series at one position are set side by side.
  private static func separateEdgeMarks(_ series: inout [SeriesGeometry]) {
    struct Position: Hashable {
      let kind: SeriesGeometry.EdgeMark.Kind
      let x: Int
    }
    var members: [Position: [(series: Int, mark: Int)]] = [:]
    for (seriesIndex, geometry) in series.enumerated() {
      for (markIndex, mark) in geometry.edgeMarks.enumerated() {
        let position = Position(kind: mark.kind, x: Int(mark.centre.x.rounded()))
        members[position, default: []].append((seriesIndex, markIndex))
      }
    }
    for group in members.values where group.count > 1 {
      for (rank, member) in group.enumerated() {
        let shift = (Double(rank) - Double(group.count - 1) / 2) * 11
        series[member.series].move(mark: member.mark, by: shift)
      }
    }
  }

  /// The labels next to the plot, in their order from top to bottom; a series that ends well inside
  /// the plot gets its label there if there is room.
  private static func labels(
    _ plan: ChartPlan, _ plot: Box, _ series: [SeriesGeometry]
  ) -> [SeriesLabel] {
    var result: [SeriesLabel] = []
    var wanted: [(index: Int, y: Double)] = []
    let data = AnnotationPlacement.samples(series)
    for index in plan.labels.indices where !plan.labels[index].lines.isEmpty {
      let end = series[index].end
      if let end, plot.maxX - end.x > 40, plot.contains(end),
        let room = roomBeside(end, plan.labels[index], plot, data, result.map(\.box))
      {
        result.append(
          SeriesLabel(
            series: index, block: plan.labels[index], box: room.box, anchor: room.anchor,
            leader: [], isBeside: false))
      } else {
        wanted.append((index, end?.y ?? plot.maxY))
      }
    }
    wanted.sort { ($0.y, $0.index) < ($1.y, $1.index) }
    let above = plan.hasDivergedRow ? ChartPlan.rowHeight : 6
    let below = plan.zeroRowLabel == nil ? 6 : ChartPlan.rowHeight
    let centres = LabelPlacement.spread(
      desired: wanted.map(\.y), sizes: wanted.map { plan.labels[$0.index].height },
      bounds: plot.y - above...plot.maxY + below)
    let left = plot.maxX + plan.leaderRoom
    for (item, centre) in zip(wanted, centres) {
      let block = plan.labels[item.index]
      let box = Box(
        x: left + ChartPlan.sampleWidth, y: centre - block.height / 2, width: block.width,
        height: block.height)
      let leader = leader(from: series[item.index].end, to: PlanePoint(left - 3, centre), plot)
      result.append(
        SeriesLabel(
          series: item.index, block: block, box: box, anchor: .start, leader: leader,
          isBeside: true))
    }
    return result
  }

  private static func leader(
    from end: PlanePoint?, to label: PlanePoint, _ plot: Box
  ) -> [PlanePoint] {
    guard let end else { return [] }
    let start = PlanePoint(end.x + 7, end.y)
    if plot.maxX - end.x <= 40 { return abs(label.y - end.y) > 2 ? [start, label] : [] }
    return [start, PlanePoint(plot.maxX, end.y), label]
  }

  /// Space for a label inside the plot, next to a line's end: to the right of it, else below or
  /// above it on the left; nil if it would cover anything.
  private static func roomBeside(
    _ end: PlanePoint, _ block: TextBlock, _ plot: Box, _ data: [PlanePoint], _ taken: [Box]
  ) -> (box: Box, anchor: TextAnchor)? {
    func isFree(_ box: Box, from left: Double) -> Bool {
      let wide = box.expanded(by: 2)
      return plot.contains(box) && !data.contains { wide.contains($0) && $0.x > left }
        && taken.allSatisfy { $0.overlap(box) == 0 }
    }
    let (width, height) = (block.width, block.height)
    for shift: Double in [0, -10, 10, -18, 18] {
      let box = block.box(x: end.x + 9, y: end.y + shift - height / 2)
      // The first pixels belong to the line's own end.
      if isFree(box, from: end.x + 8) { return (box, .start) }
    }
    for y in [end.y + 8, end.y - 8 - height] {
      let box = block.box(x: end.x - width - 4, y: y)
      if isFree(box, from: -.infinity) { return (box, .end) }
    }
    return nil
  }
}
