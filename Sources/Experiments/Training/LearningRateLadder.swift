import Console
import Diagnosis
import Findings
import Foundation
import Plumbline
import Synchronization
import Training

/// One training run at several learning rates, each a third of the one above: same seed, same initial
/// parameters, same batches, so that only the rate differs.
///
/// ```swift
/// let ladder = LearningRateLadder(run, rungs: 5)
/// let rungs = try ladder.rungs(jobs: 4)
/// print(LearningRateLadder.best(of: rungs).rate)
/// ```
public struct LearningRateLadder<Scalar: TrainableScalar>: Sendable {
  /// A rate, and the result of training with it.
  public struct Rung: Sendable {
    /// The learning rate.
    public let rate: Double
    /// The run at this rate, as if it had been carried out separately.
    public let run: DiagnosedResult<Scalar>

    /// Its result.
    public var result: TrainingResult<Scalar> { run.result }

    /// Whether a loss was not finite.
    public var isDiverged: Bool { result.divergedAtStep != nil || !decidingLoss.isFinite }

    /// The loss by which rungs are compared: the dev loss if there is one, else the train loss.
    public var decidingLoss: Double { (result.dev ?? result.train).loss }
  }

  /// The training; its own rate is the highest.
  public let run: TrainingRun<Scalar>
  /// The rates, from the highest down.
  public let rates: [Double]

  /// A ladder down from the rate of `run`, rounded to two digits: 0.54, 0.18, 0.06, 0.02, 0.0067.
  public init(_ run: TrainingRun<Scalar>, rungs count: Int) {
    guard count > 0, run.settings.learningRate > 0 else {
      fatalError("a ladder of \(count) rungs from the rate \(run.settings.learningRate)")
    }
    self.run = run
    rates = LearningRates.ladder(from: run.settings.learningRate, count: count)
  }

  /// The training at one of the rates.
  public func run(at rate: Double) -> TrainingRun<Scalar> {
    var run = run
    run.settings.learningRate = rate
    return run
  }

  /// The configuration of a run of the sweep.
  private struct RungConfiguration: RunConfiguration {
    let index: Int, settings: TrainingSettings
    var work: Double { 1 }
    var title: String { "rate \(NumberFormat.plain(settings.learningRate))" }
  }

  /// The outcome of a run of the sweep.
  private struct RungDone: RunOutcome {
    let index: Int
    /// What a later call needs; `nil` if the run was not completed, so that it is repeated.
    let run: KeptRun<Scalar>?
    var isFinal: Bool { run != nil }
  }

  /// The journal in which a ladder keeps its finished rungs, next to its future results.
  ///
  /// - Throws: ``/Findings/Problem`` if another process writes to it, or a line is damaged.
  public static func journal(in folder: ResultsFolder) throws(Problem) -> Journal {
    try Journal(in: folder, of: RungConfiguration.self, named: journalName)
  }

  /// Removes the journal of a ladder that is complete or to be redone.
  public static func removeJournal(in folder: ResultsFolder) {
    unlink(folder.file(journalName))
  }

  private static var journalName: String { "ladder.jsonl" }

  /// Trains at every rate, in parallel.
  ///
  /// - Parameters:
  ///   - jobs: The number of threads; it does not affect results.
  ///   - journal: Where finished rungs are kept and looked up; `nil` for nowhere.
  ///   - checkpoints: Where the rungs save their states; `nil` for nowhere.
  ///   - observer: Receives progress; `nil` for none.
  ///   - shouldStop: Called after every step; `true` ends all runs and keeps the results so far.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  /// - Complexity: That of one training run per rate.
  public func rungs(
    jobs: Int, journal: Journal? = nil,
    checkpoints: CheckpointFiles? = nil,
    observer: (any SweepObserver)? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> [Rung] {
    let results = Mutex<[Int: DiagnosedResult<Scalar>]>([:])
    let sweep = Sweep<RungConfiguration, RungDone>(jobs: jobs, journal: journal, observer: observer)
    let configurations = rates.indices.map {
      RungConfiguration(index: $0, settings: run(at: rates[$0]).settings)
    }
    let batches = try run.settings.batches(of: run.train.count)
    let steps = run.settings.steps(batchesPerEpoch: batches.batchesPerEpoch)
    let interval = max(1, steps / 100)
    let done = try sweep.outcomes(of: configurations, stage: "ladder") {
      configuration, workers, report in
      let rate = configuration.settings.learningRate
      let result = try run(at: rate).diagnosed(
        workers: workers, checkpoints: checkpoints?.part("\(rate)")
      ) { event in
        if case .step(let step, _) = event, (step + 1).isMultiple(of: interval) {
          report(Double(interval) / Double(steps))
        }
        return shouldStop()
      }
      results.withLock { $0[configuration.index] = result }
      return RungDone(index: configuration.index, run: try KeptRun(result))
    }
    let layout = run.initialParameters.layout
    return try results.withLock { results in
      try done.compactMap { done in
        let run = try results[done.index] ?? done.run?.result(layout)
        return run.map { Rung(rate: rates[done.index], run: $0) }
      }
    }
  }

  /// The rung with the smallest deciding loss; among equal ones, that with the smallest rate. One that diverged or was
  /// stopped comes after all others.
  public static func best(of rungs: [Rung]) -> Rung {
    var search = LearningRateSearch(grid: rungs.map(\.rate), widenings: 0)
    for rung in rungs {
      let isStopped = rung.result.ending == .stopped
      search.note(
        rung.rate,
        loss: rung.isDiverged
          ? .infinity : isStopped ? .greatestFiniteMagnitude : rung.decidingLoss)
    }
    guard let best = rungs.first(where: { $0.rate == search.best }) else {
      fatalError("the best of no rungs")
    }
    return best
  }
}
