import Foundation
import Training

/// One call of a study: the threads, and the journal in which everything that takes time is recorded, so that a stopped study
/// resumes where it was.
public final class StudySession: Sendable {
  /// The number of threads; it does not affect results.
  public let jobs: Int
  private let study: String
  private let journal: Journal?
  private let observer: (any SweepObserver)?
  private let isRecordOnly: Bool
  /// Where the results go; `nil` for nowhere.
  let folder: ResultsFolder?
  /// How to handle runs that fail or take long.
  let policy: SweepPolicy
  private let failures: FailureLog?

  /// A session of a study.
  ///
  /// - Parameters:
  ///   - study: The name of the study.
  ///   - jobs: The number of threads; it does not affect results.
  ///   - journal: Where finished work is recorded and looked up; `nil` for nowhere.
  ///   - observer: Receives progress; `nil` for none.
  ///   - isRecordOnly: Whether nothing is carried out, and a run that is not recorded is a ``/Findings/Problem``.
  ///   - folder: Where further files of runs go; `nil` for nowhere.
  ///   - policy: How to handle runs that fail or take long.
  public init(
    of study: String, jobs: Int = ProcessInfo.processInfo.activeProcessorCount,
    journal: Journal? = nil, observer: (any SweepObserver)? = nil, isRecordOnly: Bool = false,
    folder: ResultsFolder? = nil, policy: SweepPolicy = SweepPolicy()
  ) {
    self.policy = policy
    failures = folder.flatMap { folder in
      journal?.name.map { FailureLog(in: folder, journal: $0) }
    }
    self.folder = folder
    self.isRecordOnly = isRecordOnly
    self.study = study
    self.jobs = jobs
    self.journal = journal
    self.observer = observer
  }

  /// A sweep of runs of one kind.
  public func sweep<Configuration, Outcome>(
    of configurations: Configuration.Type, _ outcomes: Outcome.Type
  ) -> Sweep<Configuration, Outcome> {
    Sweep(
      jobs: jobs, journal: journal, observer: observer, isRecordOnly: isRecordOnly, policy: policy,
      failures: failures)
  }

  /// Where a run saves its state; `nil` for nowhere.
  func checkpoints(of run: some RunConfiguration) throws -> CheckpointFiles? {
    guard let folder else { return nil }
    let key = try run.key
    return CheckpointFiles(
      in: folder.checkpoints, named: key, identity: "\(key) \(Provenance.numericalVersion)",
      pace: policy.checkpoints)
  }

  /// One value for each name, measured in parallel, and recorded as they finish.
  ///
  /// - Parameters:
  ///   - names: The entry in the journal for each value.
  ///   - stage: A description of the values, for the progress display.
  ///   - measure: Measures the value of a position in `names`; its result must depend only on the name.
  public func values<Value: Codable & Sendable>(
    _ names: [String], stage: String, measure: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let measurements = names.enumerated().map {
      Measurement(study: study, quantity: $1, position: $0)
    }
    return try sweep(of: Measurement.self, Measurement.Outcome<Value>.self)
      .outcomes(of: measurements, stage: stage) { measurement, _, _ in
        let start = ContinuousClock.now
        let value = try measure(measurement.position)
        return .init(value: value, seconds: start.duration(to: .now) / .seconds(1))
      }
      .map(\.value)
  }

  /// One value, measured on all cores and recorded.
  public func value<Value: Codable & Sendable>(
    _ name: String, measure: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    try values([name], stage: name) { _ in try measure() }[0]
  }
}

/// Something that a study measures: a run of its journal.
public struct Measurement: RunConfiguration {
  /// The study, and a unique description of the measurement.
  public let study: String, quantity: String
  /// Its index within its stage; not part of its identity.
  fileprivate var position = 0

  private enum CodingKeys: CodingKey { case study, quantity }

  fileprivate init(study: String, quantity: String, position: Int) {
    self.study = study
    self.quantity = quantity
    self.position = position
  }

  /// The quantity.
  public var title: String { quantity }

  /// The same for all measurements.
  public var work: Double { 1 }

  /// The quantity.
  public static func summary(of line: RunLine) throws -> RunSummary {
    RunSummary(title: try line.configuration(as: Self.self).quantity)
  }

  /// The measurement.
  public struct Outcome<Value: Codable & Sendable>: RunOutcome {
    /// The value.
    public let value: Value
    /// The time that it took.
    public let seconds: Double
  }
}
