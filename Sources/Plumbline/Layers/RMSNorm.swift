/// Normalization by the root mean square over the last axis: y = x / √(mean x² + ε) · scale.
///
/// x is `[..., width]`; scale is `[width]` and starts at 1. Unlike ``LayerNorm`` it subtracts nothing. ε is
/// inside the root, as in PyTorch, whose default is the precision of the type rather than 10⁻⁵. Source: Zhang and
/// Sennrich, arXiv:1910.07467.
public struct RMSNorm: Layer, CustomStringConvertible {
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

/// ``RMSNorm``, over the last axis: `rms-norm`.
public struct RMSNormForm: NormalizationForm {
  /// What is added to the mean square.
  public var epsilon = 1e-5
  public let title = "rms-norm"
  public static let isOverFeatures = true, isCentered = false
  public static let fields: [Field<Self>] = [.number("epsilon", \.epsilon, in: .atLeast(0))]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(RMSNorm(builder.input[-1], epsilon: epsilon))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    Signal(meanSquare: 1, distribution: signal.distribution)
  }
}

extension LayerForm where Self == RMSNormForm {
  /// ``RMSNorm``, over the last axis.
  public static func rmsNorm(epsilon: Double = 1e-5) -> Self {
    var form = RMSNormForm()
    form.epsilon = epsilon
    return form
  }
}
