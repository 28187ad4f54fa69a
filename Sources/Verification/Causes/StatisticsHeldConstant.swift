import Findings
import Plumbline

enum StatisticsHeldConstant: KnownCause {
  static let id = CauseID.statisticsHeldConstant
  static let meaning = "a normalization's mean and variance treated as constants"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let words = step.normalization?.words else { return [] }
    func passedBy(_ hasScale: Bool) -> Hypothesis {
      step.hypothesis(
        step.right(),
        Mistake(
          step.quantity, id,
          "\(step.quantity) is the gradient after the normalization, passed back as if its mean and variance were not "
            + "there; \(words.dependence): dZ = (dx - mean(dx) - x * mean(dx * x)) / std, where x is normalized and dx its gradient."
        ),
        meanIsConstant: true, varianceIsConstant: true, hasScale: hasScale, isDivided: false)
    }
    let held = [
      (true, true, "mean and variance"), (false, true, "variance"), (true, false, "mean"),
    ]
    .map { mean, variance, what in
      step.hypothesis(
        step.right(),
        Mistake(
          step.quantity, id,
          "\(step.quantity) treats the \(what) \(words.of) as constant; \(words.dependence): dZ = (dx - mean(dx) - x * "
            + "mean(dx * x)) / std, where x is normalized and dx its gradient."),
        meanIsConstant: mean, varianceIsConstant: variance)
    }
    let isScaled = step.context.parameters.scales[step.layer] != nil
    return held + (isScaled ? [true, false] : [true]).map(passedBy)
  }
}

extension CauseID {
  /// A normalization's mean and variance treated as constants.
  public static let statisticsHeldConstant: Self = "statistics-held-constant"
}
