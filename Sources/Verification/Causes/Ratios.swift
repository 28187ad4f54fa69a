import Findings
import Plumbline

// Causes that a constant ratio tells.

/// Minus what it should be.
enum SignFlipped: KnownCause {
  static let id = CauseID.signFlipped

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    guard comparison.isSame(ratio, -1) else { return nil }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) has the wrong sign: it is exactly minus what it should be.")
  }

  static func outputGradients(_ step: OutputStep) -> [Hypothesis] {
    guard step.loss.kind == .binaryCrossEntropy, step.function != .linear else { return [] }
    let yes = step.targets / step.output
    let no = (1 - step.targets) / (1 - step.output)
    return [
      step.hypothesis(
        -(yes + no) * step.loss.scale, id,
        "\(step.quantity) has a plus where a minus belongs: dA = -(Y/A - (1 - Y)/(1 - A)).")
    ]
  }

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard let skip = step.skip else { return [] }
    return [
      step.hypothesis(
        skip - step.branch, id, factor: -1,
        "\(SkipGradientDropped.start(step)): the first term has the wrong sign.")
    ]
  }
}

/// Not divided by the number of examples.
enum MissingBatchAverage: KnownCause {
  static let id = CauseID.missingBatchAverage

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    guard comparison.examples > 1, comparison.isSame(ratio, comparison.examples) else { return nil }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is \(ratio.text) times too large, the number of examples: divide by m once.")
  }
}

/// Divided by the number of examples once too often.
enum ExtraBatchAverage: KnownCause {
  static let id = CauseID.extraBatchAverage

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    guard comparison.examples > 1, comparison.isSame(ratio, 1 / comparison.examples) else {
      return nil
    }
    if quantity.kind == .biasGradient { return BiasAveragedTwice.mistake(quantity, ratio) }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is divided by the number of examples, \((1 / ratio).text), once too often.")
  }
}

/// A bias gradient, averaged where it should be summed.
enum BiasAveragedTwice: KnownCause {
  static let id = CauseID.biasAveragedTwice

  static func mistake(_ quantity: Quantity, _ ratio: Double) -> Mistake {
    Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is a mean over the \((1 / ratio).text) examples where a sum belongs: dZ is divided by their number already, or the "
        + "cost is a sum.")
  }
}

/// The same factor everywhere, of no other meaning.
enum ConstantFactor: KnownCause {
  static let id = CauseID.constantFactor

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    let remedy =
      comparison.isSame(ratio, 0.5)
      ? " A 2 is missing, as of the derivative of a square."
      : comparison.isSame(ratio, 2)
        ? " Was it added to what was there before, or a 2 counted twice?" : ""
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is \(ratio.text) times what it should be, the same factor everywhere." + remedy)
  }

  static func outputGradients(_ step: OutputStep) -> [Hypothesis] {
    guard step.loss.kind == .binaryCrossEntropy, step.function != .linear else { return [] }
    return [
      step.hypothesis(
        -(step.targets / step.output) * step.loss.scale, id,
        "\(step.quantity) lacks the second term: dA = -(Y/A - (1 - Y)/(1 - A)).")
    ]
  }

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard step.branchScale != 1 else { return [] }
    return [
      step.hypothesis(
        step.right(),
        Mistake(
          step.quantity, id, factor: 1 / step.branchScale,
          "\(step.quantity) lacks the factor on the block's branch, \(step.branchScale.text)."),
        scale: 1)
    ]
  }

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let scales = Set(
      step.context.network.skips(from: step.layer).compactMap {
        step.context.network.layers[$0 - 1].skip?.branchScale
      })
    guard let skip = step.skip, let scale = scales.first, scales.count == 1, scale != 1 else {
      return []
    }
    let start = SkipGradientDropped.start(step)
    return [
      step.hypothesis(
        step.branch + scale * skip, id, factor: scale,
        "\(start): the factor of the branch does not belong to the second."),
      step.hypothesis(
        step.branch * (1 / scale) + skip, id, factor: 1 / scale,
        "\(start): the branch's factor \(scale.text) is missing in the first."),
      step.hypothesis(
        step.branch * scale + skip, id, factor: scale,
        "\(start): the branch's factor \(scale.text) is in the first twice."),
    ]
  }
}

/// Nothing at all.
enum ZeroGradient: KnownCause {
  static let id = CauseID.zeroGradient

  static func mistake(_ quantity: Quantity) -> Mistake {
    Mistake(quantity, id, "\(quantity) is zero: it was never computed, or overwritten.")
  }

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard let skip = step.skip else { return [] }
    return [
      step.hypothesis(
        skip, id,
        "\(SkipGradientDropped.start(step)): the first term is missing, as if the branch had no gradient."
      )
    ]
  }
}

extension CauseID {
  public static let signFlipped: Self = "sign-flipped"
  public static let missingBatchAverage: Self = "missing-batch-average"
  public static let extraBatchAverage: Self = "extra-batch-average"
  public static let biasAveragedTwice: Self = "bias-averaged-twice"
  public static let constantFactor: Self = "constant-factor"
  public static let zeroGradient: Self = "zero-gradient"
}
