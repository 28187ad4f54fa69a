import Console
import Verification

/// How well the audit itself does.
enum AuditScores {
  static func printZoo(seeds: Int) -> ExitStatus {
    let scores = (0..<seeds).flatMap { Zoo.scores(seed: $0) }
    var table = Table("pass", "expected", "found", "verdict", "place", "cause")
    func mark(_ isRight: Bool?) -> String { isRight.map { $0 ? "right" : "WRONG" } ?? "" }
    // One seed is shown whole, and of many what went wrong.
    for score in scores
    where seeds == 1
      || !(score.isVerdictRight && score.isPlaceRight ?? true && score.isCauseRight ?? true)
    {
      let expected = score.animal.expectation.map { place, causes in
        "\(place) " + causes.map(\.rawValue).sorted().joined(separator: ", ")
      }
      table.add(
        score.animal.name, expected ?? score.animal.verdict.rawValue, score.answer,
        mark(score.isVerdictRight), mark(score.isPlaceRight), mark(score.isCauseRight))
    }
    print(table.text())
    func line(_ name: String, _ marks: [Bool]) -> String {
      let right = marks.count { $0 }
      return "\(name): \(right) of \(marks.count) ("
        + NumberFormat.percent(Double(right) / Double(max(marks.count, 1))) + ")"
    }
    let wrong = scores.filter { $0.animal.verdict == .fail }
    let single = wrong.filter { $0.animal.mutations.count == 1 }
    let rights = scores.filter { $0.animal.verdict != .fail }
    printCalibration(scores)
    print(line("verdict right", scores.map(\.isVerdictRight)))
    print(line("first divergence right", wrong.map { $0.isPlaceRight ?? false }))
    print(line("cause right, single mistakes", single.map { $0.isCauseRight ?? false }))
    print(
      line(
        "cause right, several mistakes",
        wrong.filter { $0.animal.mutations.count > 1 }.map { $0.isCauseRight ?? false }))
    let alarms = rights.count { $0.report?.verdict == .fail }
    print("false alarms: \(alarms) of \(rights.count) right passes")
    return scores.allSatisfy(\.isVerdictRight) ? .done : .answerIsNo
  }

  /// What was claimed with which confidence, and how much of it was right.
  private static func printCalibration(_ scores: [Zoo.Score]) {
    let claims = scores.flatMap { score in
      score.report.map { CauseCalibration.Claim.all(in: $0, on: score.animal) } ?? []
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
  static func printRandom(_ count: Int) -> ExitStatus {
    var table = Table("mistakes", "passes", "verdict", "first divergence", "cause")
    var wrong = Table("pass", "expected", "found")
    for mistakes in 1...3 {
      let scores = RandomZoo.cases(count, mistakes: mistakes).map(Zoo.score)
      func share(_ isRight: (Zoo.Score) -> Bool) -> String {
        NumberFormat.percent(Double(scores.count(where: isRight)) / Double(count))
      }
      table.add(
        "\(mistakes)", "\(count)", share(\.isVerdictRight), share { $0.isPlaceRight ?? false },
        share { $0.isCauseRight ?? false })
      for score in scores
      where !(score.isVerdictRight && score.isPlaceRight ?? true && score.isCauseRight ?? true) {
        wrong.add(
          score.animal.summary,
          score.animal.expectations.map { "\($0.quantity) \($0.cause.rawValue)" }
            .joined(separator: ", "), score.answer)
      }
    }
    print(wrong.text())
    print(table.text(), terminator: "")
    return .done
  }
}
