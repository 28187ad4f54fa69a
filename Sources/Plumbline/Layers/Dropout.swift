/// Inverted dropout: in training each value is 0 with probability `rate`, and the others are divided by
/// 1 - rate, so that the expectation is the input; in inference the input itself.
///
/// PyTorch's convention. The mask comes from the pass's key and the layer's path: one pass has one mask for
/// each dropout layer, and the same key gives the same mask again, so a network with dropout
/// can be checked and its runs repeated. As with weights, a layer value used twice is one layer, with
/// one mask: make two values for independent masks. Source: Srivastava et al., JMLR 15, 2014.
public struct Dropout: Layer, CustomStringConvertible {
  /// The probability that a value is dropped, from 0 up to but not including 1.
  public let rate: Double
  private let name = LayerName()

  /// A layer that drops with probability `rate`; traps outside 0 ..< 1.
  public init(_ rate: Double) {
    require(
      rate >= 0 && rate < 1, "a dropout rate must be from 0 up to but not including 1, not \(rate)")
    self.rate = rate
  }

  /// The input times the mask in training, the input in inference.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      if pass.mode == .inference || rate == 0 { return input }
      return input * pass.mask(of: name, input.shape, keeping: 1 - rate, like: input)
    }
  }
}

extension Pass {
  /// Values that are 1 / probability with that probability and 0 otherwise, from a layer's key.
  func mask(of name: LayerName, _ shape: Shape, keeping probability: Double, like input: T) -> T {
    random(
      for: name, like: input,
      .mask(shape, RandomMask(keeping: probability, as: 1 / probability)))
  }
}

/// ``Dropout``: `dropout`.
public struct DropoutForm: LayerForm {
  /// The probability that a value is dropped.
  public var rate = 0.0
  public let title = "dropout"
  public static let fields: [Field<Self>] = [
    .number(
      "rate", \.rate, isRequired: true, in: .from(0, below: 1), "the probability of dropping")
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer { builder.layer(Dropout(rate)) }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.masked(keeping: 1 - rate)
  }
}

extension LayerForm where Self == DropoutForm {
  /// ``Dropout``.
  public static func dropout(rate: Double) -> Self {
    var form = DropoutForm()
    form.rate = rate
    return form
  }
}
