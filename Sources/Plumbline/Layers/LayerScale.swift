/// Multiplies each feature by a trained factor that starts small: y = x · scale, at the end of a residual branch.
///
/// x is `[..., width]`; scale is `[width]`. Source: Touvron et al., arXiv:2103.17239.
public struct LayerScale: Layer, CustomStringConvertible {
  /// The factors.
  public let scale: Parameter
  private let name = LayerName()

  /// A layer for `width` features, whose factors start at `initial`.
  public init(_ width: Int, initial: Double = 1e-4) {
    require(width > 0, "a scale of \(width) features")
    scale = Parameter([width], .constant(initial))
  }

  /// x · scale.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input * pass[scale] }
  }
}

/// ``LayerScale``, over the last axis: `layer-scale`.
public struct LayerScaleForm: LayerForm {
  /// The initial factors.
  public var initial = 1e-4
  public let title = "layer-scale"
  public static let fields: [Field<Self>] = [.number("initial", \.initial)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(LayerScale(builder.input[-1], initial: initial))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.scaled(by: initial * initial)
  }
}

extension LayerForm where Self == LayerScaleForm {
  /// ``LayerScale``, over the last axis.
  public static func layerScale(initial: Double = 1e-4) -> Self {
    var form = LayerScaleForm()
    form.initial = initial
    return form
  }
}
