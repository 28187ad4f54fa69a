/// Multiplies every value by a single trained number, initially 1: Fixup's multiplier at the end of a branch.
/// Source: Zhang, Dauphin, Ma, arXiv:1901.09321.
public struct ScalarMultiplier: Layer, CustomStringConvertible {
  /// The number.
  public let value: Parameter
  private let name = LayerName()

  /// A layer that starts as the identity, or with `initial` as the factor.
  public init(_ initial: Double = 1) { value = Parameter([], .constant(initial)) }

  /// x · value.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input * pass[value] }
  }
}

/// ``ScalarMultiplier``: `scalar-multiplier`.
public struct ScalarMultiplierForm: LayerForm {
  /// The number at the start.
  public var initial = 1.0
  public let title = "scalar-multiplier"
  public static let fields: [Field<Self>] = [.number("initial", \.initial)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(ScalarMultiplier(initial))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.scaled(by: initial * initial)
  }
}

extension LayerForm where Self == ScalarMultiplierForm {
  /// ``ScalarMultiplier``.
  public static func scalarMultiplier(initial: Double = 1) -> Self {
    var form = ScalarMultiplierForm()
    form.initial = initial
    return form
  }
}
