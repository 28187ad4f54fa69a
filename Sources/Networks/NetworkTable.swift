import Plumbline

/// A network's structure as table rows: layer, output shape, parameters, operations and the growth of the
/// signal that theory predicts at initialization.
public struct NetworkTable: Sendable {
  /// One layer.
  public struct Row: Sendable, Hashable {
    /// The path of the layer, which prefixes its parameters.
    public let path: String
    /// Its nesting depth.
    public let level: Int
    /// The kind of layer, as in JSON.
    public let layer: String
    /// The shape of its output for one example.
    public let output: Shape
    /// The number of trained values not counted in an earlier row: those of a shared weight are in its first row.
    public let parameters: Int
    /// The floating-point operations of one example's forward pass, without those of the rows inside.
    public let operations: Int
    /// The predicted factor on the mean square of the signal; `nil` if no closed form is known.
    public let growth: Double?
    /// The predicted mean square of the output, for an input of mean square 1; `nil` if a layer before has no
    /// prediction.
    public let meanSquare: Double?
  }

  /// The layers in order, those inside a layer after it.
  public let rows: [Row]

  /// The number of all trained values.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// The floating-point operations of one example's forward pass.
  public var operations: Int { rows.reduce(0) { $0 + $1.operations } }
}

extension Network {
  /// The layers with their shapes, counts and predicted growth. Counting operations takes memory for the parameters, but computes no
  /// values.
  public var table: NetworkTable {
    let walk = SignalWalk(parts)
    // Those inside a layer first, so that what is left belongs to the layer itself.
    var counted: Set<ObjectIdentifier> = []
    var parameters = Array(repeating: 0, count: walk.visits.count)
    for index in walk.innermostFirst {
      for parameter in ParameterLayout(of: walk.visits[index].part.layer).parameters
      where counted.insert(ObjectIdentifier(parameter.identity)).inserted {
        parameters[index] += parameter.shape.elementCount
      }
    }
    return NetworkTable(
      rows: zip(walk.visits, parameters).map { visit, parameters in
        let part = visit.part
        return NetworkTable.Row(
          path: visit.path, level: visit.level, layer: part.form.title,
          output: part.output, parameters: parameters,
          operations: part.operations - part.children.reduce(0) { $0 + $1.operations },
          growth: visit.before.flatMap { before in
            visit.after.map { $0.meanSquare / before.meanSquare }
          },
          meanSquare: visit.after?.meanSquare)
      })
  }

  /// The shape of each layer's output for one example, those inside a layer after it. Takes no memory for values.
  package var layerOutputs: [Shape] { SignalWalk(parts).visits.map(\.part.output) }

  /// The part of ``table`` that theory predicts, where it does: of each layer the path, the kind and the mean square of its
  /// output for an input of mean square 1. Without the counts, which cost more.
  package var predictedSignals: [(path: String, layer: String, meanSquare: Double)] {
    SignalWalk(parts).visits.compactMap { visit in
      visit.after.map { (visit.path, visit.part.form.title, $0.meanSquare) }
    }
  }
}

/// Goes through the layers in order, those inside a layer after it, with the signal that theory predicts.
private struct SignalWalk {
  struct Visit {
    let part: BuiltLayer
    let path: String
    let level: Int
    let before: Signal?
    var after: Signal?
  }

  private(set) var visits: [Visit] = []
  /// The indices of the visits, those inside a layer before it.
  private(set) var innermostFirst: [Int] = []

  init(_ parts: [BuiltLayer]) {
    _ = walk(parts, path: "", level: 0, .input)
  }

  /// Visits layers one after the other, and returns the signal after them.
  private mutating func walk(
    _ parts: [BuiltLayer], path: String, level: Int, _ signal: Signal?
  ) -> Signal? {
    parts.enumerated().reduce(signal) { signal, item in
      visit(item.element, path: path + "\(item.offset)", level: level, signal)
    }
  }

  /// Visits a layer and those inside it, and returns the signal after it.
  private mutating func visit(
    _ part: BuiltLayer, path: String, level: Int, _ signal: Signal?
  ) -> Signal? {
    let index = visits.count
    visits.append(Visit(part: part, path: path, level: level, before: signal))
    let groups = Dictionary(grouping: part.children) { $0.role ?? "" }
    let inner = signal.flatMap { part.form.signal(inside: $0) }
    for role in part.children.compactMap(\.role).uniqued() {
      let children = groups[role] ?? []
      let isSingleProjection = role == "projection" && children.count == 1
      let prefix = path + (role.isEmpty ? "." : ".\(role).")
      if isSingleProjection {
        _ = visit(children[0], path: path + ".projection", level: level + 1, signal)
      } else {
        _ = walk(
          children, path: prefix, level: level + 1, role == "projection" ? signal : inner)
      }
    }
    visits[index].after = signal.flatMap { part.signal(after: $0) }
    innermostFirst.append(index)
    return visits[index].after
  }
}

extension BuiltLayer {
  /// The floating-point operations of one example's forward pass, by a recording without values.
  fileprivate var operations: Int {
    let tape = Tape<Float>(deferringValues: ())
    let layout = ParameterLayout(of: layer)
    let parameters = Parameters<Float>(layout: layout, vector: .zeros([layout.count]))
    let batch = tape.constant(.zeros(Shape([1] + input.extents)))
    _ = layer(batch, parameters.pass(on: tape, mode: .inference))
    return tape.floatingPointOperations
  }
}

extension Sequence where Element: Hashable {
  /// Each element where it first occurs.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
