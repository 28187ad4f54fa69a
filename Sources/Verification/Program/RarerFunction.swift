import Plumbline

/// A function of a layer that the library has no activation for, with the numbers that its values show.
public enum RarerFunction: Sendable, Hashable {
  /// x / (1 + |x|).
  case softsign
  /// x tanh(log(1 + exp x)).
  case mish
  /// x².
  case square
  /// exp(-x²).
  case gaussian
  /// x/2 + 1/2 or so, between 0 and 1.
  case hardSigmoid(slope: Double)
  /// x between two bounds, as ReLU6.
  case clipped(low: Double, high: Double)
  /// `factor` times the ELU of `alpha`, as SELU.
  case scaledElu(factor: Double, alpha: Double)
  /// `factor` f(`inner` x) of an activation, as 1.7159 tanh(2/3 x).
  case scaled(Activation, factor: Double, inner: Double)

  /// The function, element by element.
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T {
    switch self {
    case .softsign: x / (1 + abs(x))
    case .mish: x * tanh(softplus(x))
    case .square: x * x
    case .gaussian: exp(-(x * x))
    case .hardSigmoid(let slope): clip(x * slope + 0.5, to: 0...1)
    case .clipped(let low, let high): clip(x, to: low...high)
    case .scaledElu(let factor, let alpha): elu(x, alpha: alpha) * factor
    case .scaled(let activation, let factor, let inner): activation(x * inner) * factor
    }
  }

  /// Whether it bends at 0.
  var hasKink: Bool {
    switch self {
    case .softsign, .mish, .square, .gaussian, .hardSigmoid: false
    case .clipped(let low, let high): low == 0 || high == 0
    case .scaledElu(_, let alpha): alpha != 1
    case .scaled(let activation, _, _): activation.kinks.contains(0)
    }
  }

  /// The name with its numbers.
  var title: String {
    switch self {
    case .softsign: "softsign"
    case .mish: "mish"
    case .square: "square"
    case .gaussian: "gaussian"
    case .hardSigmoid(let slope): "hard-sigmoid (slope \(slope.text))"
    case .clipped(let low, let high): "clip to \(low.text)...\(high.text)"
    case .scaledElu(let factor, let alpha): "\(factor.text) elu (alpha \(alpha.text))"
    case .scaled(let activation, let factor, let inner):
      (factor == 1 ? "" : "\(factor.text) ") + activation.title
        + (inner == 1 ? "" : " of \(inner.text) x")
    }
  }

  /// The function of which values are, one for each argument; `nil` where it is none of these.
  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> RarerFunction? {
    let plain: [RarerFunction] = [
      .softsign, .mish, .square, .gaussian, .hardSigmoid(slope: 0.2), .hardSigmoid(slope: 1 / 6),
      .hardSigmoid(slope: 0.5), .hardSigmoid(slope: 0.25),
    ]
    if let found = plain.first(where: { comparison.agree(values, $0(x)) }) { return found }
    guard values.count > 4 else { return nil }
    if let (low, high) = bounds(values), comparison.agree(values, clip(x, to: low...high)) {
      return .clipped(low: low, high: high)
    }
    if let found = scaledElu(values, x, comparison) { return found }
    for activation in Activation.elementwise where activation != .linear {
      for inner in [1, 2.0 / 3, 0.5, 2, 1.702] {
        if let factor = comparison.ratio(of: values, to: activation(x * inner)), factor > 0 {
          return .scaled(activation, factor: factor, inner: inner)
        }
      }
    }
    return nil
  }

  private static func bounds(_ values: Tensor<Double>) -> (Double, Double)? {
    guard let low = values.scalars.min(), let high = values.scalars.max(), low < high,
      values.scalars.contains(where: { $0 > low && $0 < high })
    else { return nil }
    return (low, high)
  }

  private static func scaledElu(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> RarerFunction? {
    let isAbove = compare(x, .greater, Tensor(0))
    let below = x * (1 - isAbove)
    guard let factor = comparison.ratio(of: values * isAbove, to: x * isAbove),
      let both = comparison.ratio(of: values * (1 - isAbove), to: expm1(below)), factor > 0,
      both > 0
    else { return nil }
    return .scaledElu(factor: factor, alpha: both / factor)
  }

  /// Whether values look like those of a function of their arguments, element by element, whatever it is: neighbors lie on a line.
  static func isElementwise(_ values: Tensor<Double>, _ x: Tensor<Double>) -> Bool {
    let points = zip(x.scalars, values.scalars).sorted { $0.0 < $1.0 }
    guard let first = points.first, let last = points.last, last.0 > first.0,
      let low = values.scalars.min(), let high = values.scalars.max(), low < high
    else { return false }
    var (compared, bent) = (0, 0)
    for index in points.indices.dropFirst().dropLast() {
      let (before, own, after) = (points[index - 1], points[index], points[index + 1])
      let gap = after.0 - before.0
      guard gap > 0, gap < 0.05 * (last.0 - first.0) else { continue }
      let expected = before.1 + (after.1 - before.1) * (own.0 - before.0) / gap
      let distance = Swift.abs(own.1 - expected) / (high - low)
      guard distance < 0.2 else { return false }
      // Where the curve is steep or has a kink.
      if distance > 0.02 { bent += 1 }
      compared += 1
    }
    return compared >= 5 && 10 * bent <= compared
  }
}
