import Plumbline

/// `factor` f(`inner` x) of an activation, such as 1.7159 tanh(2/3 x).
struct ScaledActivation: RarerForm {
  let activation: Activation
  let factor: Double, inner: Double

  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { activation(x * inner) * factor }
  var title: String {
    (factor == 1 ? "" : "\(factor.text) ") + activation.title
      + (inner == 1 ? "" : " of \(inner.text) x")
  }
  var hasKink: Bool { activation.kinks.contains(0) }
  var family: Activation? { activation }
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)] {
    guard let slope = Nonlinearity.rarer(RarerFunction(self)).derivative(at: z) else { return [] }
    var all: [(Tensor<Double>, String)] = []
    if factor != 1 {
      all.append((slope * (1 / factor), "the derivative without the factor \(factor.text)"))
    }
    if inner != 1 {
      all.append((slope * (1 / inner), "the derivative without the inner factor \(inner.text)"))
      let both: Double = 1 / (factor * inner)
      all.append((slope * both, "the derivative without its factors"))
    }
    return all
  }

  /// An activation with its two factors: `tanh:1.7159:0.6667`.
  static func spelled(_ name: String, _ numbers: [Double]) -> Self? {
    guard (1...2).contains(numbers.count), let activation = Activation(rawValue: name),
      activation.isElementwise
    else { return nil }
    return Self(
      activation: activation, factor: numbers[0], inner: numbers.count > 1 ? numbers[1] : 1)
  }
  var name: String { activation.title }
  var numbers: [Double] { [factor, inner] }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    guard values.count > 4 else { return nil }
    for activation in Activation.elementwise where activation != .linear {
      for inner in [1, 2.0 / 3, 0.5, 2, 1.702] {
        if let factor = comparison.ratio(of: values, to: activation(x * inner)), factor > 0 {
          return Self(activation: activation, factor: factor, inner: inner)
        }
      }
    }
    return nil
  }
}

extension RarerFunction {
  /// `factor` f(`inner` x) of an activation.
  static func scaled(_ activation: Activation, factor: Double, inner: Double) -> Self {
    Self(ScaledActivation(activation: activation, factor: factor, inner: inner))
  }
}
