import Plumbline

/// x / (1 + |x|).
struct Softsign: RarerForm {
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { x / (1 + abs(x)) }
  var title: String { "softsign" }
  var formula: String { "1 / (1 + |Z|)²" }

  static let names = ["softsign"]
  static func named(_ numbers: [Double]) -> Self? { numbers.isEmpty ? Self() : nil }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? { first([Self()], values, x, comparison) }
}

extension RarerFunction {
  /// x / (1 + |x|).
  static let softsign = Self(Softsign())
}
