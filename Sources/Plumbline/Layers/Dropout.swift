/// Inverted dropout: in training each value is 0 with probability `rate`, and the others are divided by
/// 1 - rate, so that the expectation is the input; in inference the input itself.
///
/// PyTorch's convention. The mask comes from the pass's key and the layer's path: one pass has one mask for
/// each dropout layer, and the same key gives the same mask again, which is what lets a network with dropout
/// be checked and its runs be repeated. As with weights, a layer value used at two places is one layer, with
/// one mask: make two values for independent masks. Source: Srivastava et al., JMLR 15, 2014.
public struct Dropout: Layer {
  /// The probability that a value is dropped, from 0 up to but not including 1.
  public let rate: Double
  private let name = LayerName()

  /// A layer that drops with probability `rate`; traps outside 0 ..< 1.
  public init(_ rate: Double) {
    require(
      rate >= 0 && rate < 1, "a dropout rate lies from 0 up to but not including 1, not \(rate)")
    self.rate = rate
  }

  /// The input times the mask in training, the input in inference.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      if pass.mode == .inference || rate == 0 { return input }
      return input * pass.mask(of: name, input.shape, keeping: 1 - rate, beside: input)
    }
  }
}

/// Stochastic depth: in training the whole input, a residual branch's output, is 0 with probability
/// 1 - survival and is divided by `survival` otherwise; in inference the input itself.
///
/// Put it last in the branch of a ``Residual``. Like ``Dropout`` it keeps the expectation in training; the
/// paper leaves the branch unscaled in training and multiplies it by `survival` in inference instead. A
/// dropped branch is still computed (times 0), so that the structure of a step never changes. Source:
/// Huang et al., arXiv:1603.09382.
public struct StochasticDepth: Layer {
  /// What is kept or dropped together.
  public enum Unit: String, Sendable, CaseIterable, Codable {
    /// All examples of a batch, as in the paper.
    case batch
    /// Each example (each place along the first axis) by itself.
    case example
  }

  /// The probability that the branch is kept, above 0 and at most 1.
  public let survival: Double
  /// What is kept or dropped together.
  public let unit: Unit
  private let name = LayerName()

  /// A layer that keeps its input with probability `survival`; traps outside 0 ... 1, and at 0.
  public init(survival: Double, unit: Unit = .batch) {
    require(
      survival > 0 && survival <= 1,
      "a probability of survival lies above 0 and at most at 1, not at \(survival)")
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
      return input * pass.mask(of: name, shape, keeping: survival, beside: input)
    }
  }
}

extension Pass {
  /// Values that are 1 / probability with that probability and 0 otherwise, from the key of a layer.
  func mask(of name: LayerName, _ shape: Shape, keeping probability: Double, beside input: T) -> T {
    random(
      for: name, beside: input,
      .mask(shape, RandomMask(keeping: probability, as: T.Scalar(1 / probability))))
  }
}
