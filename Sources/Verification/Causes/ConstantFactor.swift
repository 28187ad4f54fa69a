import Findings
import Plumbline

enum ConstantFactor: KnownCause {
  static let id = CauseID.constantFactor
  static let meaning = "a constant factor with no other explanation"

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    let remedy =
      comparison.isSame(ratio, 0.5)
      ? " The factor 2 from the derivative of a square may be missing."
      : comparison.isSame(ratio, 2)
        ? " Was it added to an earlier value, or a factor 2 counted twice?"
        : comparison.words(ofFactor: ratio).map {
          " \($0.prefix(1).uppercased() + $0.dropFirst())."
        }
          ?? (ratio < 0 ? " The minus is right if your update adds it." : "")
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
        "\(start): the branch's factor does not belong in the second."),
      step.hypothesis(
        step.branch * (1 / scale) + skip, id, factor: 1 / scale,
        "\(start): the branch's factor \(scale.text) is missing in the first."),
      step.hypothesis(
        step.branch * scale + skip, id, factor: scale,
        "\(start): the branch's factor \(scale.text) is in the first twice."),
    ]
  }
}

extension CauseID {
  /// A constant factor with no other explanation.
  public static let constantFactor: Self = "constant-factor"
}
