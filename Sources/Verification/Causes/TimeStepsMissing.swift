import Findings

enum TimeStepsMissing: KnownCause {
  static let id = CauseID.timeStepsMissing
  static let meaning = "a recurrence's gradient that does not come from all of its steps"

  /// What is missing from a gradient of the output's parameters over some of the steps, counted from 0.
  static func words(only part: Range<Int>, of steps: Int) -> String {
    (part.count == 1
      ? "holds the gradient of step \(part.lowerBound) alone"
      : "holds the gradients of steps \(part.lowerBound) to \(part.upperBound - 1) alone")
      + " (counted from 0), but the cost is over all \(steps): add up those of all steps (db += ..., not db = ... in the loop)."
  }

  /// What is missing from a gradient carried back through only `steps` steps.
  static func words(carriedBack steps: Int) -> String {
    steps == 0
      ? "lacks the gradient through time: h(t-1) depends on the weights too, so each step must be carried "
        + "back through the state's weight to all steps before it."
      : "goes back \(steps) step\(steps == 1 ? "" : "s") in time and then stops: the gradient of each step must be carried to the "
        + "first one."
  }

  /// What is missing from a gradient that restarts with every chunk of this many steps.
  static func words(cutEvery steps: Int) -> String {
    "is cut after every \(steps == 1 ? "step" : "\(steps) steps"): the state that enters a chunk depends on the weights too, so the gradient must be "
      + "carried on to the chunk before it, unless the pass is truncated on purpose."
  }
}

extension CauseID {
  /// A recurrence's gradient that does not come back through all of its steps.
  public static let timeStepsMissing: Self = "time-steps-missing"
}
