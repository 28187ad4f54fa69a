import Findings
import Plumbline

enum SkipGradientCountedTwice: KnownCause {
  static let id = CauseID.skipGradientCountedTwice
  static let meaning = "the gradient through a skip is added twice"

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard let skip = step.skip else { return [] }
    return [
      step.hypothesis(
        step.branch + 2 * skip, id,
        "\(SkipGradientDropped.start(step)), once: here it is added twice.")
    ]
  }
}

extension CauseID {
  /// The gradient through a skip is added twice.
  public static let skipGradientCountedTwice: Self = "skip-gradient-counted-twice"
}
