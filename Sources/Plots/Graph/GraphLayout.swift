/// A graph with the position of every box and every bend.
package struct GraphLayout: Sendable {
  /// The box of each node.
  package private(set) var boxes: [Box]
  package let layers: GraphLayers
  /// Center of each vertex.
  package private(set) var x: [Double]
  /// Top and bottom of each layer.
  package private(set) var bands: [(top: Double, bottom: Double)] = []
  package private(set) var width: Double
  package private(set) var height: Double

  private static let gap = 22.0
  private static let pointWidth = 6.0
  private static let layerGap = 36.0
  package static let titleSize = 12.0
  package static let detailSize = 10.5

  /// - Parameters:
  ///   - top: room above the first layer.
  ///   - margin: room at the other sides.
  ///
  /// Complexity: close to linear in nodes and edges; see ``GraphLayers/reduceCrossings(sweeps:)``.
  package init(_ graph: GraphDrawing, top: Double, margin: Double) {
    var layers = GraphLayers(graph)
    layers.reduceCrossings()
    self.layers = layers
    boxes = graph.nodes.map(Self.box)
    x = Array(repeating: 0, count: layers.vertices.count)
    width = 0
    height = 0
    place(margin)
    stack(top, margin)
  }

  private static func box(_ node: GraphDrawing.Node) -> Box {
    let title = TextMetrics.width(node.title, size: titleSize, face: .bold)
    let details = node.details.map { TextMetrics.width($0, size: detailSize) }.max() ?? 0
    return Box(
      x: 0, y: 0, width: max(max(title, details) + 22, 44),
      height: 26 + Double(node.details.count) * 14)
  }

  // MARK: Across

  /// Moves every vertex toward its neighbors, layer by layer, down and up in turn. The order is
  /// kept and nothing overlaps: each layer is solved exactly by ``LabelPlacement``.
  private mutating func place(_ margin: Double) {
    let sizes = layers.vertices.map { vertex in
      (vertex.node.map { boxes[$0].width } ?? Self.pointWidth) + Self.gap
    }
    let columns = GraphColumns(layers)
    let weights = columns.weights
    for layer in layers.layers {
      var right = 0.0
      for vertex in layer {
        x[vertex] = right + sizes[vertex] / 2
        right += sizes[vertex]
      }
    }
    func mean(_ near: [Int]) -> Double? {
      if near.isEmpty { return nil }
      let total = near.reduce(0) { $0 + weights[$1] }
      return near.reduce(0) { $0 + weights[$1] * x[$1] } / total
    }
    for sweep in 0..<10 {
      let isDown = sweep.isMultiple(of: 2)
      for step in layers.layers.indices {
        let layer = layers.layers[isDown ? step : layers.layers.count - 1 - step]
        let desired = layer.map { index in
          let inColumn = isDown ? columns.above[index] : columns.below[index]
          if let inColumn { return x[inColumn] }
          let vertex = layers.vertices[index]
          return mean(isDown ? vertex.above : vertex.below) ?? x[index]
        }
        let centres = LabelPlacement.spread(
          desired: desired, sizes: layer.map { sizes[$0] }, weights: layer.map { weights[$0] })
        for (vertex, centre) in zip(layer, centres) { x[vertex] = centre }
      }
    }
    straighten(columns, sizes)
    let left = x.indices.map { x[$0] - sizes[$0] / 2 }.min() ?? 0
    let right = x.indices.map { x[$0] + sizes[$0] / 2 }.max() ?? 0
    for index in x.indices { x[index] += margin - Self.gap / 2 - left }
    width = right - left - Self.gap + 2 * margin
  }

  /// Puts each column into one vertical line, or into a few pieces if there is no space for one.
  ///
  /// Long columns choose first; the others make room for them and keep their order.
  private mutating func straighten(_ columns: GraphColumns, _ sizes: [Double]) {
    var position = Array(repeating: 0, count: x.count)
    for layer in layers.layers {
      for (index, vertex) in layer.enumerated() { position[vertex] = index }
    }
    /// The interval that neighbors placed earlier leave for a vertex and for those in between.
    func room(_ vertex: Int) -> ClosedRange<Double> {
      let layer = layers.layers[layers.vertices[vertex].layer]
      func bound(_ step: Int) -> Double {
        var distance = sizes[vertex] / 2
        var at = position[vertex] + step
        while layer.indices.contains(at) {
          let neighbour = layer[at]
          if columns.column[neighbour] < columns.column[vertex] {
            return x[neighbour] - Double(step) * (distance + sizes[neighbour] / 2)
          }
          distance += sizes[neighbour]
          at += step
        }
        return Double(step) * .infinity
      }
      let (low, high) = (bound(-1), bound(1))
      // An interval exactly as wide as the vertex may become empty through rounding.
      return low <= high ? low...high : high...low
    }
    for column in columns.columns {
      var start = 0
      while start < column.count {
        var common = room(column[start])
        var end = start + 1
        while end < column.count, common.overlaps(room(column[end])) {
          common = common.clamped(to: room(column[end]))
          end += 1
        }
        let piece = column[start..<end]
        var wanted = piece.reduce(0) { $0 + x[$1] } / Double(piece.count)
        // A single vertex above a longer column, such as a parameter, goes as near as it can.
        if column.count == 1, let user = layers.vertices[column[0]].below.first { wanted = x[user] }
        let line = min(max(wanted, common.lowerBound), common.upperBound)
        for vertex in piece { x[vertex] = line }
        start = end
      }
    }
  }

  // MARK: Down

  private mutating func stack(_ top: Double, _ margin: Double) {
    var y = top
    for layer in layers.layers {
      let nodes = layer.compactMap { layers.vertices[$0].node }
      let height = nodes.map { boxes[$0].height }.max() ?? 0
      for vertex in layer {
        guard let node = layers.vertices[vertex].node else { continue }
        boxes[node].x = x[vertex] - boxes[node].width / 2
        boxes[node].y = y + (height - boxes[node].height) / 2
      }
      bands.append((y, y + height))
      y += height + Self.layerGap
    }
    height = (bands.last?.bottom ?? top) + margin
  }
}
