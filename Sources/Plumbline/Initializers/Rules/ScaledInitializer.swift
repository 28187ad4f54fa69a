/// Values with a fixed standard deviation, whatever the shape: `scaled`.
public struct ScaledInitializer: InitializerRule {
  /// The shape of the distribution.
  public var distribution = Initializer.Distribution.normal
  /// Their standard deviation.
  public var standardDeviation = 0.01
  public let title = "scaled"
  public static let fields: [Field<Self>] = [
    .choice("distribution", \.distribution),
    .number(
      "standard_deviation", \.standardDeviation, isRequired: true, in: .atLeast(0),
      "the standard deviation"),
  ]
  public static let names: [InitializerName] = [
    .numbered(
      "normal", \Self.standardDeviation, example: 0.01, meaning: "the standard deviation",
      in: .atLeast(0))
  ]

  public init() {}

  public func scaled(by factor: Double) -> Self {
    var rule = self
    rule.standardDeviation *= factor
    return rule
  }

  public func standardDeviation(shape: Shape) -> Double? { standardDeviation }

  public func values(shape: Shape, key: Key) -> [Double] {
    distribution.values(shape.elementCount, standardDeviation: standardDeviation, key: key)
  }

  public var summary: String { "\(distribution) of standard deviation \(standardDeviation)" }
}

extension Initializer {
  /// Normal values with this standard deviation.
  public static func normal(standardDeviation: Double) -> Initializer {
    var rule = ScaledInitializer()
    rule.standardDeviation = standardDeviation
    return Initializer(rule)
  }

  /// Uniform values between -bound and bound.
  public static func uniform(bound: Double) -> Initializer {
    var rule = ScaledInitializer()
    (rule.distribution, rule.standardDeviation) = (.uniform, bound / 3.0.squareRoot())
    return Initializer(rule)
  }
}
