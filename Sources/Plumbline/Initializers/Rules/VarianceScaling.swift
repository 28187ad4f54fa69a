/// Var W = gain² / fan: `variance-scaling`.
public struct VarianceScaling: InitializerRule {
  /// The factor on the standard deviation, which compensates for the activation that follows.
  public var gain = 1.0
  /// The shape of the distribution.
  public var distribution = Initializer.Distribution.normal
  /// Which number of units divides the variance.
  public var fan = Initializer.Fan.input
  public let title = "variance-scaling"
  public static let fields: [Field<Self>] = [
    .number("gain", \.gain), .choice("distribution", \.distribution), .choice("fan", \.fan),
  ]
  public static let names: [InitializerName] = [
    .plain("he") { gain in .varianceScaling(gain: gain) }, .plain("lecun") { _ in .lecun() },
    .plain("glorot") { _ in .glorot() },
  ]

  public init() {}

  public func scaled(by factor: Double) -> Self {
    var rule = self
    rule.gain *= factor
    return rule
  }

  public func standardDeviation(shape: Shape) -> Double? { gain / fan.count(shape).squareRoot() }

  public func values(shape: Shape, key: Key) -> [Double] {
    distribution.values(
      shape.elementCount, standardDeviation: gain / fan.count(shape).squareRoot(), key: key)
  }

  public var summary: String { "\(distribution) of variance \(gain)²/(\(fan) fan)" }
}

extension Initializer {
  /// Which number of units divides the variance.
  public enum Fan: String, Sendable, CaseIterable {
    /// The number of inputs: preserves the signal in the forward pass.
    case input
    /// The number of outputs: preserves the gradient in the backward pass.
    case output
    /// The mean of both.
    case average

    /// That number for a weight.
    func count(_ shape: Shape) -> Double {
      require(shape.rank >= 2, "a fan needs a weight [in, out]; the shape is \(shape)")
      let area = Double(shape.extents.dropFirst().dropLast().reduce(1, *))
      let inputs = Double(shape[0]) * area
      let outputs = Double(shape[-1]) * area
      switch self {
      case .input: return inputs
      case .output: return outputs
      case .average: return (inputs + outputs) / 2
      }
    }
  }

  /// Var W = gain² / fan.
  public static func varianceScaling(
    gain: Double, _ distribution: Distribution = .normal, fan: Fan = .input
  ) -> Initializer {
    var rule = VarianceScaling()
    (rule.gain, rule.distribution, rule.fan) = (gain, distribution, fan)
    return Initializer(rule)
  }

  /// Var W = 2 / fan, for the ReLU that follows. Source: He et al., arXiv:1502.01852.
  public static func he(
    _ distribution: Distribution = .normal, fan: Fan = .input
  ) -> Initializer {
    varianceScaling(gain: customaryGain, distribution, fan: fan)
  }

  /// Var W = gain² · 2 / (fan-in + fan-out). Source: Glorot and Bengio, AISTATS 2010.
  public static func glorot(_ distribution: Distribution = .uniform, gain: Double = 1)
    -> Initializer
  {
    varianceScaling(gain: gain, distribution, fan: .average)
  }

  /// Var W = 1 / fan-in. Source: LeCun et al., "Efficient backprop", 1998.
  public static func lecun(_ distribution: Distribution = .normal, fan: Fan = .input) -> Initializer
  {
    varianceScaling(gain: 1, distribution, fan: fan)
  }
}
