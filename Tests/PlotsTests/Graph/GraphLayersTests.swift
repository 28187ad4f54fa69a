import Plots
import Testing

@Suite struct GraphLayersTests {
  private func graph(_ count: Int, _ edges: [(Int, Int)]) -> GraphDrawing {
    GraphDrawing(
      title: "g", nodes: (0..<count).map { .init(id: "\($0)", title: "\($0)") },
      edges: edges.map { .init(from: "\($0)", to: "\($1)") })
  }

  private func crossingsByPairs(_ layers: GraphLayers) -> Int {
    var total = 0
    for (upper, lower) in zip(layers.layers, layers.layers.dropFirst()) {
      var ends: [(Int, Int)] = []
      for (from, vertex) in upper.enumerated() {
        for below in layers.vertices[vertex].below {
          ends.append((from, lower.firstIndex(of: below) ?? -1))
        }
      }
      for (index, one) in ends.enumerated() {
        total += ends.dropFirst(index + 1).count {
          (one.0 < $0.0 && one.1 > $0.1) || (one.0 > $0.0 && one.1 < $0.1)
        }
      }
    }
    return total
  }

  @Test func ranksByTheLongestPath() {
    let layers = GraphLayers(graph(5, [(0, 1), (1, 2), (0, 2), (2, 4), (3, 4)]))
    // Node 3 is used only by the last one, so it stands just above it.
    #expect((0..<5).map { layers.vertices[$0].layer } == [0, 1, 2, 2, 3])
  }

  @Test func routesLongEdgesThroughEveryLayer() {
    let layers = GraphLayers(graph(4, [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]))
    for route in layers.routes {
      let ranks = route.path.map { layers.vertices[$0].layer }
      #expect(ranks == Array(ranks[0]...(ranks.last ?? 0)))
      #expect(route.path.first == route.from && route.path.last == route.to)
      #expect(route.path.dropFirst().dropLast().allSatisfy { layers.vertices[$0].node == nil })
    }
    // The two edges from 0 share the point in layer 1.
    #expect(layers.vertices.count == 4 + 2)
  }

  @Test func sendsVeryLongEdgesBesideTheLayers() {
    let count = GraphLayers.longestRoute + 3
    let chain = (1..<count).map { ($0 - 1, $0) }
    let layers = GraphLayers(graph(count, chain + [(0, count - 1)]))
    #expect(layers.routes.last?.path.isEmpty == true)
    #expect(layers.vertices.count == count)
  }

  @Test(arguments: 0..<20) func countsCrossings(_ seed: Int) {
    var layers = GraphLayers(GraphDrawingTests.random(60, reach: 25, seed: UInt64(seed)))
    let before = layers.crossings()
    #expect(before == crossingsByPairs(layers))
    layers.reduceCrossings()
    #expect(layers.crossings() == crossingsByPairs(layers))
    #expect(layers.crossings() <= before)
  }

  @Test func removesCrossingsThatAreNotNeeded() {
    // Two chains, listed so that they cross at each step.
    var layers = GraphLayers(graph(6, [(0, 3), (1, 2), (2, 5), (3, 4)]))
    layers.reduceCrossings()
    #expect(layers.crossings() == 0)
  }
}
