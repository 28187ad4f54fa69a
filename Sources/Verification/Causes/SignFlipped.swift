import Findings
import Plumbline

enum SignFlipped: KnownCause {
  static let id = CauseID.signFlipped
  static let meaning = "minus what it should be"

  /// What is said of a minus where all gradients may have it.
  static let permission = " That is right if your update adds it."

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    guard comparison.isSame(ratio, -1) else { return nil }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) has the wrong sign: it is exactly minus what it should be.\(permission)")
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

extension CauseID {
  /// Minus what it should be.
  public static let signFlipped: Self = "sign-flipped"
}
