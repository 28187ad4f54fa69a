import Plumbline

/// What the nodes of a tape compute, as people write it.
struct TapeFormulas {
  private let nodes: [TapeEntry]
  /// The length above which inner parts are left out.
  private static let longest = 60

  init(_ nodes: [TapeEntry]) { self.nodes = nodes }

  /// The formula of a node in words of its layer: what enters the layer is x.
  ///
  /// - Parameters:
  ///   - anchor: A node of the layer.
  ///   - first: The first node that is not of a step before, in a recurrence.
  func text(_ node: Int, at anchor: Int, from first: Int) -> String {
    var text = ""
    for depth in (1...5).reversed() {
      text = formula(node, depth, layer: nodes[anchor].layer, from: first).text
      if text.count <= Self.longest { break }
    }
    return text
  }

  private struct Formula {
    let text: String
    var isSum = false, isProduct = false

    var asFactor: String { isSum ? "(\(text))" : text }
    var asDivisor: String { isSum || isProduct ? "(\(text))" : text }
  }

  private func formula(_ node: Int, _ depth: Int, layer: String?, from first: Int) -> Formula {
    let entry = nodes[node]
    if entry.inputs.isEmpty {
      // Outside the layers only the targets have no name.
      if entry.title == "constant" {
        return Formula(text: entry.layer == nil ? "Y" : "a constant")
      }
      // A parameter by its name in the layer.
      return Formula(text: entry.title.split(separator: ".").last.map(String.init) ?? "x")
    }
    if entry.layer != layer { return Formula(text: "x") }
    if node < first { return Formula(text: isMultiplied(node) ? "h(t-1)" : "c(t-1)") }
    if depth == 0 { return Formula(text: "…") }
    let inner = entry.inputs.map { formula($0, depth - 1, layer: layer, from: first) }
    switch entry.title {
    case "add": return Formula(text: "\(inner[0].text) + \(inner[1].text)", isSum: true)
    case "subtract": return Formula(text: "\(inner[0].text) - \(inner[1].asFactor)", isSum: true)
    case "multiply":
      return Formula(text: "\(inner[0].asFactor) * \(inner[1].asFactor)", isProduct: true)
    case "divide":
      return Formula(text: "\(inner[0].asFactor) / \(inner[1].asDivisor)", isProduct: true)
    case "matmul":
      return Formula(text: "\(inner[0].asDivisor) @ \(inner[1].asDivisor)", isProduct: true)
    case "linear":
      return Formula(
        text: "\(inner[0].asDivisor) @ \(inner[1].asDivisor) + \(inner[2].text)", isSum: true)
    case "scale":
      return Formula(text: "\(entry.attributes) * \(inner[0].asFactor)", isProduct: true)
    case "offset": return Formula(text: "\(inner[0].text) + \(entry.attributes)", isSum: true)
    case "negate": return Formula(text: "-\(inner[0].asFactor)", isProduct: true)
    // The same values in another shape.
    case "reshape", "slice", "transpose", "broadcast", "rows", "gather", "concatenate", "pad":
      return formula(entry.inputs[0], depth, layer: layer, from: first)
    default:
      return Formula(text: "\(entry.title)(\(inner.map(\.text).joined(separator: ", ")))")
    }
  }

  private func isMultiplied(_ node: Int) -> Bool {
    nodes.contains { $0.title == "matmul" && $0.inputs.first == node }
  }
}
