/// A normalization without statistics: y = tanh(alpha x) · scale + shift.
///
/// x is `[..., width]`; alpha is a single number that starts at 0.5, scale and shift are `[width]` and start at 1 and 0. Source:
/// Zhu et al., arXiv:2503.10622.
public struct DynamicTanh: Layer, CustomStringConvertible {
  /// The factor on the argument.
  public let alpha: Parameter
  /// The factor on each feature, and what is added to it.
  public let scale: Parameter, shift: Parameter
  private let name = LayerName()

  /// A layer for `width` features.
  public init(_ width: Int, alpha: Double = 0.5) {
    require(width > 0, "a dynamic tanh of \(width) features")
    self.alpha = Parameter([], .constant(alpha))
    scale = Parameter([width], .constant(1))
    shift = Parameter([width], .zero)
  }

  /// tanh(alpha x) · scale + shift.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { tanh(input * pass[alpha]) * pass[scale] + pass[shift] }
  }
}

/// ``DynamicTanh``, over the last axis: `dynamic-tanh`.
public struct DynamicTanhForm: LayerForm {
  /// The initial factor on the argument.
  public var alpha = 0.5
  public let title = "dynamic-tanh"
  public static let fields: [Field<Self>] = [.number("alpha", \.alpha)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(DynamicTanh(builder.input[-1], alpha: alpha))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.scaled(by: alpha * alpha).after(.tanh)
  }
}

extension LayerForm where Self == DynamicTanhForm {
  /// ``DynamicTanh``, over the last axis.
  public static func dynamicTanh(alpha: Double = 0.5) -> Self {
    var form = DynamicTanhForm()
    form.alpha = alpha
    return form
  }
}
