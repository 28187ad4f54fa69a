/// How a parameter starts: a description of a distribution over its values.
///
/// The fan-in of a weight `[in, out]` is `in` and its fan-out `out`; of a convolution's weight
/// `[in, height, width, out]` they are `in` and `out` times the kernel's area. Variance scaling gives
/// Var W = gain² / fan; the scaling that keeps the second moment of a ReLU signal is ``he(_:fan:)``.
public struct Initializer: Sendable, Hashable {
  /// The shape of a distribution with a given standard deviation.
  public enum Distribution: String, Sendable, CaseIterable {
    /// The normal distribution.
    case normal
    /// The uniform distribution between -√3 and √3 standard deviations.
    case uniform
  }

  /// Which number of neighbours divides the variance.
  public enum Fan: String, Sendable, CaseIterable {
    /// The number of inputs: keeps the signal on its way forward.
    case input
    /// The number of outputs: keeps the gradient on its way back.
    case output
    /// The mean of both.
    case average
  }

  enum Rule: Sendable, Hashable {
    case constant(Double)
    case scaled(Distribution, standardDeviation: Double)
    case varianceScaling(gain: Double, Distribution, Fan)
    case orthogonal(gain: Double)
  }

  let rule: Rule

  /// Every value 0.
  public static let zero = constant(0)

  /// Every value the same.
  public static func constant(_ value: Double) -> Initializer {
    Initializer(rule: .constant(value))
  }

  /// Normal values with this standard deviation.
  public static func normal(standardDeviation: Double) -> Initializer {
    Initializer(rule: .scaled(.normal, standardDeviation: standardDeviation))
  }

  /// Var W = gain² / fan.
  public static func varianceScaling(
    gain: Double, _ distribution: Distribution = .normal, fan: Fan = .input
  ) -> Initializer {
    Initializer(rule: .varianceScaling(gain: gain, distribution, fan))
  }

  /// Var W = 2 / fan, for the ReLU that follows. Source: He et al., arXiv:1502.01852.
  public static func he(
    _ distribution: Distribution = .normal, fan: Fan = .input
  ) -> Initializer {
    varianceScaling(gain: 2.0.squareRoot(), distribution, fan: fan)
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

  /// A random matrix with orthonormal rows or columns (whichever are fewer), times the gain; uniformly
  /// distributed over all of them. Source: Saxe, McClelland, Ganguli, arXiv:1312.6120.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer(rule: .orthogonal(gain: gain))
  }

  /// He's initialization for the weights inside the residual branches of a network without normalization:
  /// times branches^(-1 / (2 m - 2)), with m weight layers in each branch, so that one step changes the output
  /// by about as much at any depth. The last weight of every branch, and the output layer's, start at ``zero``.
  /// See ``Residual/fixup(width:layers:blocks:activation:)``. Traps for fewer than two layers in a branch, which
  /// has only the weight that starts at zero. Source: Zhang, Dauphin, Ma, arXiv:1901.09321.
  ///
  /// - Parameter gain: That of the activation that follows (see ``Activation/gain``); by default ReLU's.
  public static func fixup(
    branches: Int, layersPerBranch: Int = 2, gain: Double = 2.0.squareRoot()
  ) -> Initializer {
    require(
      branches > 0 && layersPerBranch > 1,
      "Fixup takes branches of two layers or more, not \(branches) of \(layersPerBranch)")
    let exponent = -1 / Double(2 * layersPerBranch - 2)
    // The engine's own power, which has the same bits on every platform.
    let factor = pow(Tensor<Double>(Double(branches)), exponent).scalar
    return varianceScaling(gain: gain).scaled(by: factor)
  }

  /// The same draws times a factor.
  public func scaled(by factor: Double) -> Initializer {
    switch rule {
    case .constant(let value): .constant(value * factor)
    case .scaled(let distribution, let standardDeviation):
      Initializer(rule: .scaled(distribution, standardDeviation: standardDeviation * factor))
    case .varianceScaling(let gain, let distribution, let fan):
      .varianceScaling(gain: gain * factor, distribution, fan: fan)
    case .orthogonal(let gain): .orthogonal(gain: gain * factor)
    }
  }

  /// The standard deviation of the values for a shape; `nil` for orthogonal matrices, whose values
  /// depend on each other.
  public func standardDeviation(shape: Shape) -> Double? {
    switch rule {
    case .constant: 0
    case .scaled(_, let standardDeviation): standardDeviation
    case .varianceScaling(let gain, _, let fan): gain / Self.fan(fan, of: shape).squareRoot()
    case .orthogonal: nil
    }
  }

  /// The initial values of a parameter in row-major order.
  public func values(shape: Shape, key: Key) -> [Double] {
    let count = shape.elementCount
    switch rule {
    case .constant(let value):
      return Array(repeating: value, count: count)
    case .scaled(let distribution, _), .varianceScaling(_, let distribution, _):
      let deviation = standardDeviation(shape: shape) ?? 0
      switch distribution {
      case .normal: return key.normal(count).map { deviation * $0 }
      case .uniform:
        let bound = deviation * 3.0.squareRoot()
        return key.uniform(count, from: -bound, to: bound)
      }
    case .orthogonal(let gain):
      return Orthogonal.matrix(
        rows: shape.extents.dropLast().reduce(1, *), columns: shape[-1], key: key
      )
      .map { gain * $0 }
    }
  }

  private static func fan(_ fan: Fan, of shape: Shape) -> Double {
    require(shape.rank >= 2, "a fan needs a weight [in, out]; the shape is \(shape)")
    let area = Double(shape.extents.dropFirst().dropLast().reduce(1, *))
    let inputs = Double(shape[0]) * area
    let outputs = Double(shape[-1]) * area
    switch fan {
    case .input: return inputs
    case .output: return outputs
    case .average: return (inputs + outputs) / 2
    }
  }
}
