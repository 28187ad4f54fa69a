import Findings
import Plumbline

enum ZeroGradient: KnownCause {
  static let id = CauseID.zeroGradient
  static let meaning = "the gradient is zero everywhere but should not be"

  static func mistake(_ quantity: Quantity) -> Mistake {
    Mistake(quantity, id, "\(quantity) is zero: it was never computed, or was overwritten.")
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
  /// The gradient is zero everywhere but should not be.
  public static let zeroGradient: Self = "zero-gradient"
}
