/// A normalization without statistics: y = erf(alpha x + offset) · scale + shift.
///
/// x is `[..., width]`; alpha and offset are single numbers that start at 0.5 and 0, scale and shift are `[width]` and start at 1
/// and 0. Source: Chen et al., arXiv:2512.10938.
public struct DynamicErf: Layer, CustomStringConvertible {
  /// The factor on the argument, and what is added to it.
  public let alpha: Parameter, offset: Parameter
  /// The factor on each feature, and what is added to it.
  public let scale: Parameter, shift: Parameter
  private let name = LayerName()

  /// A layer for `width` features.
  public init(_ width: Int, alpha: Double = 0.5, offset: Double = 0) {
    require(width > 0, "a dynamic erf of \(width) features")
    self.alpha = Parameter([], .constant(alpha))
    self.offset = Parameter([], .constant(offset))
    scale = Parameter([width], .constant(1))
    shift = Parameter([width], .zero)
  }

  /// erf(alpha x + offset) · scale + shift.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      erf(input * pass[alpha] + pass[offset]) * pass[scale] + pass[shift]
    }
  }
}

/// ``DynamicErf``, over the last axis: `dynamic-erf`.
public struct DynamicErfForm: LayerForm {
  /// The initial factor on the argument, and the initial value added to it.
  public var alpha = 0.5, offset = 0.0
  public let title = "dynamic-erf"
  public static let fields: [Field<Self>] = [
    .number("alpha", \.alpha), .number("offset", \.offset),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(DynamicErf(builder.input[-1], alpha: alpha, offset: offset))
  }
}

extension LayerForm where Self == DynamicErfForm {
  /// ``DynamicErf``, over the last axis.
  public static func dynamicErf(alpha: Double = 0.5, offset: Double = 0) -> Self {
    var form = DynamicErfForm()
    (form.alpha, form.offset) = (alpha, offset)
    return form
  }
}
