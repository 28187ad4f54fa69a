import Console
import Findings
import Plumbline

/// A command line's request to an ``Experiment``.
public struct GridRequest: StudyRequest {
  private let experiment: Experiment
  private let study: GridStudy
  private let reference: Arm
  private let files: [String]
  private let kept: Set<KeptContent>
  private let showsCurves: Bool

  init(
    _ experiment: Experiment, _ configuration: GridConfiguration, reference: String,
    data: [(condition: Condition, data: StudyData)], keeping kept: Set<KeptContent> = [],
    showsCurves: Bool = false
  ) throws {
    self.kept = showsCurves ? kept.union([.losses]) : kept
    self.showsCurves = showsCurves
    self.experiment = experiment
    files = data.flatMap(\.data.files)
    study = try GridStudy(
      configuration, GridSets(data), measures: experiment.measures + Measure.standard)
    guard let arm = configuration.arms.first(where: { $0.rawValue == reference }) else {
      throw Problem(
        setting: "reference", problem: "\(reference) is not among the arms",
        remedy: "give one of " + configuration.arms.map(\.rawValue).joined(separator: ", "))
    }
    self.reference = arm
  }

  public var configuration: GridConfiguration { study.configuration }
  public var data: DataRecord? { study.dataRecord }
  public var inputs: [FileUse] { files.map { .reads($0, "the data") } }
  public var sweepKey: String { get throws { try study.sweepKey } }
  /// The seeds of the search, and those of the report.
  public var seeds: [Int] { study.tuningSeeds + study.reportSeeds }
  public var defaultFolder: String {
    get throws { "results/\(experiment.name)-\(try sweepKey.prefix(8))" }
  }

  public func grows(from recorded: GridConfiguration, data: DataRecord?) throws(Problem) -> Bool {
    try study.grows(from: recorded, data: data)
  }

  public var partCount: Int? { study.cells.count }

  public func check(jobs: Int) throws { try study.checkMemory(jobs: jobs) }

  public func carryOut(_ part: Shard, in session: StudySession) throws {
    try study.carryOut(part, in: session, keeping: keptRuns(session))
  }

  public func repeated(_ line: RunLine, workers: Workers) throws -> RepeatedRun? {
    try study.repeated(line, workers: workers)
  }

  /// Where something is kept of each run; `nil` if nothing is, or there is no folder.
  private func keptRuns(_ session: StudySession) throws -> KeptRuns? {
    guard !kept.isEmpty, let folder = session.folder else { return nil }
    return try KeptRuns(kept, in: folder)
  }

  public func result(in session: StudySession) throws -> GridReport {
    let keptRuns = try keptRuns(session)
    let results = try study.results(in: session, keeping: keptRuns).comparing(
      with: reference.rawValue, experiment.predictions)
    var report = GridReport(
      results, configuration: configuration, dataStatement: study.dataRecord.statement,
      pairingNotes: study.pairingNotes(reference: reference), titles: experiment.titles,
      source: experiment.source)
    report.measures = study.measures
    if showsCurves, let keptRuns {
      report.learningCurves = try study.learningCurves(results, keptRuns)
    }
    return report
  }
}
