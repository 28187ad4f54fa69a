import Plumbline

/// The function of the layer ``/Plumbline/TanhGelu``.
struct GeluByTanh: RarerForm {
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T {
    TanhGelu()(x)
  }
  var title: String { "gelu (in its tanh form)" }
  var formula: String { "gelu'(Z)" }
  var family: Activation? { .gelu }
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)] {
    [(self(z) / select(z, z, .ones(z.shape)), "the factor of Z alone")]
  }

  static let names = ["gelu-tanh", "gelu-new", "gelu-approximate"]
  static func named(_ numbers: [Double]) -> Self? { numbers.isEmpty ? Self() : nil }

  static var common: [Self] { [Self()] }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? { first([Self()], values, x, comparison) }
}

extension RarerFunction {
  /// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
  static let geluByTanh = Self(GeluByTanh())
}
