import Plots
import Testing

@Suite struct GraphLayoutTests {
  private func layout(_ graph: GraphDrawing) -> GraphLayout {
    GraphLayout(graph, top: 50, margin: 10)
  }

  /// What must hold in every drawing: boxes apart and inside, and every edge downwards.
  private func check(_ graph: GraphDrawing) {
    let layout = layout(graph)
    let page = Box(x: 0, y: 50, width: layout.width, height: layout.height - 50).expanded(by: 1e-6)
    for layer in layout.layers.layers {
      let boxes = layer.compactMap { layout.layers.vertices[$0].node }.map { layout.boxes[$0] }
      for (left, right) in zip(boxes, boxes.dropFirst()) { #expect(right.x - left.maxX > 21.9) }
      for box in boxes { #expect(page.contains(box)) }
      let positions = layer.map { layout.x[$0] }
      #expect(positions == positions.sorted())
    }
    for (upper, lower) in zip(layout.bands, layout.bands.dropFirst()) {
      #expect(lower.top > upper.bottom)
    }
    for link in graph.links { #expect(layout.boxes[link.to].y > layout.boxes[link.from].maxY) }
  }

  @Test(arguments: 0..<20) func keepsBoxesApart(_ seed: Int) {
    check(GraphDrawingTests.random(80, reach: 5 + 4 * seed, seed: UInt64(seed)))
  }

  @Test func keepsThePathOfTheDataStraight() {
    let graph = GraphDrawingTests.residual(blocks: 4)
    check(graph)
    let layout = layout(graph)
    let spine = zip(graph.nodes, layout.boxes).filter { "xpzash".contains($0.0.id.prefix(1)) }
      .filter { $0.0.id != "scale" && $0.0.id != "loss" }
    #expect(spine.count == 1 + 4 * 7)
    for (node, box) in spine { #expect(abs(box.midX - spine[0].1.midX) < 1e-6, "\(node.id)") }
  }

  @Test func drawsParametersBesideTheirUse() {
    let graph = GraphDrawingTests.residual(blocks: 2)
    let layout = layout(graph)
    let box = Dictionary(uniqueKeysWithValues: zip(graph.nodes.map(\.id), layout.boxes))
    for name in ["0i", "0o", "1i", "1o"] {
      guard let weight = box["W" + name], let product = box["p" + name] else {
        Issue.record("no weight \(name)")
        continue
      }
      #expect(weight.y < product.y && product.y - weight.maxY < 40)
    }
  }

  @Test func entersBoxesWithinTheirWidth() {
    let graph = GraphDrawingTests.random(60, reach: 12, seed: 9)
    let layout = layout(graph)
    let routing = GraphRouting(layout)
    #expect(routing.outlines.count == graph.links.count)
    for (link, tip) in zip(graph.links, routing.tips) {
      let box = layout.boxes[link.to]
      let edge = tip.isFromRight ? PlanePoint(box.maxX, box.midY) : PlanePoint(tip.point.x, box.y)
      #expect(tip.point == edge && tip.point.x >= box.x && tip.point.x <= box.maxX)
    }
  }

  @Test func bundlesLanes() {
    // Each of 200 nodes in a chain is also used at the end, and the first one by all.
    let nodes = (0..<200).map { GraphDrawing.Node(id: "\($0)", title: "\($0)") }
    var edges = (1..<200).map { GraphDrawing.Edge(from: "\($0 - 1)", to: "\($0)") }
    edges += (2..<198).flatMap {
      [GraphDrawing.Edge(from: "0", to: "\($0)"), .init(from: "\($0)", to: "199")]
    }
    let graph = GraphDrawing(title: "bundles", nodes: nodes, edges: edges)
    check(graph)
    let routing = GraphRouting(layout(graph))
    #expect(routing.tips.contains { $0.isFromRight })
    #expect(routing.lanesWidth < 40)
    _ = DrawnDocument(graph.svg())
  }

  /// Each node with each later one: the worst that 300 nodes can do to the long edges.
  @Test func boundsThePointsOfLongEdges() {
    let nodes = (0..<300).map { GraphDrawing.Node(id: "\($0)", title: "\($0)") }
    let edges = (0..<300).flatMap { from in
      (from + 1..<300).map { GraphDrawing.Edge(from: "\(from)", to: "\($0)") }
    }
    let layers = GraphLayers(GraphDrawing(title: "complete", nodes: nodes, edges: edges))
    #expect(layers.layers.count == 300)
    #expect(layers.vertices.count <= 300 * GraphLayers.longestRoute)
  }

  @Test(.timeLimit(.minutes(1))) func drawsTwoThousandNodes() {
    let graph = GraphDrawingTests.residual(blocks: 182)
    #expect(graph.nodes.count > 2000)
    check(graph)
    #expect(graph.svg().utf8.count > 500_000)
  }
}
