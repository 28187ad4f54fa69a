import Console
import Findings

/// A published result on depth that a small machine can check: a claim, what it predicts, and what is measured. One file in
/// `Research/` each, and one line in the list of the program.
///
/// A study whose only choice is how much it samples is a ``ClaimStudy``, which asks for less.
public protocol Study: Sendable {
  /// The name of the command.
  static var name: String { get }
  /// The claim in one sentence.
  static var claim: String { get }
  /// Who published it.
  static var source: String { get }
  /// What the quick and the full form cost on two cores, in words.
  static var cost: (quick: String, full: String) { get }
  /// The command as its help explains it, with the study's own options; ``StudyOptions`` adds those of every study.
  static var command: Command { get }
  /// What the lines of `runs.jsonl` are in folders of earlier versions.
  static var runKind: any RunConfiguration.Type { get }

  /// What is asked, with every default filled in.
  associatedtype Configuration: Codable & Sendable
  /// What comes out.
  associatedtype Result: StudyResult

  /// The study that the options ask for: everything is read and checked here, before anything is written.
  init(_ options: ParsedOptions) throws

  /// See ``Configuration``. Together with the data it determines every number of the result.
  var configuration: Configuration { get }
  /// The data; `nil` for a study that draws its own.
  var data: DataRecord? { get }
  /// The files that are read and that no option names, such as data found in their usual folders.
  var inputs: [FileUse] { get }
  /// What tells two requests apart: folders are continued by requests of one key.
  var sweepKey: String { get throws }
  /// Whether a folder that holds another request of this study holds a part of this one, so that it can grow into it.
  ///
  /// - Throws: ``Problem`` where it holds what is not asked for, and would be left behind.
  func grows(from recorded: Configuration, data: DataRecord?) throws(Problem) -> Bool
  /// The folder of the results where `--out` was not given.
  var defaultFolder: String { get throws }

  /// Throws where so many runs at a time cannot be carried out on this machine; called before anything is written.
  func check(jobs: Int) throws

  /// Predicts and measures. The same result every time: the seeds are fixed.
  func result(in session: StudySession) throws -> Result
}

extension Study {
  /// Measurements, which all new studies record.
  public static var runKind: any RunConfiguration.Type { Measurement.self }
  /// It does not.
  public func grows(from recorded: Configuration, data: DataRecord?) -> Bool { false }
  /// None.
  public var data: DataRecord? { nil }
  /// Nothing to check.
  public func check(jobs: Int) {}
  /// None.
  public var inputs: [FileUse] { [] }
}

/// What a study found: a publication with predictions next to their measurements.
public protocol StudyResult: Publication {
  /// The predictions next to the measurements.
  var checks: [Check] { get }
  /// Whether the claim holds; `nil` where the question was not asked.
  var claimHolds: Bool? { get }
  /// What is printed.
  var text: String { get }
}

/// A study whose only choice is how much it samples.
public protocol ClaimStudy: Study where Configuration == EffortChoice, Result == CheckedClaim {
  /// How much it samples.
  var effort: Effort { get }

  /// The study at an effort.
  init(effort: Effort)
}

/// The configuration of a study whose only choice is how much it samples.
public struct EffortChoice: Codable, Sendable, Hashable {
  /// How much it samples.
  public let effort: Effort
}

extension ClaimStudy {
  /// The command without options of its own.
  public static var command: Command {
    Command(
      name, summary: claim,
      discussion:
        "Source: \(source). Exit status 1 means that a measurement missed its prediction by "
        + "more than the tolerance.",
      examples: [Command.Example("research \(name) --quick", "with fewer draws")])
  }

  /// The study at the effort that `--quick` asks for.
  public init(_ options: ParsedOptions) {
    self.init(effort: options[StudyOptions.quick] ? .quick : .full)
  }

  /// The effort.
  public var configuration: EffortChoice { EffortChoice(effort: effort) }
  /// Name and effort.
  public var sweepKey: String { "\(Self.name)-\(effort.rawValue)" }
  /// In `results`.
  public var defaultFolder: String { "results/\(Self.name)-\(effort.rawValue)" }
}

/// How much a study samples.
public enum Effort: String, Codable, Sendable {
  /// Enough to see the claim.
  case quick
  /// Enough for the stated tolerances with room.
  case full

  /// One of two numbers.
  public func choose(quick: Int, full: Int) -> Int { self == .quick ? quick : full }
}
