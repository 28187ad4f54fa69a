import Findings
import Plumbline

enum StatisticsHeldConstant: KnownCause {
  static let id = CauseID.statisticsHeldConstant
  static let meaning = "mean and variance of a normalization, taken for constants"

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let words = step.normalization?.words else { return [] }
    return [(true, true, "mean and variance"), (false, true, "variance"), (true, false, "mean")]
      .map { mean, variance, what in
        step.hypothesis(
          step.right(),
          Mistake(
            step.quantity, id,
            "\(step.quantity) takes the \(what) \(words.of) for constants; \(words.dependence): dZ = (dx - mean(dx) - x * "
              + "mean(dx * x)) / std, where x is normalized and dx its gradient."),
          meanIsConstant: mean, varianceIsConstant: variance)
      }
  }
}

extension CauseID {
  public static let statisticsHeldConstant: Self = "statistics-held-constant"
}
