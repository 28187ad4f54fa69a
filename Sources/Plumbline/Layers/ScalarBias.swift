/// Adds a single trained number, initially 0, to every value: one of the scalar biases that Fixup places before
/// each weight layer and activation. Source: Zhang, Dauphin, Ma, arXiv:1901.09321.
public struct ScalarBias: Layer, CustomStringConvertible {
  /// The number.
  public let value: Parameter
  private let name = LayerName()

  /// A layer that starts as the identity, or with `initial` as the number added.
  public init(_ initial: Double = 0) { value = Parameter([], .constant(initial)) }

  /// x + value.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input + pass[value] }
  }
}

/// ``ScalarBias``: `scalar-bias`.
public struct ScalarBiasForm: LayerForm {
  /// The number at the start.
  public var initial = 0.0
  public let title = "scalar-bias"
  public static let fields: [Field<Self>] = [.number("initial", \.initial)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(ScalarBias(initial))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    initial == 0 ? signal : nil
  }
}

extension LayerForm where Self == ScalarBiasForm {
  /// ``ScalarBias``.
  public static func scalarBias(initial: Double = 0) -> Self {
    var form = ScalarBiasForm()
    form.initial = initial
    return form
  }
}
