/// A ReLU with a slope on either side of 0: y = above · max(x, 0) + below · min(x, 0).
///
/// With slopes 1 ± 1/√(2L) in a plain net of L layers, the correlation of two signals has a limit at any depth, that of a residual
/// net whose branches are scaled by 1/√L. Source: Li, Nica and Roy, arXiv:2206.02768.
public struct ShapedRelu: Layer, CustomStringConvertible {
  /// The slope where x > 0, and elsewhere.
  public let above: Double, below: Double
  private let name = LayerName()

  /// A layer of two slopes.
  public init(above: Double, below: Double) {
    self.above = above
    self.below = below
  }

  /// The slopes 1 ± 1/√(2L) for a plain net of this many layers.
  public init(depth: Int) {
    require(depth > 0, "slopes for \(depth) layers")
    let shift = 1 / (2 * Double(depth)).squareRoot()
    self.init(above: 1 + shift, below: 1 - shift)
  }

  /// The factor on the standard deviation of the weights before it that keeps the second moment: √(2 / (above² + below²)).
  public var gain: Double { (2 / (above * above + below * below)).squareRoot() }

  /// above · max(x, 0) + below · min(x, 0).
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    // With a single ReLU, so that the slope at 0 is one of the two: the one below 0.
    pass.named(name) { input * below + relu(input) * (above - below) }
  }
}

/// ``ShapedRelu``: `shaped-relu`.
public struct ShapedReluForm: LayerForm {
  /// The slopes.
  public var above = 1.0, below = 0.0
  public let title = "shaped-relu"
  public static let fields: [Field<Self>] = [
    .number("above", \.above, "the slope where x > 0"),
    .number("below", \.below, "the slope elsewhere"),
  ]

  public init() {}

  public var hasKinks: Bool { above != below }

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(ShapedRelu(above: above, below: below))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    switch signal.distribution {
    case .normal:
      Signal(
        meanSquare: signal.meanSquare * (above * above + below * below) / 2, distribution: .other)
    case .rectified: signal.scaled(by: above * above)
    case .other: nil
    }
  }
}

extension LayerForm where Self == ShapedReluForm {
  /// ``ShapedRelu``.
  public static func shapedRelu(above: Double, below: Double) -> Self {
    var form = ShapedReluForm()
    (form.above, form.below) = (above, below)
    return form
  }
}
