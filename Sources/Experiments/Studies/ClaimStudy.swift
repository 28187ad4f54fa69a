import Console
import Findings
import Plots
import Plumbline

/// A published result on depth that a small machine can check, with only the amount of sampling and the draws to choose. One
/// file in `Research/` each, and one line in the list of the program.
///
/// ```swift
/// struct PathLengths: ClaimStudy {
///   static let name = "path-lengths"
///   static let claim = "the energy of the paths that take k of L branches is binomial"
///   static let source = "Veit et al. 2016 (arXiv:1605.06431)"
///   static let derivation = "Multiplying out Π(I + ηA) gives a path for each choice of blocks; ..."
///   static let control = "branches of twice the energy"
///   static let topic = StudyTopic.signal
///   static let cost = (quick: "2 s", full: "8 s")
///   let conditions: ClaimConditions
///
///   func result(in session: StudySession) throws -> CheckedClaim { ... }
/// }
/// ```
public protocol ClaimStudy: StudyRequest
where Configuration == ClaimConditions, Result == CheckedClaim {
  /// The name of the command.
  static var name: String { get }
  /// The claim in one sentence.
  static var claim: String { get }
  /// Who published it, or where it is derived.
  static var source: String { get }
  /// Where the claim comes from, in a few sentences with the formulas.
  static var derivation: String { get }
  /// How the law is broken if the study is its own control: what ``ClaimConditions/isControl`` changes, in words.
  static var control: String { get }
  /// What it is about.
  static var topic: StudyTopic { get }
  /// What the quick and the full form cost on two cores, in words.
  static var cost: (quick: String, full: String) { get }
  /// The kind of the lines of `runs.jsonl` in folders of earlier versions.
  static var runKind: any RunConfiguration.Type { get }
  /// How the claim is tested.
  var conditions: ClaimConditions { get }

  /// The study under conditions.
  init(conditions: ClaimConditions)
}

/// How a claim is tested: the amount of sampling, the draws, and whether the law is deliberately broken.
public struct ClaimConditions: Codable, Sendable, Hashable {
  /// The amount of sampling.
  public var effort: Effort
  /// The seed of the draws.
  public var seed = 1
  /// Whether the measurement deliberately breaks the law, so that the checks must fail: a check that cannot fail is worthless.
  public var isControl = false

  /// Conditions with the first draws and the law as claimed.
  public init(_ effort: Effort, seed: Int = 1, isControl: Bool = false) {
    self.effort = effort
    self.seed = seed
    self.isControl = isControl
  }

  /// The seed of one of several training runs, counted from 1: different for a different seed of the draws, for up to 999 runs.
  public func seed(of training: Int) -> Int { 1000 * seed + training }

  private enum CodingKeys: CodingKey { case effort, seed, isControl }

  /// Records of earlier versions state only the effort.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    effort = try container.decode(Effort.self, forKey: .effort)
    seed = try container.decodeIfPresent(Int.self, forKey: .seed) ?? 1
    isControl = try container.decodeIfPresent(Bool.self, forKey: .isControl) ?? false
  }
}

extension ClaimStudy {
  /// Measurements.
  public static var runKind: any RunConfiguration.Type { Measurement.self }
  /// The conditions.
  public var configuration: ClaimConditions { conditions }
  /// Name and conditions.
  public var sweepKey: String { Self.sweepKey(conditions) }
  /// A folder in `results`.
  public var defaultFolder: String { "results/\(Self.sweepKey(conditions))" }

  private static func sweepKey(_ conditions: ClaimConditions) -> String {
    "\(name)-\(conditions.effort.rawValue)" + (conditions.seed == 1 ? "" : "-\(conditions.seed)")
      + (conditions.isControl ? "-control" : "")
  }

  /// A figure of several panels, whose caption names the claim's source.
  ///
  /// - Parameters:
  ///   - panels: The panels, row by row.
  ///   - columns: The number of panels side by side; `nil` for all.
  ///   - title: What the figure as a whole shows.
  ///   - note: What a reader needs to know: the setting, and the meaning of intervals and dashed lines.
  ///   - width: The width of the whole figure in pixels; `nil` takes the widths of the panels.
  public static func figure(
    _ panels: [Chart], columns: Int? = nil, title: String, note: String, width: Double? = nil
  ) -> FigureGrid {
    FigureGrid(
      panels, columns: columns, title: title, caption: Caption(note, source: source), width: width)
  }

  /// The amount of sampling.
  public var effort: Effort { conditions.effort }
  /// Whether the law is deliberately broken.
  public var isControl: Bool { conditions.isControl }
  /// The root of the study's random numbers.
  public var key: Key { Key(seed: conditions.seed)[Self.name] }
}

/// A ``ClaimStudy`` as a command, without its own options.
public struct Claim<Kind: ClaimStudy>: Study {
  /// The command of a kind of study.
  public init() {}

  public var name: String { Kind.name }
  public var claim: String { Kind.claim }
  public var source: String { Kind.source }
  public var derivation: String { Kind.derivation }
  public var topic: StudyTopic { Kind.topic }
  public var cost: (quick: String, full: String) { Kind.cost }
  public var runKind: any RunConfiguration.Type { Kind.runKind }

  /// A type in a file of its own.
  public var declaration: String { "struct \(Kind.self), in \(Kind.self).swift next to main.swift" }

  /// The command with the options that every claim has.
  public var command: Command {
    Command(
      name, summary: claim,
      discussion:
        "Source: \(source). Exit status 1 means that a measurement missed its prediction by "
        + "more than the tolerance, as it must with \(Setting.control): \(Kind.control).",
      options: [ClaimOptions.seed, ClaimOptions.control],
      examples: [
        Command.Example("\(Provenance.program) \(name) \(Setting.quick)", "with fewer draws")
      ])
  }

  /// The study at the effort given by `--quick`, and under the conditions given by its own options.
  public func request(_ options: ParsedOptions) -> Kind {
    Kind(
      conditions: ClaimConditions(
        options[StudyOptions.quick] ? .quick : .full, seed: options[ClaimOptions.seed],
        isControl: options[ClaimOptions.control]))
  }
}

/// The options that every claim has.
enum ClaimOptions {
  static let seed = Option(
    "seed", "N", .integer(in: 0...1_000_000_000), default: 1,
    help: "a different set of random draws; the verdict must be the same")
  static let control = Option(
    flag: "control", help: "deliberately breaks the law: a check that cannot fail is worthless")
}

/// The amount of sampling in a study.
public enum Effort: String, Codable, Sendable {
  /// Enough to see the claim.
  case quick
  /// Comfortably enough for the stated tolerances.
  case full

  /// One of two numbers.
  public func choose(quick: Int, full: Int) -> Int { self == .quick ? quick : full }
}
