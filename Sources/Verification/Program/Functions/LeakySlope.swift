import Plumbline

/// x where x > 0, and `slope` x elsewhere: a leaky ReLU of any slope.
struct LeakySlope: RarerForm {
  let slope: Double

  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { leakyRelu(x, slope: slope) }
  var title: String { "leaky-relu (slope \(slope.text))" }
  var hasKink: Bool { true }
  var formula: String { "where(Z > 0, 1, \(slope.text))" }
  var family: Activation? { .leakyRelu }

  static let names = ["leaky-relu", "lrelu", "leaky"]
  static func named(_ numbers: [Double]) -> Self? {
    numbers.count == 1 ? Self(slope: numbers[0]) : nil
  }
  var numbers: [Double] { [slope] }
  static var isToldByValues: Bool { true }
  static var guesses: [Self] { [0.1, 0.2, 0.3, 0.05].map(Self.init) }

  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    guard let (values, below) = x.below(values, comparison),
      let slope = comparison.ratio(of: values, to: below), slope > 0, slope < 1
    else { return nil }
    return Self(slope: slope)
  }
}

extension Tensor<Double> {
  /// The values below 0 of a function that is the identity above 0, with their arguments; `nil` if it is another function, or has
  /// none there.
  func below(
    _ values: Tensor<Double>, _ comparison: Comparison
  ) -> (values: Tensor<Double>, arguments: Tensor<Double>)? {
    let isBelow = compare(Tensor(0), .greater, self)
    let below = isBelow * self
    let above: Tensor<Double> = 1 - isBelow
    guard comparison.agree(values * above, self * above), below.norm > 0 else { return nil }
    return (values * isBelow, below)
  }
}

extension RarerFunction {
  /// x where x > 0, and `slope` x elsewhere.
  static func leaky(slope: Double) -> Self { Self(LeakySlope(slope: slope)) }
}
