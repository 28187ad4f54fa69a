import AuditCases
import Testing
import Verification

@Suite("The own cases of hand-written backward passes")
struct OwnCasesTests {
  /// Those of the first seed come first.
  #if DEBUG
    // Without optimization an audit takes seconds.
    static let scores = OwnCases.scores(every: 7)
  #else
    static let scores = (0..<2).flatMap { OwnCases.scores(seed: $0) }
  #endif

  private func list(_ scores: [OwnCases.Score]) -> String {
    scores.map { "\($0.auditCase.name): \($0.answer)" }.joined(separator: "\n")
  }

  @Test("has at least 60 wrong and 20 right ones")
  func size() {
    #expect(OwnCases.all.count { $0.verdict == .fail } >= 60)
    #expect(OwnCases.all.count { $0.verdict != .fail } >= 20)
    #expect(OwnCases.all.contains { $0.verdict == .kink })
    #expect(Set(OwnCases.all.map(\.name)).count == OwnCases.all.count)
  }

  @Test("every verdict is right, and there is no false alarm")
  func verdicts() {
    let wrong = Self.scores.filter { !$0.isVerdictRight }
    #expect(wrong.isEmpty, "\(list(wrong))")
  }

  @Test("the first divergence is right for 98 in 100")
  func locations() {
    let asked = Self.scores.filter { $0.isPlaceRight != nil }
    let wrong = asked.filter { $0.isPlaceRight == false }
    #expect(wrong.count * 100 <= 2 * asked.count, "\(list(wrong))")
  }

  @Test("the cause is right for 9 in 10 single mistakes")
  func causes() {
    let asked = Self.scores.filter { $0.isCauseRight != nil && $0.auditCase.mutations.count == 1 }
    let wrong = asked.filter { $0.isCauseRight == false }
    #expect(wrong.count * 10 <= asked.count, "\(list(wrong))")
  }
}
