/// What mean-field theory says about a signal in a wide network at initialization: its mean square and the kind of its
/// distribution.
///
/// Weights with independent entries of mean 0 multiply the mean square by fan-in times their variance, whatever the input
/// (He et al., arXiv:1502.01852). Activations are integrated over the normal distribution.
public struct Signal: Sendable, Hashable {
  /// The kind of distribution.
  public enum Distribution: Sendable, Hashable {
    /// Nearly normal with mean 0: sums over many independent weights.
    case normal
    /// Non-negative: the output of a ReLU.
    case rectified
    /// Anything else.
    case other
  }

  /// The mean of the squared values.
  public var meanSquare: Double
  /// The kind of distribution.
  public var distribution: Distribution

  /// A signal.
  public init(meanSquare: Double, distribution: Distribution) {
    self.meanSquare = meanSquare
    self.distribution = distribution
  }

  /// Standardized data.
  public static let input = Signal(meanSquare: 1, distribution: .other)

  /// The same with another mean square.
  public func scaled(by factor: Double) -> Signal {
    Signal(meanSquare: meanSquare * factor, distribution: distribution)
  }

  /// After a normalization, which preserves only whether the distribution is normal.
  func normalized(to meanSquare: Double) -> Signal {
    Signal(meanSquare: meanSquare, distribution: distribution == .normal ? .normal : .other)
  }

  /// After a weight `[in, ..., out]` and a bias; `nil` if their values are not independent with mean 0.
  func after(weight: Parameter, bias: Parameter?) -> Signal? {
    guard let variance = weight.initializer.rule.meanSquareOfIndependentValues(shape: weight.shape)
    else { return nil }
    let fanIn = Double(weight.shape.elementCount / max(weight.shape[-1], 1))
    // A weight that starts at zero outputs zeros, which any distribution describes.
    var offset = 0.0
    if let bias {
      guard let square = bias.initializer.rule.meanSquareOfIndependentValues(shape: bias.shape)
      else {
        return nil
      }
      offset = square
    }
    return Signal(meanSquare: fanIn * variance * meanSquare + offset, distribution: .normal)
  }

  /// After an activation; `nil` if its argument's distribution is not known well enough.
  func after(_ activation: Activation) -> Signal? {
    if activation == .linear { return self }
    guard activation.isElementwise else { return nil }
    if meanSquare == 0 {
      let value = activation(Tensor<Double>(0)).scalar
      return Signal(meanSquare: value * value, distribution: .other)
    }
    switch distribution {
    case .rectified: return activation.above == .identity ? self : nil
    case .other: return nil
    case .normal:
      if activation.above == .identity && activation.below == .zero {
        return Signal(meanSquare: meanSquare / 2, distribution: .rectified)
      }
      return Signal(
        meanSquare: Self.meanSquare(of: activation, at: meanSquare), distribution: .other)
    }
  }

  /// After a random mask that preserves the mean.
  func masked(keeping probability: Double) -> Signal {
    Signal(
      meanSquare: meanSquare / probability,
      distribution: probability == 1 || distribution == .rectified ? distribution : .other)
  }

  /// E f(x)² for x normal with mean 0 and this variance, by the trapezoidal rule, whose error is below 10⁻⁵ with a kink at 0, and
  /// only rounding without one.
  private static func meanSquare(of activation: Activation, at variance: Double) -> Double {
    let step = 1.0 / 256
    let points = Tensor<Double>.indices(2 * 10 * 256 + 1) * step - 10
    let values = activation(points * variance.squareRoot())
    return (values.squared() * normalDensity(points)).sum().scalar * step
  }
}
