/// What mean-field theory knows of a signal in a wide network at initialization: its mean square, and what its
/// distribution is like.
package struct Signal: Sendable, Hashable {
  package enum Distribution: Sendable, Hashable {
    /// Nearly normal with mean 0: sums over many independent weights.
    case normal
    /// Not below 0: what a ReLU puts out.
    case rectified
    /// Anything else.
    case other
  }

  package var meanSquare: Double
  package var distribution: Distribution

  package init(meanSquare: Double, distribution: Distribution) {
    self.meanSquare = meanSquare
    self.distribution = distribution
  }

  /// Standardized data.
  package static let input = Signal(meanSquare: 1, distribution: .other)

  package func scaled(by factor: Double) -> Signal {
    Signal(meanSquare: meanSquare * factor, distribution: distribution)
  }
}

extension Signal {
  /// Behind an activation; `nil` where its argument's distribution is not known well enough.
  package func after(_ activation: Activation) -> Signal? {
    if activation == .linear { return self }
    if meanSquare == 0 {
      let value = activation(Tensor<Double>(0)).scalar
      return Signal(meanSquare: value * value, distribution: .other)
    }
    switch (activation, distribution) {
    case (.relu, .normal): return Signal(meanSquare: meanSquare / 2, distribution: .rectified)
    case (.relu, .rectified), (.leakyRelu, .rectified), (.elu, .rectified): return self
    case (_, .normal):
      return Signal(
        meanSquare: Self.meanSquare(of: activation, at: meanSquare), distribution: .other)
    default: return nil
    }
  }

  /// Behind a random mask that keeps the mean.
  package func masked(keeping probability: Double) -> Signal {
    Signal(
      meanSquare: meanSquare / probability,
      distribution: probability == 1 || distribution == .rectified ? distribution : .other)
  }

  /// E f(x)² for x normal with mean 0 and this variance, by the trapezoidal rule, whose error is below 10⁻⁵ with a
  /// kink at 0 and rounding without.
  private static func meanSquare(of activation: Activation, at variance: Double) -> Double {
    let step = 1.0 / 256
    let points = Tensor<Double>.indices(2 * 10 * 256 + 1) * step - 10
    let values = activation(points * variance.squareRoot())
    return (values.squared() * normalDensity(points)).sum().scalar * step
  }
}

extension Initializer {
  /// The mean square of values that are independent with mean 0, or as good as: of a random orthogonal matrix the
  /// rows or columns are. `nil` for other constants than 0.
  package func meanSquareOfIndependentValues(shape: Shape) -> Double? {
    switch rule {
    case .constant(let value): value == 0 ? 0 : nil
    case .scaled, .varianceScaling:
      standardDeviation(shape: shape).map { $0 * $0 }
    case .orthogonal(let gain):
      // Unit vectors as long as the longer side.
      gain * gain / Double(max(shape.elementCount / max(shape[-1], 1), shape[-1]))
    }
  }
}
