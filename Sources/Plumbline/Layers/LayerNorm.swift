/// Layer normalization over the last axis: y = (x - mean) / √(variance + ε) · scale + shift.
///
/// x is `[..., width]`; scale and shift are `[width]` and start at 1 and 0. Source: Ba, Kiros, Hinton,
/// arXiv:1607.06450.
public struct LayerNorm: Layer, CustomStringConvertible {
  /// The factor on each normalized feature.
  public let scale: Parameter
  /// What is added to each feature.
  public let shift: Parameter
  /// The ε that is added to the variance.
  public let epsilon: Double
  private let name = LayerName()

  /// A layer for `width` features.
  public init(_ width: Int, epsilon: Double = 1e-5) {
    scale = Parameter([width], .constant(1))
    shift = Parameter([width], .zero)
    self.epsilon = epsilon
  }

  /// The normalized input.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let deviation = input - input.mean(alongAxes: [-1], keepingAxes: true)
      let variance = deviation.squared().mean(alongAxes: [-1], keepingAxes: true)
      return deviation / sqrt(variance + epsilon) * pass[scale] + pass[shift]
    }
  }
}

/// ``LayerNorm``, over the last axis: `layer-norm`.
public struct LayerNormForm: NormalizationForm {
  /// What is added to the variance.
  public var epsilon = 1e-5
  public let title = "layer-norm"
  public static let isOverFeatures = true, isCentered = true
  public static let fields: [Field<Self>] = [.number("epsilon", \.epsilon, in: .atLeast(0))]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(LayerNorm(builder.input[-1], epsilon: epsilon))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.normalized(to: 1)
  }
}

extension LayerForm where Self == LayerNormForm {
  /// ``LayerNorm``, over the last axis.
  public static func layerNorm(epsilon: Double = 1e-5) -> Self {
    var form = LayerNormForm()
    form.epsilon = epsilon
    return form
  }
}
