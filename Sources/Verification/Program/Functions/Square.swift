import Plumbline

/// x².
struct Square: RarerForm {
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { x * x }
  var title: String { "square" }
  var formula: String { "2 Z" }

  static let names = ["square", "quadratic"]
  static func named(_ numbers: [Double]) -> Self? { numbers.isEmpty ? Self() : nil }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? { first([Self()], values, x, comparison) }
}

extension RarerFunction {
  /// x².
  static let square = Self(Square())
}
