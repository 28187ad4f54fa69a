/// Everything around the data: words above and below, grid, axes, rows at the edges.
extension ChartRenderer {
  static func writeHeader(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    let plan = layout.plan
    var y = ChartPlan.padding
    for block in [plan.title, plan.subtitle] {
      block.write(to: &writer, x: ChartPlan.padding, y: y)
      y += block.height
    }
    let above = 6 + (plan.hasDivergedRow ? ChartPlan.rowHeight : 0)
    plan.yLabel.write(
      to: &writer, x: ChartPlan.padding, y: layout.plot.y - above - plan.yLabel.height)
  }

  static func writeFooter(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    let plan = layout.plan
    var y = layout.plot.maxY + (plan.zeroRowLabel == nil ? 0 : ChartPlan.rowHeight) + 8 + 16
    plan.xLabel.write(to: &writer, x: layout.plot.midX, y: y, anchor: .middle)
    y += plan.xLabel.height + 10
    for block in plan.footer {
      block.write(to: &writer, x: ChartPlan.padding, y: y)
      y += block.height
    }
  }

  static func writeGrid(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    let (plan, plot) = (layout.plan, layout.plot)
    func x(_ tick: Tick) -> Double { plot.x + plan.x.fraction(tick.value) * plot.width }
    func y(_ tick: Tick) -> Double { plot.maxY - plan.y.fraction(tick.value) * plot.height }
    func lines(_ ticks: [Tick], _ line: (Tick) -> [PlanePoint]) -> String {
      ticks.map { SVGWriter.outline(line($0)) }.joined()
    }
    func down(_ tick: Tick) -> [PlanePoint] {
      [PlanePoint(x(tick), plot.y), PlanePoint(x(tick), plot.maxY)]
    }
    func across(_ tick: Tick) -> [PlanePoint] {
      [PlanePoint(plot.x, y(tick)), PlanePoint(plot.maxX, y(tick))]
    }
    for (isMajor, colour) in [(false, Ink.minorGrid), (true, Ink.grid)] {
      // On a dense explicit axis the ticks that lost their label keep a faint line.
      let outline =
        lines(layout.xTicks.filter { $0.isMajor == isMajor }, down)
        + lines(plan.yTicks.filter { $0.isMajor == isMajor }, across)
      if !outline.isEmpty {
        writer.element("path", ["d": .text(outline), "stroke": .text(colour), "fill": "none"])
      }
    }
    writeRows(layout, &writer)
    let ends = lines(layout.xTicks) { tick in
      let low = plot.maxY + (plan.zeroRowLabel == nil ? 0 : ChartPlan.rowHeight)
      return [PlanePoint(x(tick), low), PlanePoint(x(tick), low + (tick.isMajor ? 5 : 3))]
    }
    let bottom = plot.maxY + (plan.zeroRowLabel == nil ? 0 : ChartPlan.rowHeight)
    writer.element(
      "path",
      [
        "d": .text(
          SVGWriter.outline([PlanePoint(plot.x, bottom), PlanePoint(plot.maxX, bottom)]) + ends),
        "stroke": .text(Ink.axis), "fill": "none",
      ])
    writer.group(
      "g", ["font-size": .number(ChartPlan.tickSize), "fill": .text(Ink.text)]
    ) { writer in
      for tick in layout.xTicks {
        guard let label = tick.label else { continue }
        writer.text(
          label, ["x": .number(x(tick)), "y": .number(bottom + 18), "text-anchor": "middle"])
      }
      var left = plan.yTicks.compactMap { tick in tick.label.map { ($0, y(tick)) } }
      if plan.hasDivergedRow { left.append((ChartPlan.divergedLabel, layout.divergedY)) }
      if let label = plan.zeroRowLabel { left.append((label, layout.zeroY)) }
      for (label, centre) in left {
        writer.text(
          label, ["x": .number(plot.x - 7), "y": .number(centre + 4.2), "text-anchor": "end"])
      }
    }
  }

  /// The rows above and below the plot, set off from it since they are not on its scale.
  private static func writeRows(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    let plot = layout.plot
    func row(_ y: Double) {
      writer.element(
        "rect",
        [
          "x": .number(plot.x), "y": .number(y), "width": .number(plot.width),
          "height": .number(ChartPlan.rowHeight), "fill": "#f5f5f5",
        ])
    }
    func rule(_ y: Double) {
      writer.element(
        "path",
        [
          "d": .text(SVGWriter.outline([PlanePoint(plot.x, y), PlanePoint(plot.maxX, y)])),
          "stroke": .text(Ink.axis), "stroke-width": 0.8, "stroke-dasharray": "2 2",
        ])
    }
    if layout.plan.hasDivergedRow {
      row(plot.y - ChartPlan.rowHeight)
      rule(plot.y)
    }
    if layout.plan.zeroRowLabel != nil {
      row(plot.maxY)
      rule(plot.maxY)
    }
  }
}
