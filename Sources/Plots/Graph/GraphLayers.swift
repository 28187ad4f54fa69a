/// The vertices of a layered drawing: the graph's nodes, and points that long edges pass through.
///
/// All edges of the result join neighboring layers. The edges that leave one node share their
/// points, so a value that many later nodes use is drawn as one trunk with branches.
package struct GraphLayers: Sendable {
  package struct Vertex: Sendable {
    package let layer: Int
    /// The node that it represents; nil for a point of a long edge.
    package let node: Int?
    /// Neighbors in the layer above and in the layer below.
    package var above: [Int] = []
    package var below: [Int] = []
  }

  /// An edge of the graph with the vertices that it runs through.
  package struct Route: Sendable {
    package let from: Int
    package let to: Int
    package let count: Int
    /// The vertices from first to last; empty for an edge that is drawn next to the layers.
    package let path: [Int]
  }

  package private(set) var vertices: [Vertex] = []
  /// The vertices of each layer, in their order from left to right.
  package var layers: [[Int]] = []
  package private(set) var routes: [Route] = []

  /// Edges across more layers than this run in a lane next to the drawing: it keeps the number of
  /// points, and with it time and memory, linear in the number of edges.
  package static let longestRoute = 30

  package init(_ graph: GraphDrawing) {
    let links = graph.links
    let ranks = Self.ranks(count: graph.nodes.count, links: links.map { ($0.from, $0.to) })
    vertices = ranks.indices.map { Vertex(layer: ranks[$0], node: $0) }
    layers = Array(repeating: [], count: (ranks.max() ?? -1) + 1)
    for node in ranks.indices { layers[ranks[node]].append(node) }
    // The points that follow a node, one per layer, as far as needed so far.
    var trunks: [[Int]] = Array(repeating: [], count: ranks.count)
    for link in links {
      guard ranks[link.to] - ranks[link.from] <= Self.longestRoute else {
        routes.append(Route(from: link.from, to: link.to, count: link.count, path: []))
        continue
      }
      var path = [link.from]
      for layer in ranks[link.from] + 1..<ranks[link.to] {
        let step = layer - ranks[link.from] - 1
        if step == trunks[link.from].count {
          trunks[link.from].append(vertices.count)
          layers[layer].append(vertices.count)
          vertices.append(Vertex(layer: layer, node: nil))
          join(path[path.count - 1], vertices.count - 1)
        }
        path.append(trunks[link.from][step])
      }
      join(path[path.count - 1], link.to)
      path.append(link.to)
      routes.append(Route(from: link.from, to: link.to, count: link.count, path: path))
    }
  }

  private mutating func join(_ upper: Int, _ lower: Int) {
    vertices[upper].below.append(lower)
    vertices[lower].above.append(upper)
  }

  /// The layer of each node: the longest path to it, then moved toward its users if that
  /// shortens more edges than it lengthens. So a parameter is just above its first use.
  private static func ranks(count: Int, links: [(from: Int, to: Int)]) -> [Int] {
    var ranks = Array(repeating: 0, count: count)
    var users: [[Int]] = Array(repeating: [], count: count)
    var sources = Array(repeating: 0, count: count)
    for link in links {
      users[link.from].append(link.to)
      sources[link.to] += 1
    }
    for node in 0..<count {
      for user in users[node] { ranks[user] = max(ranks[user], ranks[node] + 1) }
    }
    for node in (0..<count).reversed() where users[node].count > sources[node] {
      if let first = users[node].map({ ranks[$0] }).min() { ranks[node] = first - 1 }
    }
    let least = ranks.min() ?? 0
    return ranks.map { $0 - least }
  }

  // MARK: Order within the layers

  /// Orders the vertices of each layer so that few edges cross: sweeps that put each vertex at the
  /// mean position of its neighbors in the layer before, down and up in turn; the best is kept.
  ///
  /// Complexity: O(sweeps · edges · log(edges)).
  package mutating func reduceCrossings(sweeps: Int = 12) {
    var position = Array(repeating: 0, count: vertices.count)
    func number(_ layer: [Int]) {
      for (index, vertex) in layer.enumerated() { position[vertex] = index }
    }
    layers.forEach(number)
    var best = layers
    var fewest = crossings()
    for sweep in 0..<sweeps where fewest > 0 {
      let isDown = sweep.isMultiple(of: 2)
      for step in 1..<max(layers.count, 1) {
        let layer = isDown ? step : layers.count - 1 - step
        layers[layer] = reordered(layers[layer], position) {
          isDown ? vertices[$0].above : vertices[$0].below
        }
        number(layers[layer])
      }
      let count = crossings()
      if count < fewest { (best, fewest) = (layers, count) }
    }
    layers = best
  }

  /// A layer sorted by the mean position of the neighbors; a vertex without any keeps its position.
  private func reordered(
    _ layer: [Int], _ position: [Int], neighbours: (Int) -> [Int]
  ) -> [Int] {
    let movable = layer.filter { !neighbours($0).isEmpty }
    let means = movable.map { vertex -> (mean: Double, vertex: Int) in
      let near = neighbours(vertex)
      return (near.reduce(0.0) { $0 + Double(position[$1]) } / Double(near.count), vertex)
    }
    let sorted = means.sorted { ($0.mean, position[$0.vertex]) < ($1.mean, position[$1.vertex]) }
    var next = 0
    return layer.map { vertex in
      guard !neighbours(vertex).isEmpty else { return vertex }
      defer { next += 1 }
      return sorted[next].vertex
    }
  }

  /// How many pairs of edges cross between neighboring layers.
  ///
  /// Barth, Jünger and Mutzel, "Simple and efficient bilayer cross counting" (2004): inversions,
  /// counted with a tree of partial sums.
  package func crossings() -> Int {
    var total = 0
    var position = Array(repeating: 0, count: vertices.count)
    for layer in layers {
      for (index, vertex) in layer.enumerated() { position[vertex] = index }
    }
    for (upper, lower) in zip(layers, layers.dropFirst()) {
      var sums = Array(repeating: 0, count: lower.count + 1)
      var seen = 0
      for vertex in upper {
        let ends = vertices[vertex].below.map { position[$0] }.sorted()
        for end in ends {
          var index = end + 1
          var notRight = 0
          while index > 0 {
            notRight += sums[index]
            index &= index - 1
          }
          total += seen - notRight
        }
        for end in ends {
          var index = end + 1
          while index < sums.count {
            sums[index] += 1
            index += index & -index
          }
          seen += 1
        }
      }
    }
    return total
  }
}
