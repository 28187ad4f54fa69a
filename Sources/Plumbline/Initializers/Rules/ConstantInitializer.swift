/// The same value everywhere: `constant`.
public struct ConstantInitializer: InitializerRule {
  /// The value of every element.
  public var value = 0.0
  public let title = "constant"
  public static let fields: [Field<Self>] = [.number("value", \.value)]
  public static let names: [InitializerName] = [
    .plain("zero") { _ in .zero }, .numbered("constant", \Self.value, example: 0.1),
  ]

  public init() {}

  public func scaled(by factor: Double) -> Self {
    var rule = self
    rule.value *= factor
    return rule
  }

  public func standardDeviation(shape: Shape) -> Double? { 0 }

  public func meanSquareOfIndependentValues(shape: Shape) -> Double? { value == 0 ? 0 : nil }

  public func values(shape: Shape, key: Key) -> [Double] {
    Array(repeating: value, count: shape.elementCount)
  }

  public var summary: String { "constant \(value)" }
}

extension Initializer {
  /// Every value 0.
  public static let zero = constant(0)

  /// Every value the same.
  public static func constant(_ value: Double) -> Initializer {
    var rule = ConstantInitializer()
    rule.value = value
    return Initializer(rule)
  }
}
