import Findings

enum TimeStepsMissing: KnownCause {
  static let id = CauseID.timeStepsMissing
  static let meaning = "a recurrence's gradient that does not come back through all of its steps"

  /// What a gradient lacks that is carried back through `steps` steps.
  static func words(carriedBack steps: Int) -> String {
    steps == 0
      ? "lacks the gradient through time: h(t-1) depends on the weights too, so each step must be carried "
        + "back through Whh to all steps before it."
      : "goes back \(steps) step\(steps == 1 ? "" : "s") in time and then stops: the gradient of each step must be carried to the "
        + "first one."
  }

  /// What a gradient lacks that begins anew with every chunk of this many steps.
  static func words(cutEvery steps: Int) -> String {
    "is cut after every \(steps) steps: the state that enters a chunk depends on the weights too, so the gradient must be "
      + "carried on to the chunk before it, unless the pass is truncated on purpose."
  }
}

extension CauseID {
  /// A gradient of a recurrence that does not come back through all of its steps.
  public static let timeStepsMissing: Self = "time-steps-missing"
}
