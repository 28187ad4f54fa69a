/// Layers one after the other. Their names are their places: `0.weight`, `2.weight`.
public struct Sequential: Layer, CustomReflectable {
  /// The layers in order.
  public let layers: [any Layer]
  private let name = LayerName()

  /// These layers in order.
  public init(_ layers: any Layer...) { self.layers = layers }

  /// These layers in order.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The last layer's output.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { layers.reduce(input) { $1($0, pass) } }
  }

  /// The layers as children without labels, so that a path names them by place alone.
  public var customMirror: Mirror {
    Mirror(
      self,
      children: layers.enumerated().map { (label: "\($0)", value: $1) } + [
        (label: "name", value: name)
      ])
  }
}
