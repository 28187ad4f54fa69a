/// How a parameter is initialized: a description of a distribution over its values.
///
/// The fan-in of a weight `[in, out]` is `in` and its fan-out `out`; of a convolution's weight
/// `[in, height, width, out]` they are `in` and `out` times the kernel's area. Variance scaling gives
/// Var W = gain² / fan; the scaling that preserves the second moment of a ReLU signal is ``he(_:fan:)``.
public struct Initializer: Sendable {
  /// The rule by which values are drawn, with its settings.
  public let rule: any InitializerRule

  /// The schemes available in files, texts and options. A custom rule need not be among them.
  public static let schemes: [any InitializerScheme.Type] = [
    VarianceScaling.self,
    OrthogonalInitializer.self,
    ScaledInitializer.self,
    ConstantInitializer.self,
    FixupScheme.self,
  ]

  /// The initializer of a rule.
  public init(_ rule: any InitializerRule) { self.rule = rule }

  /// The same draws times a factor.
  public func scaled(by factor: Double) -> Initializer { Initializer(rule.scaled(by: factor)) }

  /// The standard deviation of the values for a shape; `nil` for orthogonal matrices, whose values
  /// depend on each other.
  public func standardDeviation(shape: Shape) -> Double? { rule.standardDeviation(shape: shape) }

  /// The initial values of a parameter in row-major order.
  public func values(shape: Shape, key: Key) -> [Double] { rule.values(shape: shape, key: key) }
}

extension Initializer: Hashable {
  /// Whether they are the same rule with the same settings.
  public static func == (left: Initializer, right: Initializer) -> Bool {
    AnyHashable(left.rule) == AnyHashable(right.rule)
  }

  /// Hashes the rule.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(rule)) }
}

extension Initializer {
  /// The shape of a distribution with a given standard deviation.
  public enum Distribution: String, Sendable, CaseIterable {
    /// The normal distribution.
    case normal
    /// The uniform distribution between -√3 and √3 standard deviations.
    case uniform

    /// Values with this standard deviation.
    func values(_ count: Int, standardDeviation: Double, key: Key) -> [Double] {
      switch self {
      case .normal: return key.normal(count).map { standardDeviation * $0 }
      case .uniform:
        let bound = standardDeviation * 3.0.squareRoot()
        return key.uniform(count, from: -bound, to: bound)
      }
    }
  }
}
