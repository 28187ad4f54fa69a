/// What a network consists of, as rows for a table: layer, output shape, parameters, operations and the growth of the
/// signal that theory predicts at initialization.
public struct NetworkTable: Sendable {
  /// One layer.
  public struct Row: Sendable, Hashable {
    /// The path of the layer, under which its parameters are found.
    public let path: String
    /// How many layers it stands inside of.
    public let level: Int
    /// The kind of layer, as the JSON form calls it.
    public let layer: String
    /// The shape of its output for one example.
    public let output: Shape
    /// The trained values that no earlier row has counted: those of a shared weight stand in its first row.
    public let parameters: Int
    /// The floating-point operations of one example's forward pass, without those of the rows inside.
    public let operations: Int
    /// The predicted factor on the mean square of the signal; `nil` where no closed form is known.
    public let growth: Double?
    /// The predicted mean square of the output, for an input of mean square 1; `nil` where a layer before has no
    /// prediction.
    public let meanSquare: Double?
  }

  /// The layers in order, those inside a layer after it.
  public let rows: [Row]

  /// All trained values.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// The floating-point operations of one example's forward pass.
  public var operations: Int { rows.reduce(0) { $0 + $1.operations } }
}

extension Network {
  /// The layers with their shapes, counts and predicted growth. Complexity: O(layers); no values are computed.
  public var table: NetworkTable {
    var builder = TableBuilder()
    _ = builder.add(parts, path: "", level: 0, Signal.input)
    return NetworkTable(rows: builder.rows)
  }
}

/// Collects the rows of a table.
private struct TableBuilder {
  private(set) var rows: [NetworkTable.Row] = []
  /// The parameters that have been counted.
  private var counted: Set<ObjectIdentifier> = []

  init() {}

  /// Adds layers one after the other, and returns the signal behind them.
  mutating func add(_ parts: [NetworkPart], path: String, level: Int, _ signal: Signal?) -> Signal?
  {
    parts.enumerated().reduce(signal) { signal, item in
      add(item.element, path: path + "\(item.offset)", level: level, signal)
    }
  }

  /// Adds a layer and those inside it, and returns the signal behind it.
  private mutating func add(
    _ part: NetworkPart, path: String, level: Int, _ signal: Signal?
  ) -> Signal? {
    let place = rows.count
    let operations = part.operations - part.children.reduce(0) { $0 + $1.operations }
    let groups = Dictionary(grouping: part.children) { $0.role ?? "" }
    // Children first in the count, so that what is left belongs to the layer itself.
    rows.append(
      NetworkTable.Row(
        path: path, level: level, layer: part.description.kind.title, output: part.output,
        parameters: 0, operations: operations, growth: nil, meanSquare: nil))
    let inner = signal.flatMap { part.description.kind.signalInside($0) }
    for role in part.children.compactMap(\.role).uniqued() {
      let children = groups[role] ?? []
      let isSingleProjection = role == "projection" && children.count == 1
      let prefix = path + (role.isEmpty ? "." : ".\(role).")
      if isSingleProjection {
        _ = add(children[0], path: path + ".projection", level: level + 1, signal)
      } else {
        _ = add(
          children, path: prefix, level: level + 1, role == "projection" ? signal : inner)
      }
    }
    let output = signal.flatMap { part.signal(after: $0) }
    let own = countNew(part)
    let row = rows[place]
    rows[place] = NetworkTable.Row(
      path: row.path, level: row.level, layer: row.layer, output: row.output, parameters: own,
      operations: row.operations,
      growth: output.flatMap { output in signal.map { output.meanSquare / $0.meanSquare } },
      meanSquare: output?.meanSquare)
    return output
  }

  /// The number of values in the layer's parameters that have not been counted.
  private mutating func countNew(_ part: NetworkPart) -> Int {
    var count = 0
    for parameter in ParameterLayout(of: part.layer).parameters
    where counted.insert(ObjectIdentifier(parameter.identity)).inserted {
      count += parameter.shape.elementCount
    }
    return count
  }
}

extension NetworkPart {
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
  /// Each element where it first stands.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
