/// y = x where x > 0, a (exp x - 1) elsewhere; dx = dy or (y + a) dy. Source: Clevert et al., arXiv:1511.07289
struct Elu: ActivationOperation {
  static let name = "elu"
  static let functions: [UnaryFunction] = [.elu]
  static let pullbackFunction = PullbackFunction.elu
  let alpha: Double
  var attributes: String { "alpha \(alpha)" }
  var settings: (Double, Double) { (alpha, 0) }
  var convention: String? { "alpha at 0" }
  // With alpha = 1 the two slopes at 0 are equal; the comparison in the second derivative reports its own step.
  var isPiecewise: Bool { alpha != 1 }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    let isPositive = compare(x, .greater, Tensor(0))
    return select(isPositive, isPositive, exp(x) * a)
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    select(compare(x!, .greater, d.constant(Tensor(0))), d, d * (y! + a))
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    let isPositive = compare(x!, .greater, weight.constant(Tensor(0)))
    return (nil, select(isPositive, weight.constant(.zeros(weight.shape)), weight))
  }
  static var hasPiecewiseGradient: Bool { true }
  static func gradientDecisions(_ x: Tensor<Double>?, _ y: Tensor<Double>?) -> Decisions? {
    x.map { Decisions(signsOf: $0) }
  }
}

/// x where x > 0, `alpha` (exp x - 1) elsewhere.
public func elu<T: TensorProtocol>(_ x: T, alpha: Double = 1) -> T {
  T.apply(Elu(alpha: alpha), to: [x])
}
