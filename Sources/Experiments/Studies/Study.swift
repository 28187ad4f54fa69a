import Console
import Findings
import Plumbline

/// A command of a program of studies: a claim, what it predicts, and what is measured.
///
/// An ``Experiment`` is one; a ``ClaimStudy``, which only chooses its sampling, is made one by ``Claim``.
public protocol Study: Sendable {
  /// The name of the command.
  var name: String { get }
  /// The claim in one sentence.
  var claim: String { get }
  /// Who published it.
  var source: String { get }
  /// Where the claim comes from, in a few sentences; empty if there is nothing to derive.
  var derivation: String { get }
  /// What it is about.
  var topic: StudyTopic { get }
  /// The cost of the quick and the full form on two cores, in words.
  var cost: (quick: String, full: String) { get }
  /// The command as its help explains it, with the study's own options; ``StudyOptions`` adds those of every study.
  var command: Command { get }
  /// What the lines of `runs.jsonl` are in folders of earlier versions.
  var runKind: any RunConfiguration.Type { get }

  /// What is requested of it.
  associatedtype Request: StudyRequest

  /// What the options ask for: everything is read and checked here, before anything is written.
  func request(_ options: ParsedOptions) throws -> Request
}

extension Study {
  /// Nothing to derive.
  public var derivation: String { "" }
}

/// What a study is about, in the order in which studies are listed.
public enum StudyTopic: String, Sendable, CaseIterable {
  /// What random weights do to a network before any training.
  case initialization
  /// What happens to signals and gradients over many layers.
  case signal
  /// How training goes.
  case optimization
  /// What blocks, skips and normalization change.
  case architecture
  /// Recent proposals.
  case frontier
}

/// What is requested of a study: its configuration and data, and how it is carried out.
public protocol StudyRequest: Sendable {
  /// What is requested, with every default filled in.
  associatedtype Configuration: Codable & Sendable
  /// What comes out.
  associatedtype Result: StudyResult

  /// What is requested, with every default filled in. Together with the data it determines every number of the result.
  var configuration: Configuration { get }
  /// The data; `nil` for a study that draws its own.
  var data: DataRecord? { get }
  /// Files that are read without being named by an option, such as data found in their usual folders.
  var inputs: [FileUse] { get }
  /// Identifies the request: folders are continued by requests with the same key.
  var sweepKey: String { get throws }
  /// Whether a folder that holds another request of this study holds a part of this one, so that it can grow into it.
  ///
  /// - Throws: ``/Findings/Problem`` if it contains results that are not requested, and would be left out.
  func grows(from recorded: Configuration, data: DataRecord?) throws(Problem) -> Bool
  /// The folder of the results where `--out` was not given.
  var defaultFolder: String { get throws }

  /// Throws if this many runs at a time cannot be carried out on this machine; called before anything is written.
  func check(jobs: Int) throws

  /// Predicts and measures, with the same result every time, since the seeds are fixed.
  func result(in session: StudySession) throws -> Result

  /// The run that a line holds, made again; `nil` if the study trains nothing, or does not ask for the run.
  func repeated(_ line: RunLine, workers: Workers) throws -> RepeatedRun?

  /// How many parts the study can have; `nil` if it cannot be divided.
  var partCount: Int? { get }

  /// Carries out the runs of a part.
  ///
  /// - Throws: ``/Findings/Problem`` if the study cannot be divided.
  func carryOut(_ part: Shard, in session: StudySession) throws
}

extension StudyRequest {
  /// It does not.
  public func grows(from recorded: Configuration, data: DataRecord?) -> Bool { false }
  /// None.
  public var data: DataRecord? { nil }
  /// Nothing to check.
  public func check(jobs: Int) {}
  /// It trains nothing.
  public func repeated(_ line: RunLine, workers: Workers) throws -> RepeatedRun? { nil }
  /// It cannot be divided.
  public var partCount: Int? { nil }
  /// It cannot be divided.
  public func carryOut(_ part: Shard, in session: StudySession) throws {
    throw Problem(
      setting: "shard", problem: "this study cannot be divided", remedy: "leave the option out")
  }
  /// None.
  public var inputs: [FileUse] { [] }
}

/// A run that was made again.
public struct RepeatedRun: Sendable {
  /// Its line as it is now.
  public let line: RunLine
  /// The values at its end.
  public let parameters: Parameters<Float>
}

/// What a study found: a publication with predictions next to their measurements.
public protocol StudyResult: Publication {
  /// The predictions next to the measurements.
  var checks: [Check] { get }
  /// Whether the claim holds; `nil` if the question was not asked.
  var claimHolds: Bool? { get }
  /// What is printed.
  var text: String { get }
}
