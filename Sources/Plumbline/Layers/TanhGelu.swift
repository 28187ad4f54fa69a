/// GELU in the form that is computed without the normal distribution: x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
///
/// It differs from x Φ(x), ``Activation/gelu``, by at most 0.0005. GPT-2 and much NumPy code have it. Source: Hendrycks and Gimpel,
/// arXiv:1606.08415.
public struct TanhGelu: Layer, CustomStringConvertible {
  private let name = LayerName()

  /// A layer for inputs of any shape.
  public init() {}

  /// The function of each element.
  public func callAsFunction<T: TensorProtocol>(_ x: T) -> T {
    let cubic = x + 0.044715 * (x * x * x)
    return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * cubic))
  }

  /// The function of each element, recorded as this layer's.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { self(input) }
  }
}

/// ``TanhGelu``: `gelu-tanh`.
public struct TanhGeluForm: LayerForm {
  public let title = "gelu-tanh"

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer { builder.layer(TanhGelu()) }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.after(.gelu)
  }
}

extension LayerForm where Self == TanhGeluForm {
  /// ``TanhGelu``.
  public static var tanhGelu: Self { TanhGeluForm() }
}
