import Findings
import Synchronization
import Training

/// How a sweep continues after a failed run, when it stops early, and what it keeps of runs in progress. It does not affect
/// results.
public struct SweepPolicy: Sendable {
  /// What ends it early; `nil` for nothing.
  public var limits: SweepLimits?
  /// Whether the first run that fails ends it. Otherwise the others are carried out first.
  public var failsFast = true
  /// Whether runs that failed before are retried.
  public var retries = true
  /// How often long runs save their state.
  public var checkpoints = CheckpointFiles.Pace()

  /// Ends at the first failure, and retries what failed before.
  public init() {}
}

/// Stops a sweep early, to be continued later: after a number of runs, or a time.
public final class SweepLimits: Sendable {
  private let deadline: ContinuousClock.Instant?
  /// The runs that may still begin; below 0 for any number.
  private let runs: Atomic<Int>

  /// Limits that count from now on.
  ///
  /// - Parameters:
  ///   - seconds: The time; `nil` for none.
  ///   - runs: The number of runs that may begin; `nil` for any.
  public init(seconds: Double?, runs: Int?) {
    deadline = seconds.map { .now + .seconds($0) }
    self.runs = Atomic(runs ?? -1)
  }

  /// Whether the time is up.
  public var isTimeOver: Bool { deadline.map { $0 <= .now } ?? false }

  /// Whether one more run may begin, which is counted.
  func beginRun() -> Bool {
    if isTimeOver { return false }
    var left = runs.load(ordering: .relaxed)
    while left >= 0 {
      if left == 0 { return false }
      let (exchanged, original) = runs.compareExchange(
        expected: left, desired: left - 1, ordering: .relaxed)
      if exchanged { return true }
      left = original
    }
    return true
  }
}

/// Thrown when a run was stopped before its end; its state is kept if there is a file for it.
struct RunStopped: Error {}

/// Thrown when a sweep was ended by its limits. What was finished is kept.
struct SweepEnded: Error {
  /// The stage, its runs, and how many of them are done.
  let stage: String, runs: Int, done: Int
}
