import Console
import Findings
import Foundation

/// `repeat`: how stable the verdicts of claims are, and whether their controls fail.
enum RepeatCommand {
  private static let names = Argument(
    list: "STUDY", .text,
    help: "the studies, by command name; by default all except experiments")
  private static let seeds = Option(
    "seeds", "N", .integer(in: 0...10_000), default: 20,
    help: "the number of sets of draws, not including the study's own; 0 for the controls only")

  static let command = Command(
    "repeat", summary: "repeats studies' verdicts under other seeds, and those of their controls",
    discussion:
      "A true claim should rarely be rejected, and its control, in which the law is deliberately broken, always. An "
      + "experiment, which retrains its networks for each set of draws, is repeated only if named. Exit "
      + "status 1 means that a claim was rejected for more than one seed in twenty, or that a control held.",
    arguments: [names], options: [seeds, StudyOptions.quick, StudyOptions.jobs, StudyOptions.json],
    examples: [
      Command.Example(
        "\(Provenance.program) repeat euler-limit --quick", "twenty other sets of draws")
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let repeatable = studies.compactMap { $0 as? any RepeatableStudy }
    let named =
      options[names].isEmpty
      ? repeatable.filter { $0.isRepeatedUnasked }.map { $0.name } : options[names]
    let chosen = try named.map { name throws(Problem) -> any RepeatableStudy in
      guard let study = repeatable.first(where: { $0.name == name }) else {
        throw Problem(
          problem: "there is no study \"\(name)\"",
          remedy: "give one of \(repeatable.map { $0.name }.joined(separator: ", "))")
      }
      return study
    }
    let effort: Effort = options[StudyOptions.quick] ? .quick : .full
    let jobs = options[StudyOptions.jobs] ?? ProcessInfo.processInfo.activeProcessorCount
    var outcomes: [Outcome] = []
    for study in chosen {
      // Seed 1 is the study's own.
      let rejections = try (2..<2 + options[seeds]).flatMap { seed in
        try study.failedChecks(ClaimConditions(effort, seed: seed), jobs: jobs).map { (seed, $0) }
      }
      let isControlRejected = try study.controlSummary.map { _ in
        try !study.failedChecks(ClaimConditions(effort, seed: 2, isControl: true), jobs: jobs)
          .isEmpty
      }
      let outcome = Outcome(
        study: study.name, seeds: options[seeds], rejected: Set(rejections.map(\.0)).count,
        failures: rejections.map { "seed \($0.0): \($0.1)" }, control: study.controlSummary,
        isControlRejected: isControlRejected)
      outcomes.append(outcome)
      // Many studies take an hour: what is known is kept if it is interrupted.
      print("\(outcome.study): rejected with \(outcome.rejected) of \(outcome.seeds) seeds")
      for failure in outcome.failures { print("  \(failure)") }
      fflush(nil)
      if let path = options[StudyOptions.json] {
        try AtomicFile.write(JSONText.prettyEncoder.encode(outcomes), to: path)
      }
    }
    print(table(outcomes).text(), terminator: "")
    return outcomes.allSatisfy(\.isStable) ? .done : .answerIsNo
  }

  /// The outcome of one study.
  private struct Outcome: Encodable {
    let study: String
    /// How many seeds, and with how many the claim was rejected.
    let seeds: Int, rejected: Int
    /// The checks that failed, with their seeds.
    let failures: [String]
    /// How the law is broken in the control, and whether that was rejected; `nil` for a study without one.
    let control: String?, isControlRejected: Bool?

    var isStable: Bool { rejected * 20 <= seeds && isControlRejected != false }
  }

  private static func table(_ outcomes: [Outcome]) -> Table {
    var table = Table([
      Table.Column("study", .left), "seeds", "rejected", Table.Column("control", .left),
      Table.Column("", .left),
    ])
    for outcome in outcomes {
      table.add(
        outcome.study, "\(outcome.seeds)", "\(outcome.rejected)",
        outcome.isControlRejected.map { $0 ? "rejected" : "HOLDS" } ?? "none",
        outcome.control ?? "")
    }
    return table
  }
}

/// A study whose verdict can be repeated under other conditions.
package protocol RepeatableStudy: Study {
  /// How the law is broken in its control, in words; `nil` if it has none.
  var controlSummary: String? { get }
  /// Whether it is repeated if no study is named.
  var isRepeatedUnasked: Bool { get }
  /// The checks that do not hold, in words.
  func failedChecks(_ conditions: ClaimConditions, jobs: Int) throws -> [String]
}

extension Claim: RepeatableStudy {
  package var controlSummary: String? { Kind.control }
  package var isRepeatedUnasked: Bool { true }

  package func failedChecks(_ conditions: ClaimConditions, jobs: Int) throws -> [String] {
    let study = Kind(conditions: conditions)
    return try study.result(in: StudySession(of: try study.sweepKey, jobs: jobs)).failedChecks
  }
}

extension StudyResult {
  /// The checks that do not hold, in words.
  var failedChecks: [String] {
    checks.filter { !$0.holds }.map {
      "\($0.quantity): \($0.measurement { NumberFormat.significant($0) }) and not \($0.prediction)"
    }
  }
}
