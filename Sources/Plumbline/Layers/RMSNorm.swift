/// Normalization by the root mean square over the last axis: y = x / √(mean x² + ε) · scale.
///
/// x is `[..., width]`; scale is `[width]` and starts at 1. Unlike ``LayerNorm`` it subtracts nothing. ε stands
/// inside the root, as in PyTorch, whose default is the precision of the type and not 10⁻⁵. Source: Zhang and
/// Sennrich, arXiv:1910.07467.
public struct RMSNorm: Layer {
  /// The factor on each normalized feature.
  public let scale: Parameter
  /// The ε that is added to the mean square.
  public let epsilon: Double
  private let name = LayerName()

  /// A layer for `width` features.
  public init(_ width: Int, epsilon: Double = 1e-5) {
    require(width > 0, "a normalization of \(width) features")
    scale = Parameter([width], .constant(1))
    self.epsilon = epsilon
  }

  /// The normalized input.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let meanSquare = input.squared().mean(alongAxes: [-1], keepingAxes: true)
      return input / sqrt(meanSquare + epsilon) * pass[scale]
    }
  }
}
