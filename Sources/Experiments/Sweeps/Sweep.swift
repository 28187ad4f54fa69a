import Findings
import Foundation
import Plumbline
import Synchronization

/// Runs of one kind, executed in parallel and recorded as they finish: one thread each, or more if
/// there are fewer runs than threads.
///
/// A run that is already in the journal is not repeated. What a run computes depends only on its
/// configuration, so neither the number of threads nor an interruption changes any result.
public final class Sweep<Configuration: RunConfiguration, Outcome: RunOutcome>: Sendable {
  /// The number of threads, and so the maximum number of simultaneous runs.
  public let jobs: Int
  private let journal: Journal?
  private let observer: (any SweepObserver)?
  private let isRecordOnly: Bool
  private let policy: SweepPolicy
  private let failures: FailureLog?

  /// A sweep that records in `journal` and reports progress to `observer`, if there are any.
  ///
  /// - Parameters:
  ///   - jobs: The number of threads; it does not affect results.
  ///   - journal: Where finished runs are recorded and looked up; `nil` for nowhere.
  ///   - observer: Receives progress; `nil` for none.
  ///   - isRecordOnly: Whether nothing is carried out, and a run that is not recorded is a ``/Findings/Problem``.
  public convenience init(
    jobs: Int, journal: Journal?, observer: (any SweepObserver)? = nil, isRecordOnly: Bool = false
  ) {
    self.init(
      jobs: jobs, journal: journal, observer: observer, isRecordOnly: isRecordOnly,
      policy: SweepPolicy(), failures: nil)
  }

  /// A sweep that continues after failed runs, or stops early, as `policy` says.
  init(
    jobs: Int, journal: Journal?, observer: (any SweepObserver)?, isRecordOnly: Bool,
    policy: SweepPolicy, failures: FailureLog?
  ) {
    self.policy = policy
    self.failures = failures
    self.isRecordOnly = isRecordOnly
    self.jobs = max(1, jobs)
    self.journal = journal
    self.observer = observer
  }

  /// The state that the threads share.
  private struct State {
    var waiting: ArraySlice<Int>
    var outcomes: [Outcome?]
    /// What ends the sweep.
    var failure: (any Error)?
    /// The messages of failed runs, by their positions.
    var failures: [Int: any Error] = [:]
    /// Whether limits have ended it.
    var isEnded = false

    var goesOn: Bool { failure == nil && !isEnded }
  }

  /// The outcomes of these runs, in order. Identical runs are carried out once. Large runs start first, so that the
  /// cores finish together.
  ///
  /// - Parameters:
  ///   - asked: The runs.
  ///   - stage: A description of the runs, for the progress display.
  ///   - isKept: Whether everything that a run leaves in addition to its line exists; otherwise the run is repeated.
  ///   - finished: Called after a run was recorded.
  ///   - perform: Carries out a run on the threads that are its second argument; calls its third argument with the share of the
  ///     run that is done since the last call.
  /// - Throws: What `perform` or the journal throws first; runs under way are finished and recorded. If the policy is to continue,
  ///   a ``/Findings/Problem`` at the end that reports all failed runs.
  public func outcomes(
    of asked: [Configuration], stage: String,
    isKept: (Configuration) throws -> Bool = { _ in true },
    finished: @escaping @Sendable (Configuration) -> Void = { _ in },
    perform: @escaping @Sendable (Configuration, Workers, (Double) -> Void) throws -> Outcome
  ) throws -> [Outcome] {
    let (configurations, keys, positions) = try distinct(asked)
    let known = try zip(configurations, recorded(keys)).map { configuration, outcome in
      try outcome != nil && isKept(configuration) ? outcome : nil
    }
    let waiting = configurations.indices.filter { known[$0] == nil }
      .sorted { (configurations[$0].work, $1) > (configurations[$1].work, $0) }
    guard waiting.isEmpty || !isRecordOnly else {
      throw Problem(
        problem:
          "\(waiting.count) of \(configurations.count) runs of the stage \(stage) are missing",
        remedy:
          "run the parts that have not finished, or run the rest here: \(Provenance.program) resume DIR"
      )
    }
    let earlier = policy.retries ? [:] : try earlierFailures(of: configurations, waiting)
    let state = Mutex(
      State(waiting: waiting.filter { earlier[$0] == nil }[...], outcomes: known, failures: earlier)
    )
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
      while let index = self.next(state) {
        let configuration = configurations[index]
        do {
          let outcome = try self.carryOut(configuration, at: index, workers, perform)
          state.withLock { $0.outcomes[index] = outcome }
          if outcome.isFinal { finished(configuration) }
        } catch is RunStopped {
          state.withLock { $0.isEnded = true }
        } catch let failure as RunFailure {
          state.withLock {
            $0.failures[index] = failure.error
            if self.policy.failsFast { $0.failure = $0.failure ?? failure.error }
          }
        } catch {
          state.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      if state.isEnded {
        throw SweepEnded(
          stage: stage, runs: configurations.count, done: state.outcomes.count { $0 != nil })
      }
      if let first = state.failures.min(by: { $0.key < $1.key }) {
        throw problem(state.failures.count, configurations.count, stage, first.value)
      }
      return positions.compactMap { state.outcomes[$0] }
    }
  }

  /// The runs without repetitions, their keys, and for each requested run its position among them.
  private func distinct(
    _ asked: [Configuration]
  ) throws -> (configurations: [Configuration], keys: [String], positions: [Int]) {
    let keys = try Lanes.map(asked.count, lanes: jobs) { try asked[$0].key }
    var position: [String: Int] = [:]
    var firsts: [Int] = []
    for (index, key) in keys.enumerated() where position[key] == nil {
      position[key] = firsts.count
      firsts.append(index)
    }
    guard firsts.count < asked.count else { return (asked, keys, Array(asked.indices)) }
    return (firsts.map { asked[$0] }, firsts.map { keys[$0] }, keys.compactMap { position[$0] })
  }

  /// What the journal holds of each run.
  private func recorded(_ keys: [String]) throws -> [Outcome?] {
    guard let journal, !journal.isEmpty else { return Array(repeating: nil, count: keys.count) }
    return try Lanes.map(keys.count, lanes: jobs) { try journal.outcome(key: keys[$0]) }
  }

  /// The next run to be carried out; `nil` if there is none, or the sweep is to end.
  private func next(_ state: borrowing Mutex<State>) -> Int? {
    state.withLock { state in
      guard state.goesOn, !state.waiting.isEmpty else { return nil }
      guard policy.limits?.beginRun() ?? true else {
        state.isEnded = true
        return nil
      }
      return state.waiting.popFirst()
    }
  }

  /// What a run threw, in contrast to what recording its result threw.
  private struct RunFailure: Error {
    let error: any Error
  }

  /// Carries out a run and records it.
  private func carryOut(
    _ configuration: Configuration, at index: Int, _ workers: Workers,
    _ perform: (Configuration, Workers, (Double) -> Void) throws -> Outcome
  ) throws -> Outcome {
    var reported = 0.0
    let outcome: Outcome
    observer?.began(run: index, configuration.title)
    defer { observer?.ended(run: index) }
    do {
      outcome = try perform(configuration, workers) { share in
        reported += share
        observer?.advanced(run: index, to: reported)
        observer?.advanced(runs: 0, work: share * configuration.work)
      }
    } catch let stop as RunStopped {
      throw stop
    } catch {
      try failures?.note(
        FailureLog.Failure(
          key: configuration.key,
          run: String(decoding: try JSONText.encoder.encode(configuration), as: UTF8.self),
          problem: "\(error)", at: Provenance.now()))
      observer?.finished(loss: nil, isFailure: true)
      throw RunFailure(error: error)
    }
    if outcome.isFinal, try journal?.line(key: configuration.key) == nil {
      try journal?.append(configuration, outcome)
    }
    try failures?.forget(key: configuration.key)
    observer?.finished(loss: outcome.comparedLoss, isFailure: false)
    observer?.advanced(runs: 1, work: (1 - reported) * configuration.work)
    return outcome
  }

  /// The failures of runs that failed before, by their positions.
  private func earlierFailures(
    of configurations: [Configuration], _ waiting: [Int]
  ) throws -> [Int: any Error] {
    guard let failures else { return [:] }
    var earlier: [Int: any Error] = [:]
    for index in waiting {
      guard let failure = failures.failure(key: try configurations[index].key) else { continue }
      earlier[index] = Problem(problem: failure.problem, remedy: "")
    }
    return earlier
  }

  private func problem(
    _ count: Int, _ runs: Int, _ stage: String, _ first: any Error
  ) -> Problem {
    let message = (first as? Problem).map { $0.remedy.isEmpty ? $0.problem : "\($0)" } ?? "\(first)"
    return Problem(
      problem: "\(count) of \(runs) runs of the stage \(stage) failed, the first with: \(message)",
      remedy:
        "fix that and continue with \(Provenance.program) resume DIR \(Setting.retry); the others are kept, and failures.jsonl lists each failure"
    )
  }
}

/// Observes the progress of a sweep. Called from any thread.
public protocol SweepObserver: Sendable {
  /// A stage begins.
  func began(_ stage: SweepStage)
  /// A run begins, identified by its position in the stage.
  func began(run: Int, _ title: String)
  /// This share of a run is done.
  func advanced(run: Int, to share: Double)
  /// A run is over.
  func ended(run: Int)
  /// Runs were finished, and work was done.
  func advanced(runs: Int, work: Double)
  /// A run ended with a loss, infinite if it diverged, or failed; `nil` if it has no loss.
  func finished(loss: Double?, isFailure: Bool)
  /// The stage is over.
  func ended()
}

extension SweepObserver {
  /// Nothing.
  public func began(run: Int, _ title: String) {}
  /// Nothing.
  public func advanced(run: Int, to share: Double) {}
  /// Nothing.
  public func ended(run: Int) {}
  /// Nothing.
  public func finished(loss: Double?, isFailure: Bool) {}
}

/// A stage of a sweep: runs that can all be carried out now.
public struct SweepStage: Sendable {
  /// The name of the stage.
  public let name: String
  /// Its runs, and their work in the runs' unit.
  public let runs: Int, work: Double
  /// The part done by an earlier process.
  public let runsDone: Int, workDone: Double
}
