/// y = x where x > 0, slope x elsewhere; dx = dy or slope dy
struct LeakyRelu: ActivationOperation {
  static let name = "leakyRelu"
  static let functions: [UnaryFunction] = [.leakyRelu]
  static let pullbackFunction = PullbackFunction.leakyRelu
  let slope: Double
  var attributes: String { "slope \(slope)" }
  var settings: (Double, Double) { (slope, 0) }
  var convention: String? { "the slope of the negative side at 0" }
  var isPiecewise: Bool { slope != 1 }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    let isPositive = compare(x, .greater, Tensor(0))
    return isPositive + (1 - isPositive) * a
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    select(compare(x!, .greater, d.constant(Tensor(0))), d, d * a)
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    // The derivative is constant except for its jump.
    (nil, nil)
  }
  static var hasPiecewiseGradient: Bool { true }
  static func gradientDecisions(_ x: Tensor<Double>?, _ y: Tensor<Double>?) -> Decisions? {
    x.map { Decisions(signsOf: $0) }
  }
}

/// x where x > 0, `slope` x elsewhere.
public func leakyRelu<T: TensorProtocol>(_ x: T, slope: Double = 0.01) -> T {
  T.apply(LeakyRelu(slope: slope), to: [x])
}
