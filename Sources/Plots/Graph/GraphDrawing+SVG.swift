extension GraphDrawing {
  private static let margin = 18.0
  private static let edgeColour = "#7a7a7a"

  /// The graph as a self-contained SVG document; the same graph gives the same bytes.
  ///
  /// Complexity: close to linear in nodes and edges. 2,000 nodes are no problem.
  public func svg() -> String {
    let heading = TextBlock(title, width: 900, size: 15, face: .bold)
    let legendTop = Self.margin + heading.height + 6
    let layout = GraphLayout(self, top: legendTop + 40, margin: Self.margin)
    let routing = GraphRouting(layout)
    let kinds = Kind.allCases.filter { kind in nodes.contains { $0.kind == kind } }
    let width = max(
      layout.width + routing.lanesWidth, heading.width + 2 * Self.margin,
      Self.legendWidth(kinds) + 2 * Self.margin, 240)
    var writer = SVGWriter()
    heading.write(to: &writer, x: Self.margin, y: Self.margin)
    writeLegend(kinds, y: legendTop, &writer)
    writeEdges(routing, &writer)
    for (node, box) in zip(nodes, layout.boxes) { write(node, box, &writer) }
    if nodes.isEmpty {
      TextBlock("no nodes", width: 200, size: 14, colour: Ink.secondary)
        .write(to: &writer, x: Self.margin, y: legendTop)
    }
    return SVGWriter.document(
      width: width.rounded(.up), height: layout.height.rounded(.up),
      title: title.isEmpty ? "graph" : title, description: description, body: writer.body)
  }

  private var description: String {
    let counts = Kind.allCases.compactMap { kind -> String? in
      let count = nodes.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) of kind \(kind.rawValue)"
    }
    let parts = counts.isEmpty ? "" : ": " + counts.joined(separator: ", ")
    return "A directed graph of \(nodes.count) nodes\(parts); \(edges.count) edges, "
      + "drawn from top to bottom."
  }

  private func writeEdges(_ routing: GraphRouting, _ writer: inout SVGWriter) {
    var heads = ""
    for tip in routing.tips {
      let (x, y) = (tip.point.x, tip.point.y)
      heads += SVGWriter.outline(
        tip.isFromRight
          ? [PlanePoint(x, y), PlanePoint(x + 7, y - 3.5), PlanePoint(x + 7, y + 3.5)]
          : [PlanePoint(x, y), PlanePoint(x - 3.5, y - 7), PlanePoint(x + 3.5, y - 7)],
        closed: true)
    }
    writer.group(
      "g", ["fill": "none", "stroke": .text(Self.edgeColour), "stroke-width": 1.1]
    ) { writer in
      for outline in routing.outlines { writer.element("path", ["d": .text(outline)]) }
    }
    writer.element("path", ["d": .text(heads), "fill": .text(Self.edgeColour)])
    for (link, tip) in zip(links, routing.tips) where link.count > 1 {
      TextBlock("×\(link.count)", width: 60, size: 10.5, colour: Ink.secondary)
        .write(to: &writer, x: tip.point.x + 6, y: tip.point.y - 18, halo: true)
    }
  }

  private func write(_ node: Node, _ box: Box, _ writer: inout SVGWriter) {
    writeShape(node.kind, box, &writer)
    let title = TextBlock(node.title, width: .infinity, size: GraphLayout.titleSize, face: .bold)
    title.write(to: &writer, x: box.midX, y: box.y + 5, anchor: .middle)
    for (index, detail) in node.details.enumerated() {
      TextBlock(detail, width: .infinity, size: GraphLayout.detailSize, colour: Ink.secondary)
        .write(
          to: &writer, x: box.midX, y: box.y + 21 + 14 * Double(index), anchor: .middle)
    }
  }

  /// The outline of a kind: round ends for inputs, a bar for parameters, dashes for constants,
  /// square corners for operations, cut corners for activations, a double line for losses.
  private func writeShape(_ kind: Kind, _ box: Box, _ writer: inout SVGWriter) {
    let colour = AttributeValue.text(kind == .constant ? Ink.axis : "#444444")
    func rectangle(_ box: Box, radius: Double, _ more: [(String, AttributeValue)] = []) {
      writer.element(
        "rect",
        [
          ("x", .number(box.x)), ("y", .number(box.y)), ("width", .number(box.width)),
          ("height", .number(box.height)), ("rx", .number(radius)), ("fill", .text(kind.fill)),
          ("stroke", colour),
        ] + more)
    }
    switch kind {
    case .input: rectangle(box, radius: min(box.height, 26) / 2)
    case .operation: rectangle(box, radius: 2)
    case .constant: rectangle(box, radius: 2, [("stroke-dasharray", "3 2")])
    case .loss:
      rectangle(box, radius: 2)
      rectangle(box.expanded(by: -2.5), radius: 1)
    case .parameter:
      rectangle(box, radius: 2)
      let bar = Box(x: box.x, y: box.y, width: 4, height: box.height)
      writer.element(
        "rect",
        [
          "x": .number(bar.x), "y": .number(bar.y), "width": .number(bar.width),
          "height": .number(bar.height), "fill": "#a8500f",
        ])
    case .activation:
      let cut = 8.0
      let corners = [
        PlanePoint(box.x + cut, box.y), PlanePoint(box.maxX - cut, box.y),
        PlanePoint(box.maxX, box.midY), PlanePoint(box.maxX - cut, box.maxY),
        PlanePoint(box.x + cut, box.maxY), PlanePoint(box.x, box.midY),
      ]
      writer.element(
        "path",
        [
          "d": .text(SVGWriter.outline(corners, closed: true)), "fill": .text(kind.fill),
          "stroke": colour,
        ])
    }
  }

  // MARK: Legend

  private static let sampleWidth = 26.0

  private static func legendItem(_ kind: Kind) -> Double {
    sampleWidth + 6 + TextMetrics.width(kind.rawValue, size: 11) + 18
  }

  private static func legendWidth(_ kinds: [Kind]) -> Double {
    kinds.reduce(0) { $0 + legendItem($1) }
  }

  private func writeLegend(_ kinds: [Kind], y: Double, _ writer: inout SVGWriter) {
    var x = Self.margin
    for kind in kinds {
      writeShape(kind, Box(x: x, y: y, width: Self.sampleWidth, height: 14), &writer)
      TextBlock(kind.rawValue, width: 200, size: 11, colour: Ink.secondary)
        .write(to: &writer, x: x + Self.sampleWidth + 6, y: y - 0.5)
      x += Self.legendItem(kind)
    }
  }
}
