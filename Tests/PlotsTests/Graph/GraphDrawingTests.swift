import Plots
import Testing

@Suite struct GraphDrawingTests {
  /// A residual network as a tape would list it.
  static func residual(blocks: Int) -> GraphDrawing {
    var nodes: [GraphDrawing.Node] = []
    var edges: [GraphDrawing.Edge] = []
    func add(_ id: String, _ kind: GraphDrawing.Kind = .operation, from: String...) -> String {
      nodes.append(.init(id: id, title: id, details: ["128 x 64"], kind: kind))
      edges += from.map { .init(from: $0, to: id) }
      return id
    }
    func dense(_ input: String, _ name: String) -> String {
      let weight = add("W" + name, .parameter)
      let bias = add("b" + name, .parameter)
      return add("z" + name, from: add("p" + name, from: input, weight), bias)
    }
    let scale = add("scale", .constant)
    var state = add("x", .input)
    for block in 0..<blocks {
      let first = add("a\(block)", .activation, from: dense(state, "\(block)i"))
      let branch = add("s\(block)", from: dense(first, "\(block)o"), scale)
      state = add("h\(block)", from: state, branch)
    }
    _ = add("loss", .loss, from: state)
    return GraphDrawing(title: "residual", nodes: nodes, edges: edges)
  }

  /// A graph without any structure: each node takes up to three earlier ones.
  static func random(_ count: Int, reach: Int, seed: UInt64) -> GraphDrawing {
    var state = seed
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let nodes = (0..<count).map { index in
      GraphDrawing.Node(
        id: "n\(index)", title: String(repeating: "m", count: 1 + below(9)),
        details: Array(repeating: "detail", count: below(3)),
        kind: GraphDrawing.Kind.allCases[below(6)])
    }
    let edges = (0..<count).flatMap { index in
      (0..<below(4)).compactMap { _ in
        let source = index - 1 - below(reach)
        return source < 0 ? nil : GraphDrawing.Edge(from: "n\(source)", to: "n\(index)")
      }
    }
    return GraphDrawing(title: "random", nodes: nodes, edges: edges)
  }

  @Test func writesADocument() {
    let graph = Self.residual(blocks: 3)
    let svg = graph.svg()
    let document = DrawnDocument(svg)
    #expect(document.title == "residual")
    #expect(document.elements("desc").first?.text.contains("36 nodes") == true)
    for node in graph.nodes { #expect(document.texts.contains(node.title)) }
    for kind in GraphDrawing.Kind.allCases { #expect(document.texts.contains(kind.rawValue)) }
    #expect(svg == graph.svg())
  }

  @Test func marksRepeatedEdges() {
    let square = GraphDrawing(
      title: "x * x", nodes: [.init(id: "x", title: "x"), .init(id: "y", title: "<y>")],
      edges: [.init(from: "x", to: "y"), .init(from: "x", to: "y")])
    #expect(square.links.map(\.count) == [2])
    let texts = DrawnDocument(square.svg()).texts
    #expect(texts.contains("×2") && texts.contains("<y>"))
  }

  @Test func drawsLittleAndNothing() {
    #expect(
      DrawnDocument(GraphDrawing(title: "", nodes: [], edges: []).svg()).texts == ["no nodes"])
    let one = GraphDrawing(title: "one", nodes: [.init(id: "a", title: "a")], edges: [])
    #expect(DrawnDocument(one.svg()).texts.contains("a"))
  }

  @Test func writesDOT() {
    let graph = GraphDrawing(
      title: "say \"hi\"",
      nodes: [
        .init(id: "a", title: "back\\slash", details: ["2 x 3"], kind: .parameter),
        .init(id: "b", title: "b", kind: .activation),
      ], edges: [.init(from: "a", to: "b")])
    let dot = graph.dot()
    #expect(dot.hasPrefix("digraph \"say \\\"hi\\\"\" {\n"))
    #expect(dot.contains("\"a\" [label=\"back\\\\slash\\n2 x 3\", shape=house"))
    #expect(dot.contains("  \"a\" -> \"b\";\n"))
    #expect(dot.hasSuffix("}\n"))
  }

  @Test func refusesWhatIsNoOrderedGraph() async {
    await #expect(processExitsWith: .failure) {
      let twice = [GraphDrawing.Node(id: "a", title: ""), .init(id: "a", title: "")]
      _ = GraphDrawing(title: "", nodes: twice, edges: [])
    }
    await #expect(processExitsWith: .failure) {
      let nodes = [GraphDrawing.Node(id: "a", title: ""), .init(id: "b", title: "")]
      _ = GraphDrawing(title: "", nodes: nodes, edges: [.init(from: "b", to: "a")])
    }
    await #expect(processExitsWith: .failure) {
      let nodes = [GraphDrawing.Node(id: "a", title: "")]
      _ = GraphDrawing(title: "", nodes: nodes, edges: [.init(from: "a", to: "z")])
    }
  }
}
