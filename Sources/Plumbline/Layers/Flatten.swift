/// Every example as a vector: `[examples, ...]` to `[examples, features]`, in row-major order.
public struct Flatten: Layer, CustomStringConvertible {
  private let name = LayerName()

  /// A layer for examples of any shape.
  public init() {}

  /// The vectors.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(input.shape.rank > 0, "a single number is not a batch of examples")
    return pass.named(name) {
      let features = input.shape.extents.dropFirst().reduce(1, *)
      return input.reshaped(to: [input.shape[0], features])
    }
  }
}

/// ``Flatten``: `flatten`.
public struct FlattenForm: LayerForm {
  public let title = "flatten"

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(Flatten(), output: [builder.input.elementCount])
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? { signal }
}

extension LayerForm where Self == FlattenForm {
  /// ``Flatten``.
  public static var flatten: Self { FlattenForm() }
}
