/// One node of a tape, as shown in tables and drawings.
public struct TapeEntry: Sendable, Hashable {
  /// The node's position on the tape.
  public let index: Int
  /// The operation's or the leaf's name.
  public let title: String
  /// The operation's settings; empty if it has none.
  public let attributes: String
  /// The path of the layer that the node belongs to, if any.
  public let layer: String?
  /// The positions of the inputs; empty for a leaf.
  public let inputs: [Int]
  /// The shape of the value.
  public let shape: Shape
  /// The floating-point operations that computed it.
  public let floatingPointOperations: Int
  /// The bytes that the value occupies. A reshape or a slice of rows shares its input's.
  public let bytes: Int
  /// Whether a gradient flows to or through the node.
  public let requiresGradient: Bool
  /// The convention for the derivative at points without one, in words.
  public let convention: String?
}

extension Tape {
  /// The nodes in order.
  public var entries: [TapeEntry] {
    nodes.indices.map { index in
      let node = nodes[index]
      let shapes = node.inputs.map { nodes[$0].shape }
      return TapeEntry(
        index: index, title: title(at: index), attributes: node.operation?.attributes ?? "",
        layer: layerPath(at: index), inputs: node.inputs, shape: node.shape,
        floatingPointOperations: node.operation?.floatingPointOperations(
          inputs: shapes, output: node.shape) ?? 0,
        bytes: node.shape.elementCount * MemoryLayout<Scalar>.stride,
        requiresGradient: node.requiresGradient, convention: node.operation?.convention)
    }
  }

  /// The floating-point operations of all nodes.
  public var floatingPointOperations: Int {
    entries.reduce(0) { $0 + $1.floatingPointOperations }
  }
}

extension Tape: CustomStringConvertible {
  /// A table: one line per node with its inputs, shape, operations, bytes and layer, then the totals.
  public var description: String {
    let header = ["node", "operation", "inputs", "shape", "FLOP", "bytes", "layer"]
    var rows = entries.map { entry in
      [
        "%\(entry.index)", entry.title + (entry.attributes.isEmpty ? "" : " " + entry.attributes),
        entry.inputs.map { "%\($0)" }.joined(separator: " "), "\(entry.shape)",
        "\(entry.floatingPointOperations)", "\(entry.bytes)", entry.layer ?? "",
      ]
    }
    rows.append([
      "", "total", "", "", "\(floatingPointOperations)", "\(entries.reduce(0) { $0 + $1.bytes })",
      "",
    ])
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([header] + rows).map { row in
      row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column == 4 || column == 5 ? padding + text : text + padding
      }.joined(separator: "  ").trimmingTrailingSpaces()
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
