import Findings
import Plumbline

enum SkipGradientDropped: KnownCause {
  static let id = CauseID.skipGradientDropped
  static let meaning = "the gradient through a skip is missing"

  static func start(_ step: WeightsStep) -> String {
    "A residual block adds its input to its branch, so \(step.quantity) is the branch's gradient plus that of the block's output"
  }

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard step.skip != nil else { return [] }
    return [step.hypothesis(step.branch, id, "\(start(step)): the second term is missing.")]
  }
}

extension CauseID {
  /// The gradient through a skip is missing.
  public static let skipGradientDropped: Self = "skip-gradient-dropped"
}
