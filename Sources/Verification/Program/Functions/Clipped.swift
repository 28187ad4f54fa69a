import Plumbline

/// x between two bounds, such as ReLU6.
struct Clipped: RarerForm {
  let low: Double, high: Double

  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { clip(x, to: low...high) }
  var title: String { "clip to \(low.text)...\(high.text)" }
  var hasKink: Bool { low == 0 || high == 0 }
  var formula: String { "(\(low.text) < Z < \(high.text))" }

  static let names = ["relu6", "clip"]
  static func named(_ numbers: [Double]) -> Self? {
    switch numbers.count {
    case 0: Self(low: 0, high: 6)
    case 2 where numbers[0] < numbers[1]: Self(low: numbers[0], high: numbers[1])
    default: nil
    }
  }
  var numbers: [Double] { [low, high] }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    guard values.count > 4, let low = values.scalars.min(), let high = values.scalars.max(),
      low < high, values.scalars.contains(where: { $0 > low && $0 < high })
    else { return nil }
    return first([Self(low: low, high: high)], values, x, comparison)
  }
}

extension RarerFunction {
  /// x between two bounds.
  static func clipped(low: Double, high: Double) -> Self { Self(Clipped(low: low, high: high)) }
}
