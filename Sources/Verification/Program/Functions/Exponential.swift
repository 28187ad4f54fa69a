import Plumbline

/// exp x.
struct Exponential: RarerForm {
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { exp(x) }
  var title: String { "exp" }
  var formula: String { "A" }

  static let names = ["exp", "exponential"]
  static func named(_ numbers: [Double]) -> Self? { numbers.isEmpty ? Self() : nil }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? { first([Self()], values, x, comparison) }
}

extension RarerFunction {
  /// exp x.
  static let exponential = Self(Exponential())
}
