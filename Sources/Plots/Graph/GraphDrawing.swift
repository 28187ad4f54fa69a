/// A directed acyclic graph, such as the tape of a network, as a picture.
///
/// ```swift
/// let drawing = GraphDrawing(
///   title: "one layer",
///   nodes: [
///     .init(id: "x", title: "x", details: ["128 x 64"], kind: .input),
///     .init(id: "W", title: "W", details: ["64 x 64"], kind: .parameter),
///     .init(id: "z", title: "matmul", details: ["128 x 64"], kind: .operation),
///   ],
///   edges: [.init(from: "x", to: "z"), .init(from: "W", to: "z")])
/// let text = drawing.svg()
/// ```
///
/// Nodes are in layers from top to bottom, so that every edge points downwards; within a layer
/// they are ordered to cross few edges (Sugiyama, Tagawa and Toda, 1981).
public struct GraphDrawing: Sendable, Hashable {
  /// What a node is; each kind has its own outline and tint.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// External data.
    case input
    /// A trained parameter.
    case parameter
    /// A constant.
    case constant
    /// A linear or structural operation.
    case operation
    /// An element-wise nonlinearity.
    case activation
    /// The loss, or another result.
    case loss
  }

  /// A box in the picture.
  public struct Node: Sendable, Hashable {
    /// The name by which edges refer to it.
    public var id: String
    /// The first line in the box.
    public var title: String
    /// Further lines in the box: shapes, sizes, costs.
    public var details: [String]
    /// Its kind.
    public var kind: Kind

    /// Creates a node.
    public init(id: String, title: String, details: [String] = [], kind: Kind = .operation) {
      self.id = id
      self.title = title
      self.details = details
      self.kind = kind
    }
  }

  /// An arrow in the picture.
  public struct Edge: Sendable, Hashable {
    /// The node that it starts from.
    public var from: String
    /// The node that it points to.
    public var to: String

    /// Creates an edge.
    public init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }

  /// The title of the graph.
  public let title: String

  /// The boxes, in topological order.
  public let nodes: [Node]

  /// The arrows; one given twice is drawn once and marked ×2.
  public let edges: [Edge]

  /// Creates a drawing.
  ///
  /// - Precondition: identifiers are unique, edges join existing nodes, and each edge goes from
  ///   a node to a later one in `nodes`.
  public init(title: String, nodes: [Node], edges: [Edge]) {
    self.title = title
    self.nodes = nodes
    self.edges = edges
    var position: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      guard position.updateValue(index, forKey: node.id) == nil else {
        fatalError("the graph \"\(title)\" has two nodes with the identifier \"\(node.id)\"")
      }
    }
    for edge in edges {
      guard let from = position[edge.from], let to = position[edge.to] else {
        fatalError(
          "the edge \(edge.from) -> \(edge.to) refers to a node that the graph does not have")
      }
      guard from < to else {
        fatalError("the edge \(edge.from) -> \(edge.to) runs against the order of the nodes")
      }
    }
  }

  /// The edges as pairs of positions in `nodes`, each once, with how often it was given.
  package var links: [(from: Int, to: Int, count: Int)] {
    let position = Dictionary(uniqueKeysWithValues: zip(nodes.map(\.id), nodes.indices))
    var index: [Edge: Int] = [:]
    var links: [(from: Int, to: Int, count: Int)] = []
    for edge in edges {
      if let known = index[edge] {
        links[known].count += 1
      } else if let from = position[edge.from], let to = position[edge.to] {
        index[edge] = links.count
        links.append((from, to, 1))
      }
    }
    return links
  }

  /// The graph in the language of Graphviz.
  ///
  /// Complexity: O(nodes + edges).
  public func dot() -> String {
    func quoted(_ text: String) -> String {
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return "\"" + escaped.replacing("\r", with: "").replacing("\n", with: "\\n") + "\""
    }
    var text = "digraph \(quoted(title)) {\n"
    text += "  graph [label=\(quoted(title)), labelloc=t, fontname=\"Helvetica\"];\n"
    text += "  node [fontname=\"Helvetica\", fontsize=11];\n"
    text += "  edge [color=\"#777777\", arrowsize=0.7];\n"
    for node in nodes {
      let label = ([node.title] + node.details).joined(separator: "\n")
      text += "  \(quoted(node.id)) [label=\(quoted(label)), \(node.kind.dotAttributes)];\n"
    }
    for edge in edges { text += "  \(quoted(edge.from)) -> \(quoted(edge.to));\n" }
    return text + "}\n"
  }
}

extension GraphDrawing.Kind {
  fileprivate var dotAttributes: String {
    switch self {
    case .input: "shape=box, style=\"rounded,filled\", fillcolor=\"\(fill)\""
    case .parameter: "shape=house, style=filled, fillcolor=\"\(fill)\""
    case .constant: "shape=box, style=\"dashed,filled\", fillcolor=\"\(fill)\""
    case .operation: "shape=box, style=filled, fillcolor=\"\(fill)\""
    case .activation: "shape=hexagon, style=filled, fillcolor=\"\(fill)\""
    case .loss: "shape=box, peripheries=2, style=filled, fillcolor=\"\(fill)\""
    }
  }

  /// The tint of the box.
  package var fill: String {
    switch self {
    case .input: "#e3eefa"
    case .parameter: "#fbeadb"
    case .constant: "#f4f4f4"
    case .operation: "#ffffff"
    case .activation: "#e2f4ec"
    case .loss: "#efe3f1"
    }
  }
}
