/// Stochastic depth: in training the whole input, a residual branch's output, is 0 with probability
/// 1 - survival and is divided by `survival` otherwise; in inference the input itself.
///
/// Put it last in the branch of a ``Residual``. Like ``Dropout`` it keeps the expectation in training; the
/// paper leaves the branch unscaled in training and multiplies it by `survival` in inference instead. A
/// dropped branch is still computed (times 0), so that the structure of a step never changes. Source:
/// Huang et al., arXiv:1603.09382.
public struct StochasticDepth: Layer, CustomStringConvertible {
  /// The unit that is kept or dropped as a whole.
  public enum Unit: String, Sendable, CaseIterable, Codable {
    /// All examples of a batch, as in the paper.
    case batch
    /// Each example (each index along the first axis) by itself.
    case example
  }

  /// The probability that the branch is kept, above 0 and at most 1.
  public let survival: Double
  /// The unit that is kept or dropped as a whole.
  public let unit: Unit
  private let name = LayerName()

  /// A layer that keeps its input with probability `survival`; traps unless this is above 0 and at most 1.
  public init(survival: Double, unit: Unit = .batch) {
    require(
      survival > 0 && survival <= 1,
      "a survival probability must be above 0 and at most 1, not \(survival)")
    self.survival = survival
    self.unit = unit
  }

  /// The paper's rule for block `block` (from 1) of `blocks`: 1 - block / blocks · (1 - last).
  public static func linearDecay(block: Int, of blocks: Int, last: Double = 0.5) -> Double {
    require((1...max(blocks, 1)).contains(block), "block \(block) of \(blocks) does not exist")
    return 1 - Double(block) / Double(blocks) * (1 - last)
  }

  /// The input times 0 or 1 / survival in training, the input in inference.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      if pass.mode == .inference || survival == 1 { return input }
      let shape =
        switch unit {
        case .batch: Shape([])
        case .example:
          Shape(input.shape.extents.enumerated().map { $0 == 0 ? $1 : 1 })
        }
      return input * pass.mask(of: name, shape, keeping: survival, like: input)
    }
  }
}

/// ``StochasticDepth``: `stochastic-depth`.
public struct StochasticDepthForm: LayerForm {
  /// The survival probability.
  public var survival = 1.0
  /// The unit that is kept or dropped as a whole.
  public var unit = StochasticDepth.Unit.batch
  public let title = "stochastic-depth"
  public static let fields: [Field<Self>] = [
    .number(
      "survival", \.survival, isRequired: true, in: .above(0, to: 1),
      "the survival probability"), .choice("unit", \.unit),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(StochasticDepth(survival: survival, unit: unit))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.masked(keeping: survival)
  }
}

extension LayerForm where Self == StochasticDepthForm {
  /// ``StochasticDepth``.
  public static func stochasticDepth(
    survival: Double, unit: StochasticDepth.Unit = .batch
  ) -> Self {
    var form = StochasticDepthForm()
    (form.survival, form.unit) = (survival, unit)
    return form
  }
}
