import Plumbline

/// The error of finite differences by their step: one-sided ones are wrong by O(h), two-sided ones by
/// O(h²), and below a certain step rounding makes both worse.
public struct StepSizeErrors: Sendable {
  /// One step.
  public struct Point: Sendable, Hashable {
    /// The step h.
    public let step: Double
    /// The relative error of (f(h) - f(0)) / h.
    public let oneSided: Double
    /// The relative error of (f(h) - f(-h)) / (2 h).
    public let twoSided: Double
  }

  /// The derivative, by dual numbers.
  public let derivative: Double
  /// From the largest step to the smallest.
  public let points: [Point]

  /// The errors for a function along a random direction of length 1, with four steps per decade.
  public init(
    of function: some DifferentiableFunction, at point: [Tensor<Double>], key: Key = Key(seed: 0)
  ) {
    let output = function(point)
    let objective = WeightedOutput(function: function, weights: .ones(output.shape))
    let random = GradientCheck().randomDirection(at: point, key["step sizes"])
    let length = random.reduce(0) { $0 + $1.squared().sum().scalar }.squareRoot()
    let direction = random.map { $0 * (1 / max(length, 1e-300)) }
    let derivative = objective.tangent(at: point, along: direction)
    func value(_ step: Double) -> Double {
      objective.value(at: zip(point, direction).map { $0 + $1 * step })
    }
    func error(_ slope: Double) -> Double {
      abs(slope - derivative) / max(abs(derivative), 1e-300)
    }
    let start = value(0)
    self.derivative = derivative
    points = (0...48).map { index in
      var step = 0.1
      for _ in 0..<index { step *= 0.562_341_325_190_349_1 }
      let (above, below) = (value(step), value(-step))
      return Point(
        step: step, oneSided: error((above - start) / step),
        twoSided: error((above - below) / (2 * step)))
    }
  }
}
