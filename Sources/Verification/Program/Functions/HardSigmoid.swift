import Plumbline

/// `slope` x + 1/2, between 0 and 1.
struct HardSigmoid: RarerForm {
  let slope: Double

  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { clip(x * slope + 0.5, to: 0...1) }
  var title: String { "hard-sigmoid (slope \(slope.text))" }
  var formula: String { "\(slope.text) * (0 < A < 1)" }

  static let names = ["hard-sigmoid"]
  static func named(_ numbers: [Double]) -> Self? {
    numbers.count < 2 ? Self(slope: numbers.first ?? 1.0 / 6) : nil
  }
  var numbers: [Double] { [slope] }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    first([0.2, 1.0 / 6, 0.5, 0.25].map(Self.init), values, x, comparison)
  }
}

extension RarerFunction {
  /// `slope` x + 1/2, between 0 and 1.
  static func hardSigmoid(slope: Double) -> Self { Self(HardSigmoid(slope: slope)) }
}
