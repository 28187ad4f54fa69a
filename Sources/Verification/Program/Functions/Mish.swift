import Plumbline

/// x tanh(log(1 + exp x)).
struct Mish: RarerForm {
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { x * tanh(softplus(x)) }
  var title: String { "mish" }
  var formula: String { "mish'(Z)" }

  static let names = ["mish"]
  static func named(_ numbers: [Double]) -> Self? { numbers.isEmpty ? Self() : nil }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? { first([Self()], values, x, comparison) }
}

extension RarerFunction {
  /// x tanh(log(1 + exp x)).
  static let mish = Self(Mish())
}
