import Testing
import Verification

@Suite("The zoo of hand-written backward passes")
struct ZooTests {
  private static let scores = Zoo.scores()

  @Test("has at least 60 wrong and 20 right ones")
  func size() {
    #expect(Zoo.cases.count { $0.verdict == .fail } >= 60)
    #expect(Zoo.cases.count { $0.verdict != .fail } >= 20)
    #expect(Set(Zoo.cases.map(\.name)).count == Zoo.cases.count)
  }

  @Test("every verdict is right, and there is no false alarm")
  func verdicts() {
    for score in Self.scores {
      #expect(score.isVerdictRight, "\(score.animal.name): \(score.answer)")
    }
  }

  @Test("the first divergence is right for 98 in 100")
  func places() {
    let asked = Self.scores.filter { $0.isPlaceRight != nil }
    let wrong = asked.filter { $0.isPlaceRight == false }
    #expect(
      wrong.count * 100 <= 2 * asked.count,
      "\(wrong.map { "\($0.animal.name): \($0.answer)" }.joined(separator: "\n"))")
  }

  @Test("the cause is right for 9 in 10 single mistakes")
  func causes() {
    let asked = Self.scores.filter { $0.isCauseRight != nil && $0.animal.mutations.count == 1 }
    let wrong = asked.filter { $0.isCauseRight == false }
    #expect(
      wrong.count * 10 <= asked.count,
      "\(wrong.map { "\($0.animal.name): \($0.answer)" }.joined(separator: "\n"))")
  }
}
