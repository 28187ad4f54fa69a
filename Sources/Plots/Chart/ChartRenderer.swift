/// Writes a chart, from its background to its labels.
package enum ChartRenderer {
  private static let markerRadius = 3.6

  package static func write(_ layout: ChartLayout, to writer: inout SVGWriter) {
    writeHeader(layout, &writer)
    writeRegions(layout, &writer)
    writeGrid(layout, &writer)
    writeField(layout, &writer)
    writeRules(layout, &writer)
    let order = layout.series.indices.sorted {
      (isReference($0, layout) ? 0 : 1, $0) < (isReference($1, layout) ? 0 : 1, $1)
    }
    for index in order { writeBands(layout, index, &writer) }
    for index in order { writeLines(layout, index, &writer) }
    for index in order { writeMarkers(layout, index, &writer) }
    writeRemarks(layout, &writer)
    writeLabels(layout, &writer)
    writeFooter(layout, &writer)
    if !layout.plan.hasX || !(layout.plan.hasY || layout.plan.hasDivergedRow) {
      TextBlock("no data", width: 200, size: 14, colour: Ink.secondary)
        .write(to: &writer, x: layout.plot.midX, y: layout.plot.midY - 10, anchor: .middle)
    }
  }

  private static func isReference(_ index: Int, _ layout: ChartLayout) -> Bool {
    layout.plan.chart.series[index].style == .reference
  }

  // MARK: Data

  private static func writeBands(_ layout: ChartLayout, _ index: Int, _ writer: inout SVGWriter) {
    let geometry = layout.series[index]
    let colour = AttributeValue.text(layout.plan.appearances[index].colour)
    for band in geometry.bands {
      writer.element(
        "path",
        ["d": .text(SVGWriter.outline(band, closed: true)), "fill": colour, "fill-opacity": 0.13])
    }
    if !geometry.bandEdges.isEmpty {
      let outline = geometry.bandEdges.map { SVGWriter.outline($0) }.joined()
      writer.element(
        "path",
        [
          "d": .text(outline), "fill": "none", "stroke": colour, "stroke-width": 0.7,
          "stroke-opacity": 0.45,
        ])
    }
  }

  private static func writeLines(_ layout: ChartLayout, _ index: Int, _ writer: inout SVGWriter) {
    let geometry = layout.series[index]
    let appearance = layout.plan.appearances[index]
    if !geometry.whiskers.isEmpty {
      let outline = geometry.whiskers.map(outline).joined()
      writer.element(
        "path",
        [
          "d": .text(outline), "fill": "none", "stroke": .text(appearance.colour),
          "stroke-width": 1.1,
        ])
    }
    if !geometry.lines.isEmpty {
      let outline = geometry.lines.map { SVGWriter.outline($0) }.joined()
      let attributes =
        [("fill", "none"), ("stroke-linejoin", "round")] + strokeAttributes(layout, index)
      writer.path(outline, tooltip: layout.plan.chart.series[index].label, attributes)
    }
    for dot in geometry.dots {
      let outline = Marker.circle.outline(at: dot, radius: 2)
      writer.element("path", ["d": .text(outline), "fill": .text(appearance.colour)])
    }
  }

  /// The stroke of a series' line: dashed, except where a line has so many points that its own
  /// wiggles would be longer than the dashes.
  private static func strokeAttributes(
    _ layout: ChartLayout, _ index: Int
  ) -> [(String, AttributeValue)] {
    let appearance = layout.plan.appearances[index]
    let isSolid =
      SeriesGeometry.isDense(layout.plan.chart.series[index]) && !isReference(index, layout)
    let width = isSolid ? 1.1 : appearance.lineWidth
    var attributes: [(String, AttributeValue)] = [
      ("stroke", .text(appearance.colour)), ("stroke-width", .number(width)),
    ]
    if !isSolid && !appearance.dashes.isEmpty {
      attributes.append(("stroke-dasharray", .text(appearance.dashes)))
    }
    return attributes
  }

  private static func outline(_ whisker: SeriesGeometry.Whisker) -> String {
    func cap(_ y: Double) -> String {
      SVGWriter.outline([PlanePoint(whisker.x - 3.5, y), PlanePoint(whisker.x + 3.5, y)])
    }
    let stem = SVGWriter.outline([
      PlanePoint(whisker.x, whisker.top), PlanePoint(whisker.x, whisker.bottom),
    ])
    return stem + (whisker.capsTop ? cap(whisker.top) : "")
      + (whisker.capsBottom ? cap(whisker.bottom) : "")
  }

  private static func writeMarkers(_ layout: ChartLayout, _ index: Int, _ writer: inout SVGWriter) {
    let geometry = layout.series[index]
    let appearance = layout.plan.appearances[index]
    let name = layout.plan.chart.series[index].label
    let radius = geometry.markers.count > 40 ? 2.4 : markerRadius
    var previous = PlanePoint(-.infinity, -.infinity)
    let isLine = layout.plan.chart.series[index].style == .lineAndPoints
    for (centre, point) in geometry.markers {
      // A line shows its points already; markers that would run together are left out.
      if isLine && abs(centre.x - previous.x) + abs(centre.y - previous.y) < 2.2 * radius {
        continue
      }
      previous = centre
      write(
        appearance.marker, at: centre, radius: radius, appearance,
        tooltip: ChartDescription.tooltip(name, point, layout.plan.chart), &writer)
    }
    for sign in geometry.signs {
      write(appearance.marker, at: sign, radius: 3.4, appearance, tooltip: name, &writer)
    }
    for mark in geometry.edgeMarks {
      let tooltip = ChartDescription.tooltip(name, mark.point, layout.plan.chart)
      switch mark.kind {
      case .diverged, .zero:
        write(
          appearance.marker, at: mark.centre, radius: markerRadius, appearance, tooltip: tooltip,
          &writer)
      case .above, .below:
        let tip = mark.kind == .above ? -4.0 : 4
        let outline = SVGWriter.outline([
          PlanePoint(mark.centre.x - 4, mark.centre.y - tip / 2),
          PlanePoint(mark.centre.x, mark.centre.y + tip),
          PlanePoint(mark.centre.x + 4, mark.centre.y - tip / 2),
        ])
        writer.path(
          outline, tooltip: tooltip,
          [("fill", "none"), ("stroke", .text(appearance.colour)), ("stroke-width", 1.4)])
      }
    }
  }

  private static func write(
    _ marker: Marker, at centre: PlanePoint, radius: Double, _ appearance: SeriesAppearance,
    tooltip: String, _ writer: inout SVGWriter
  ) {
    let colour = AttributeValue.text(appearance.colour)
    let outline = marker.outline(at: centre, radius: radius)
    if marker.isOpen {
      let attributes: [(String, AttributeValue)] = [
        ("fill", "none"), ("stroke", colour), ("stroke-width", 1.6),
      ]
      writer.path(outline, tooltip: tooltip, attributes)
    } else if marker.isFilled {
      let attributes: [(String, AttributeValue)] = [
        ("fill", colour), ("stroke", "#fff"), ("stroke-width", 0.8),
      ]
      writer.path(outline, tooltip: tooltip, attributes)
    } else {
      let attributes: [(String, AttributeValue)] = [
        ("fill", "#fff"), ("stroke", colour), ("stroke-width", 1.5),
      ]
      writer.path(outline, tooltip: tooltip, attributes)
    }
  }

  // MARK: Words

  private static func writeLabels(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    for label in layout.labels {
      let appearance = layout.plan.appearances[label.series]
      let series = layout.plan.chart.series[label.series]
      if !label.leader.isEmpty {
        // A leader that crosses the plot is dotted, so that it is not mistaken for data.
        let dots = label.leader.count > 2 ? "1 3" : "none"
        writer.element(
          "path",
          [
            "d": .text(SVGWriter.outline(label.leader)), "fill": "none",
            "stroke": .text(appearance.colour), "stroke-width": 0.8, "stroke-opacity": 0.8,
            "stroke-dasharray": .text(dots),
          ])
      }
      if label.isBeside {
        let left = label.box.x - ChartPlan.sampleWidth
        // In the middle of its piece of line; without a line, close to the text.
        let centre = PlanePoint(left + (series.style == .points ? 21 : 13), label.box.midY)
        if series.style != .points {
          let line = [PlanePoint(left, centre.y), PlanePoint(left + 26, centre.y)]
          writer.element(
            "path",
            [("d", .text(SVGWriter.outline(line)))] + strokeAttributes(layout, label.series))
        }
        let isMarked = series.style != .line || SeriesGeometry.isDense(series)
        if isMarked && series.style != .reference {
          write(
            appearance.marker, at: centre, radius: 3.4, appearance, tooltip: series.label, &writer)
        }
      }
      label.block.write(
        to: &writer, in: label.box, anchor: label.anchor, halo: !label.isBeside)
    }
  }

  private static func writeRegions(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    for region in layout.annotations.compactMap(\.region) {
      writer.element(
        "rect",
        [
          "x": .number(region.x), "y": .number(region.y), "width": .number(region.width),
          "height": .number(region.height), "fill": "#f3efe4",
        ])
    }
  }

  private static func writeRules(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    for annotation in layout.annotations where !annotation.rule.isEmpty {
      writer.element(
        "path",
        [
          "d": .text(SVGWriter.outline(annotation.rule)), "stroke": .text(Ink.axis),
          "stroke-width": 1, "stroke-dasharray": "3 2.5",
        ])
    }
  }

  private static func writeRemarks(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    for annotation in layout.annotations {
      if !annotation.leader.isEmpty {
        writer.element(
          "path",
          [
            "d": .text(SVGWriter.outline(annotation.leader)), "stroke": .text(Ink.axis),
            "stroke-width": 0.8,
          ])
      }
      annotation.block.write(
        to: &writer, in: annotation.box, anchor: annotation.anchor, halo: true)
    }
  }
}
