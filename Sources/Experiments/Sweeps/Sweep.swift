import Dispatch
import Synchronization

/// Runs of one kind that are carried out side by side, one thread each, and recorded as they finish.
///
/// A run that the journal already holds is not carried out again. What a run computes depends on its
/// configuration only, so neither the number of threads nor an interruption changes any result.
public final class Sweep<Configuration: RunConfiguration, Outcome: Codable & Sendable>: Sendable {
  /// The number of runs at a time.
  public let jobs: Int
  private let journal: Journal<Configuration, Outcome>?
  private let progress: @Sendable (SweepProgress) -> Void

  /// A sweep that records in `journal`, if there is one.
  ///
  /// - Parameter progress: Called from any thread when a run has advanced.
  public init(
    jobs: Int, journal: Journal<Configuration, Outcome>?,
    progress: @escaping @Sendable (SweepProgress) -> Void = { _ in }
  ) {
    self.jobs = max(1, jobs)
    self.journal = journal
    self.progress = progress
  }

  /// The state that the threads share.
  private struct State {
    var waiting: ArraySlice<Int>
    var outcomes: [Outcome?]
    var workDone: Double
    var runsDone: Int
    var failure: (any Error)?
  }

  /// The outcomes of these runs, in their order. Large runs start first, so that the cores end together.
  ///
  /// - Parameter perform: Carries out a run; calls its second argument with the share of the run that is done
  ///   since the last call.
  /// - Throws: What `perform` or the journal throws first; runs under way are finished and recorded.
  public func outcomes(
    of configurations: [Configuration], stage: String,
    perform: @escaping @Sendable (Configuration, (Double) -> Void) throws -> Outcome
  ) throws -> [Outcome] {
    let known = try configurations.map { configuration in
      try journal?.outcome(key: configuration.key)
    }
    let waiting = configurations.indices.filter { known[$0] == nil }
      .sorted { (configurations[$0].work, $1) > (configurations[$1].work, $0) }
    let totalWork = configurations.reduce(0) { $0 + $1.work }
    let state = Mutex(
      State(
        waiting: waiting[...], outcomes: known,
        workDone: totalWork - waiting.reduce(0) { $0 + configurations[$1].work },
        runsDone: configurations.count - waiting.count))

    @Sendable func report(_ state: borrowing State) {
      progress(
        SweepProgress(
          stage: stage, runsDone: state.runsDone, runCount: configurations.count,
          workDone: state.workDone, totalWork: totalWork))
    }

    DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, waiting.count))) { _ in
      while let index = state.withLock({ $0.failure == nil ? $0.waiting.popFirst() : nil }) {
        let configuration = configurations[index]
        do {
          var reported = 0.0
          let outcome = try perform(configuration) { share in
            reported += share
            state.withLock {
              $0.workDone += share * configuration.work
              report($0)
            }
          }
          try self.journal?.append(configuration, outcome)
          state.withLock {
            $0.outcomes[index] = outcome
            $0.runsDone += 1
            $0.workDone += (1 - reported) * configuration.work
            report($0)
          }
        } catch {
          state.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.outcomes.compactMap { $0 }
    }
  }
}

/// How far a stage of a sweep has come.
public struct SweepProgress: Sendable {
  /// What the stage is called.
  public let stage: String
  /// Finished runs, and all.
  public let runsDone: Int, runCount: Int
  /// Finished work and all, in the runs' unit.
  public let workDone: Double, totalWork: Double
}
