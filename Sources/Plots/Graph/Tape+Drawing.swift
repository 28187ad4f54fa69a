import Plumbline

extension Tape {
  /// The tape as a graph: one box per node with its layer, shape, floating-point operations and bytes.
  ///
  /// ```swift
  /// try tape.drawing(title: "two layers").svg().write(toFile: "tape.svg", ...)
  /// let graphviz = tape.drawing().dot()
  /// ```
  public func drawing(title: String = "tape") -> GraphDrawing {
    let entries = entries
    let isUsed = entries.reduce(into: Set<Int>()) { $0.formUnion($1.inputs) }
    return GraphDrawing(
      title: title,
      nodes: entries.map { entry in
        GraphDrawing.Node(
          id: "n\(entry.index)",
          title: entry.attributes.isEmpty ? entry.title : "\(entry.title) \(entry.attributes)",
          details: (entry.layer.map { [$0] } ?? [])
            + ["\(entry.shape)", "\(entry.floatingPointOperations) FLOP, \(entry.bytes) B"],
          kind: Self.kind(of: entry, isResult: !isUsed.contains(entry.index)))
      },
      edges: entries.flatMap { entry in
        entry.inputs.map { GraphDrawing.Edge(from: "n\($0)", to: "n\(entry.index)") }
      })
  }

  private static func kind(of entry: TapeEntry, isResult: Bool) -> GraphDrawing.Kind {
    if entry.inputs.isEmpty { return entry.requiresGradient ? .parameter : .constant }
    if isResult { return .loss }
    return Activation(operationNamed: entry.title) == nil ? .operation : .activation
  }
}
