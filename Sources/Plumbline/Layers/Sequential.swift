import Findings

/// Consecutive layers. Their names are their indices: `0.weight`, `2.weight`.
public struct Sequential: Layer, CustomStringConvertible, CustomReflectable {
  /// The layers in order.
  public let layers: [any Layer]
  /// The number of layers in a checkpointed segment; `nil` if all values are kept for the reverse pass.
  public let checkpointInterval: Int?
  private let name = LayerName()

  /// These layers in order.
  public init(_ layers: any Layer...) { self.init(layers) }

  /// These layers in order.
  ///
  /// - Parameters:
  ///   - layers: The layers; the first receives the input.
  ///   - checkpointInterval: If given, outputs are kept for the reverse pass only at this interval of layers, and those in between
  ///     are recomputed (see ``Plumbline/checkpointed(_:_:)``): bit-identical gradients. The square root of the
  ///     number of layers takes the least memory.
  public init(_ layers: [any Layer], checkpointInterval: Int? = nil) {
    require(
      checkpointInterval.map { $0 > 0 } ?? true,
      "a checkpointed segment has at least one layer, not \(checkpointInterval ?? 0)")
    self.layers = layers
    self.checkpointInterval = checkpointInterval
  }

  /// The last layer's output.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      guard let checkpointInterval else { return run(layers[...], input, pass) }
      return stride(from: 0, to: layers.count, by: checkpointInterval).reduce(input) { h, start in
        let segment = layers[start..<min(start + checkpointInterval, layers.count)]
        return checkpointed(h) { h in run(segment, h, pass) }
      }
    }
  }

  private func run<T>(_ part: ArraySlice<any Layer>, _ input: T, _ pass: Pass<T>) -> T {
    part.indices.reduce(input) { pass.output(of: part[$1], $0, named: "\($1)", in: name) }
  }

  /// The layers as children without labels, so that they appear in paths only by index.
  public var customMirror: Mirror {
    Mirror(
      self,
      children: layers.enumerated().map { (label: "\($0)", value: $1) } + [
        (label: "name", value: name)
      ])
  }
}

/// ``Sequential``: `sequence`.
public struct SequenceForm: LayerForm {
  /// The layers in order.
  public var layers: [LayerDescription] = []
  /// The number of layers in a checkpointed segment; `nil` if all values are kept.
  public var checkpointInterval: Int?
  public let title = "sequence"
  public static let fields: [Field<Self>] = [
    .layers("layers", \.layers),
    .whole("checkpoint_interval", \.checkpointInterval, atLeast: 1),
  ]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { [layers] }
    set { layers = newValue[0] }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inside = try builder.layers(layers, "layers")
    return builder.layer(
      Sequential(inside.map(\.layer), checkpointInterval: checkpointInterval),
      output: inside.last?.output, children: inside.labelled(""))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    layer.children.signal(after: signal)
  }
}

extension LayerForm where Self == SequenceForm {
  /// ``Sequential``: consecutive layers as a single one.
  public static func sequence(
    _ layers: [LayerDescription], checkpointInterval: Int? = nil
  ) -> Self {
    var form = SequenceForm()
    (form.layers, form.checkpointInterval) = (layers, checkpointInterval)
    return form
  }
}
