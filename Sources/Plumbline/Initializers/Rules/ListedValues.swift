/// The values themselves, in row-major order: `listed`. Not among the schemes of files: a layer that starts this way says so
/// itself.
struct ListedValues: InitializerRule {
  /// One for each element.
  var values: [Double] = []
  let title = "listed"
  static let fields: [Field<Self>] = [
    .value("values", \.values, isRequired: true, "a list of numbers")
  ]

  func scaled(by factor: Double) -> Self {
    var rule = self
    rule.values = values.map { $0 * factor }
    return rule
  }

  func standardDeviation(shape: Shape) -> Double? { 0 }

  func meanSquareOfIndependentValues(shape: Shape) -> Double? {
    values.allSatisfy { $0 == 0 } ? 0 : nil
  }

  func values(shape: Shape, key: Key) -> [Double] {
    require(
      values.count == shape.elementCount, "\(values.count) listed values for the shape \(shape)")
    return values
  }

  var summary: String { "values \(values.map { "\($0)" }.joined(separator: ", "))" }
}

extension Initializer {
  /// These values, in row-major order.
  static func listed(_ values: [Double]) -> Initializer {
    var rule = ListedValues()
    rule.values = values
    return Initializer(rule)
  }
}
