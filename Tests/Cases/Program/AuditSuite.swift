import AuditCases
import Console
import Verification

/// How well `plumb audit` does: on its own cases, or on random passes.
enum AuditSuite: CaseSuite {
  private static let seeds = Option(
    "seeds", "N", .integer(in: 1...10_000), default: 1,
    help: "audits the own cases with the weights and data of so many seeds")
  private static let random = Option(
    "random", "N", .integer(in: 1...1_000_000),
    help: "audits N random passes with one mistake, N with two and N with three instead")
  private static let calibrate = Option(
    "calibrate", "N", .integer(in: 1...1_000_000),
    help:
      "measures on N random passes of each sort how often each cause is right, and prints it as source"
  )

  static let command = Command(
    "audit", summary: "hand-written backward passes with known mistakes, and right ones",
    options: [seeds, random, calibrate])

  static func run(_ options: ParsedOptions) -> ExitStatus {
    if let count = options[random] { return printRandom(count) }
    if let count = options[calibrate] {
      let measured = CauseCalibration.measured(
        on: CauseCalibration.cases(count), and: RandomStep.steps(count, seed: 1000))
      print(measured.source(passes: count))
      return .done
    }
    return printOwnCases(seeds: options[seeds])
  }

  private static func printOwnCases(seeds: Int) -> ExitStatus {
    let scores = (0..<seeds).flatMap { OwnCases.scores(seed: $0) }
    var table = Table("pass", "expected", "found", "verdict", "position", "cause")
    func mark(_ isRight: Bool?) -> String { isRight.map { $0 ? "right" : "WRONG" } ?? "" }
    // One seed is shown whole, and of many what went wrong.
    for score in scores
    where seeds == 1
      || !(score.isVerdictRight && score.isPlaceRight ?? true && score.isCauseRight ?? true)
    {
      let expected = score.auditCase.expectation.map { position, causes in
        "\(position) " + causes.map(\.rawValue).sorted().joined(separator: ", ")
      }
      table.add(
        score.auditCase.name, expected ?? score.auditCase.verdict.rawValue, score.answer,
        mark(score.isVerdictRight), mark(score.isPlaceRight), mark(score.isCauseRight))
    }
    print(table.text())
    func line(_ name: String, _ marks: [Bool]) -> String {
      let right = marks.count { $0 }
      return "\(name): \(right) of \(marks.count) ("
        + NumberFormat.percent(Double(right) / Double(max(marks.count, 1))) + ")"
    }
    let wrong = scores.filter { $0.auditCase.verdict == .fail }
    let single = wrong.filter { $0.auditCase.mutations.count == 1 }
    let rights = scores.filter { $0.auditCase.verdict != .fail }
    printCalibration(scores)
    print(line("verdict right", scores.map(\.isVerdictRight)))
    print(line("first divergence right", wrong.map { $0.isPlaceRight ?? false }))
    print(line("cause right, single mistakes", single.map { $0.isCauseRight ?? false }))
    print(
      line(
        "cause right, several mistakes",
        wrong.filter { $0.auditCase.mutations.count > 1 }.map { $0.isCauseRight ?? false }))
    let alarms = rights.count { $0.report?.verdict == .fail }
    print("false alarms: \(alarms) of \(rights.count) right passes")
    return scores.allSatisfy(\.isVerdictRight) ? .done : .answerIsNo
  }

  /// What was claimed with which confidence, and how much of it was right.
  private static func printCalibration(_ scores: [OwnCases.Score]) {
    let claims = scores.flatMap { score in
      score.report.map { CauseCalibration.Claim.all(in: $0, on: score.auditCase) } ?? []
    }
    for (low, high) in [(0, 0.8), (0.8, 0.95), (0.95, 1.01)] {
      let group = claims.filter { (low..<high).contains($0.cause.confidence) }
      guard !group.isEmpty else { continue }
      let mean = group.reduce(0) { $0 + $1.cause.confidence } / Double(group.count)
      let right = group.count(where: \.isRight)
      print(
        "causes claimed with confidence \(low) to \(min(high, 1)): \(group.count), mean "
          + "\(NumberFormat.fixed(mean, decimals: 3)), right "
          + NumberFormat.fixed(Double(right) / Double(group.count), decimals: 3))
    }
  }

  /// Scores on random passes; those that are judged wrongly are listed.
  private static func printRandom(_ count: Int) -> ExitStatus {
    var table = Table("mistakes", "passes", "verdict", "first divergence", "cause")
    var wrong = Table("pass", "expected", "found")
    for mistakes in 1...3 {
      let scores = RandomCases.cases(count, mistakes: mistakes).map(OwnCases.score)
      func share(_ isRight: (OwnCases.Score) -> Bool) -> String {
        NumberFormat.percent(Double(scores.count(where: isRight)) / Double(count))
      }
      table.add(
        "\(mistakes)", "\(count)", share(\.isVerdictRight), share { $0.isPlaceRight ?? false },
        share { $0.isCauseRight ?? false })
      for score in scores
      where !(score.isVerdictRight && score.isPlaceRight ?? true && score.isCauseRight ?? true) {
        wrong.add(
          score.auditCase.summary,
          score.auditCase.expectations.map { "\($0.quantity) \($0.cause.rawValue)" }
            .joined(separator: ", "), score.answer)
      }
    }
    print(wrong.text())
    print(table.text(), terminator: "")
    return .done
  }
}
