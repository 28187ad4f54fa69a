import Plumbline

/// `factor` times the ELU of `alpha`, such as SELU.
struct ScaledElu: RarerForm {
  let factor: Double, alpha: Double

  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { elu(x, alpha: alpha) * factor }
  var title: String { "\(factor.text) elu (alpha \(alpha.text))" }
  var hasKink: Bool { alpha != 1 }
  var formula: String { "where(Z > 0, \(factor.text), A + \((factor * alpha).text))" }
  var family: Activation? { .elu }
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)] {
    let plain = Nonlinearity.elu(alpha: alpha)
    return [(plain.derivative(at: z) ?? z, "the derivative without the factor \(factor.text)")]
  }

  static let names = ["selu"]
  static func named(_ numbers: [Double]) -> Self? {
    switch numbers.count {
    case 0: Self(factor: 1.0507009873554805, alpha: 1.6732632423543772)
    case 2: Self(factor: numbers[0], alpha: numbers[1])
    default: nil
    }
  }
  var numbers: [Double] { [factor, alpha] }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    guard values.count > 4 else { return nil }
    let isAbove = compare(x, .greater, Tensor(0))
    let below = x * (1 - isAbove)
    guard let factor = comparison.ratio(of: values * isAbove, to: x * isAbove),
      let both = comparison.ratio(of: values * (1 - isAbove), to: expm1(below)), factor > 0,
      both > 0
    else { return nil }
    return Self(factor: factor, alpha: both / factor)
  }
}

extension RarerFunction {
  /// `factor` times the ELU of `alpha`.
  static func scaledElu(factor: Double, alpha: Double) -> Self {
    Self(ScaledElu(factor: factor, alpha: alpha))
  }
}
