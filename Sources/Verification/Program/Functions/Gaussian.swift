import Plumbline

/// exp(-x²).
struct Gaussian: RarerForm {
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { exp(-(x * x)) }
  var title: String { "gaussian" }
  var formula: String { "-2 Z A" }

  static let names = ["gaussian", "rbf"]
  static func named(_ numbers: [Double]) -> Self? { numbers.isEmpty ? Self() : nil }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? { first([Self()], values, x, comparison) }
}

extension RarerFunction {
  /// exp(-x²).
  static let gaussian = Self(Gaussian())
}
