import Plumbline

/// x where x > 0, and `alpha` (exp x - 1) elsewhere: an ELU of any factor.
struct EluFactor: RarerForm {
  let alpha: Double

  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { elu(x, alpha: alpha) }
  var title: String { alpha == 1 ? "elu" : "elu (alpha \(alpha.text))" }
  var hasKink: Bool { alpha != 1 }
  var formula: String { "where(Z > 0, 1, A + \(alpha.text))" }
  var family: Activation? { .elu }
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)] {
    [
      (
        select(compare(z, .greater, Tensor(0)), Tensor(1), a),
        "A where A + \(alpha.text) belongs for Z below 0"
      )
    ]
  }

  static let names = ["elu"]
  static func named(_ numbers: [Double]) -> Self? {
    numbers.count == 1 ? Self(alpha: numbers[0]) : nil
  }
  var numbers: [Double] { [alpha] }
  static var isToldByValues: Bool { true }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    guard let (values, below) = x.below(values, comparison),
      let alpha = comparison.ratio(of: values, to: expm1(below)), alpha > 0
    else { return nil }
    return Self(alpha: alpha)
  }
}

extension RarerFunction {
  /// x where x > 0, and `alpha` (exp x - 1) elsewhere.
  static func elu(alpha: Double) -> Self { Self(EluFactor(alpha: alpha)) }
}
