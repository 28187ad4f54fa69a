import Findings
import Plumbline
import Synchronization

/// Runs of one kind that are carried out side by side and recorded as they finish: one thread each, or more where
/// there are fewer runs than threads.
///
/// A run that the journal already holds is not carried out again. What a run computes depends on its
/// configuration only, so neither the number of threads nor an interruption changes any result.
public final class Sweep<Configuration: RunConfiguration, Outcome: RunOutcome>: Sendable {
  /// The number of threads, and so the most runs at a time.
  public let jobs: Int
  private let journal: Journal?
  private let observer: (any SweepObserver)?
  private let isRecordOnly: Bool

  /// A sweep that records in `journal` and tells `observer` how far it is, where there are any.
  ///
  /// - Parameter isRecordOnly: Whether nothing is carried out, and a run that is not recorded is a ``Problem``.
  public init(
    jobs: Int, journal: Journal?, observer: (any SweepObserver)? = nil, isRecordOnly: Bool = false
  ) {
    self.isRecordOnly = isRecordOnly
    self.jobs = max(1, jobs)
    self.journal = journal
    self.observer = observer
  }

  /// The state that the threads share.
  private struct State {
    var waiting: ArraySlice<Int>
    var outcomes: [Outcome?]
    var failure: (any Error)?
  }

  /// The outcomes of these runs, in their order. Large runs start first, so that the cores end together.
  ///
  /// - Parameters:
  ///   - isKept: Whether all is there that a run leaves besides its line; one of which it is not is carried out again.
  ///   - perform: Carries out a run on the threads that are its second argument; calls its third argument with
  ///     the share of the run that is done since the last call.
  /// - Throws: What `perform` or the journal throws first; runs under way are finished and recorded.
  public func outcomes(
    of configurations: [Configuration], stage: String,
    isKept: (Configuration) throws -> Bool = { _ in true },
    perform: @escaping @Sendable (Configuration, Workers, (Double) -> Void) throws -> Outcome
  ) throws -> [Outcome] {
    let known: [Outcome?] = try configurations.map { configuration in
      guard let journal, journal.count > 0, try isKept(configuration) else { return nil }
      return try journal.outcome(key: configuration.key)
    }
    let waiting = configurations.indices.filter { known[$0] == nil }
      .sorted { (configurations[$0].work, $1) > (configurations[$1].work, $0) }
    guard waiting.isEmpty || !isRecordOnly else {
      throw Problem(
        problem:
          "\(waiting.count) of \(configurations.count) runs of the stage \(stage) are missing",
        remedy:
          "carry out the parts that have not ended, or the rest here: \(Provenance.program) resume DIR"
      )
    }
    let state = Mutex(State(waiting: waiting[...], outcomes: known))
    observer?.began(
      SweepStage(
        name: stage, runs: configurations.count, work: configurations.reduce(0) { $0 + $1.work },
        runsDone: configurations.count - waiting.count,
        workDone: configurations.indices.reduce(0) {
          known[$1] == nil ? $0 : $0 + configurations[$1].work
        }))
    defer { observer?.ended() }

    let lanes = max(1, min(jobs, waiting.count))
    Lanes.run(lanes) {
      let workers = self.jobs / lanes > 1 ? Workers(self.jobs / lanes) : .single
      while let index = state.withLock({ $0.failure == nil ? $0.waiting.popFirst() : nil }) {
        let configuration = configurations[index]
        do {
          var reported = 0.0
          let outcome = try perform(configuration, workers) { share in
            reported += share
            self.observer?.advanced(runs: 0, work: share * configuration.work)
          }
          if outcome.isFinal, try self.journal?.line(key: configuration.key) == nil {
            try self.journal?.append(configuration, outcome)
          }
          state.withLock { $0.outcomes[index] = outcome }
          self.observer?.advanced(runs: 1, work: (1 - reported) * configuration.work)
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

/// Who wants to know how far a sweep is. Called from any thread.
public protocol SweepObserver: Sendable {
  /// A stage begins.
  func began(_ stage: SweepStage)
  /// Runs were finished, and work was done.
  func advanced(runs: Int, work: Double)
  /// The stage is over.
  func ended()
}

/// A stage of a sweep: runs that can all be carried out now.
public struct SweepStage: Sendable {
  /// What the stage is called.
  public let name: String
  /// Its runs, and their work in the runs' unit.
  public let runs: Int, work: Double
  /// What an earlier process has done of it.
  public let runsDone: Int, workDone: Double
}
