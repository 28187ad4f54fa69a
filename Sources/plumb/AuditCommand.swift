import Console
import Foundation
import Verification

/// `plumb audit`: judges a hand-written backward pass.
enum AuditCommand {
  private static let zoo = Option(
    flag: "zoo",
    help: "audits the built-in zoo of wrong and right backward passes and prints its scores")

  static let command = Command(
    "audit", summary: "where a hand-written backward pass goes wrong first, and what was forgotten",
    options: [zoo])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    printZoo()
  }

  // MARK: The zoo

  private static func printZoo() -> ExitStatus {
    let scores = Zoo.scores()
    var table = Table("pass", "expected", "found", "verdict", "place", "cause")
    func mark(_ isRight: Bool?) -> String { isRight.map { $0 ? "right" : "WRONG" } ?? "" }
    for score in scores {
      let expected = score.animal.expectation.map { "\($0.quantity) \($0.cause.rawValue)" }
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
    print(line("verdict right", scores.map(\.isVerdictRight)))
    print(line("first divergence right", wrong.map { $0.isPlaceRight ?? false }))
    print(line("cause right, single mistakes", single.map { $0.isCauseRight ?? false }))
    print(
      line(
        "cause right, several mistakes",
        wrong.filter { $0.animal.mutations.count > 1 }.map { $0.isCauseRight ?? false }))
    print(
      "false alarms: \(rights.count { $0.report?.verdict == .fail }) of \(rights.count) right passes"
    )
    return scores.allSatisfy(\.isVerdictRight) ? .done : .answerIsNo
  }
}
