import Console
import Findings
import Plumbline

/// A command of a program of studies: a claim, what it predicts, and what is measured.
///
/// An ``Experiment`` is one; ``Claim`` turns a ``ClaimStudy``, which only chooses its sampling, into one.
public protocol Study: Sendable {
  /// The name of the command.
  var name: String { get }
  /// The claim in one sentence.
  var claim: String { get }
  /// Whether its checks can refute the claim; if not, it explores, and `all` leaves it out.
  var makesClaim: Bool { get }
  /// The publication.
  var source: String { get }
  /// The derivation of the claim, in a few sentences; empty if there is nothing to derive.
  var derivation: String { get }
  /// The topic.
  var topic: StudyTopic { get }
  /// The cost of the quick and the full form on two cores, in words.
  var cost: (quick: String, full: String) { get }
  /// What a reader changes to change the study, and where it is.
  var declaration: String { get }
  /// The command as explained in its help, with the study's own options; ``StudyOptions`` adds the common ones.
  var command: Command { get }
  /// The kind of the lines in `runs.jsonl` in folders of earlier versions.
  var runKind: any RunConfiguration.Type { get }

  /// What is requested of it.
  associatedtype Request: StudyRequest

  /// The request made by the options: everything is read and checked here, before anything is written.
  func request(_ options: ParsedOptions) throws -> Request
}

extension Study {
  /// Nothing to derive.
  public var derivation: String { "" }
  /// The declaration of an experiment, which may be anywhere in its program.
  public var declaration: String { "Experiment(\"\(name)\", ...)" }
  /// A study makes a claim.
  public var makesClaim: Bool { true }
}

/// The topic of a study, in the order in which studies are listed.
public enum StudyTopic: String, Sendable, CaseIterable {
  /// The effect of random weights on a network before any training.
  case initialization
  /// What happens to signals and gradients over many layers.
  case signal
  /// The course of training.
  case optimization
  /// What blocks, skips and normalization change.
  case architecture
  /// Recent proposals.
  case frontier
}

/// What is requested of a study: its configuration and data, and how it is carried out.
public protocol StudyRequest: Sendable {
  /// The request, with every default filled in.
  associatedtype Configuration: Codable & Sendable
  /// The result.
  associatedtype Result: StudyResult

  /// The request, with every default filled in. Together with the data it determines every number of the result.
  var configuration: Configuration { get }
  /// The data; `nil` for a study that draws its own.
  var data: DataRecord? { get }
  /// Files that are read without being named by an option, such as data found in their usual folders.
  var inputs: [FileUse] { get }
  /// Identifies the request: folders are continued by requests with the same key.
  var sweepKey: String { get throws }
  /// Whether a folder with another request of this study contains a part of this one, so that it can be extended.
  ///
  /// - Throws: ``/Findings/Problem`` if it contains results that are not requested, and would be left out.
  func grows(from recorded: Configuration, data: DataRecord?) throws(Problem) -> Bool
  /// The folder of the results if `--out` is not given.
  var defaultFolder: String { get throws }

  /// Throws if this many runs at a time cannot be carried out on this machine; called before anything is written.
  func check(jobs: Int) throws

  /// Predicts and measures, with the same result every time, since the seeds are fixed.
  func result(in session: StudySession) throws -> Result

  /// The run of a line, repeated; `nil` if the study trains nothing, or does not include the run.
  func repeated(_ line: RunLine, workers: Workers) throws -> RepeatedRun?

  /// The largest number of parts of the study; `nil` if it cannot be divided.
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

/// A repeated run.
public struct RepeatedRun: Sendable {
  /// Its line as it is now.
  public let line: RunLine
  /// The values at its end.
  public let parameters: Parameters<Float>
}

/// The results of a study: a publication with predictions next to their measurements.
public protocol StudyResult: Publication {
  /// The predictions next to the measurements.
  var checks: [Check] { get }
  /// Whether the claim holds; `nil` if the results do not address it.
  var claimHolds: Bool? { get }
  /// The printed text.
  var text: String { get }
}
