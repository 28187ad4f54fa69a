/// y = x limited to an interval, dx = dy inside and at its ends, 0 outside
struct Clip: ActivationOperation {
  static let name = "clip"
  static let functions: [UnaryFunction] = [.clip]
  static let pullbackFunction = PullbackFunction.clip
  let low: Double, high: Double
  var attributes: String { "\(low) ... \(high)" }
  var settings: (Double, Double) { (low, high) }
  var convention: String? { "1 at both ends of the interval" }
  var isPiecewise: Bool { true }
  /// Below, at the lower end, inside, at the upper end, above: -2 ... 2.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(inputs[0]) { Decisions.side($0 - low) + Decisions.side($0 - high) }
  }
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S> {
    compare(x, .equal, y)
  }
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T {
    d * compare(x!, .equal, y!)
  }
  static func curvature<T: TensorProtocol>(
    _ weight: T, _ x: T?, _ y: T?, _ a: Double
  ) -> (x: T?, y: T?) {
    (nil, nil)
  }
  static var hasPiecewiseGradient: Bool { true }
  static func gradientDecisions(_ x: Tensor<Double>?, _ y: Tensor<Double>?) -> Decisions? {
    guard let x, let y else { return nil }
    return Decisions(comparing: x, with: y)
  }
}

/// Each element limited to the interval; derivative 1 inside and at its ends, 0 outside.
public func clip<T: TensorProtocol>(_ x: T, to interval: ClosedRange<Double>) -> T {
  T.apply(Clip(low: interval.lowerBound, high: interval.upperBound), to: [x])
}
