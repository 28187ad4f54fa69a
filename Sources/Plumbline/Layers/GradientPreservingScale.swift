/// Scales a signal down without the gradient's knowledge: y = x - sg(x) silu(a), where sg passes no gradient on, and a is a trained
/// number for the whole layer.
///
/// The value is (1 - silu(a)) x, and the gradient of x is that of y, which deliberately is 1/(1 - silu(a)) times the derivative: a
/// gradient check fails before the layer, unless it is told to expect this. The gradient of a is the derivative. The layer is
/// placed after a pre-norm block, whose
/// stream would grow with depth. Source: Chen et al., arXiv:2506.22049 (GPAS).
public struct GradientPreservingScale: Layer, CustomStringConvertible {
  /// a.
  public let gate: Parameter
  private let name = LayerName()

  /// A layer whose gate starts at `initial`; at 0 the layer starts as the identity.
  public init(initial: Double = 0) { gate = Parameter([], .constant(initial)) }

  /// x - sg(x) silu(a).
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input - input.detached() * silu(pass[gate]) }
  }
}

/// ``GradientPreservingScale``: `gradient-preserving-scale`.
public struct GradientPreservingScaleForm: LayerForm {
  /// The initial gate.
  public var initial = 0.0
  public let title = "gradient-preserving-scale"
  public static let fields: [Field<Self>] = [.number("initial", \.initial)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(GradientPreservingScale(initial: initial))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    let factor = 1 - silu(Tensor<Double>(initial)).scalar
    return signal.scaled(by: factor * factor)
  }
}

extension LayerForm where Self == GradientPreservingScaleForm {
  /// ``GradientPreservingScale``.
  public static func gradientPreservingScale(initial: Double = 0) -> Self {
    var form = GradientPreservingScaleForm()
    form.initial = initial
    return form
  }
}
