import Foundation
import Plumbline
import TestSupport
import Testing

/// System calls that fail end in a message, and lose nothing.
@Suite(
  .enabled(if: Attack.isMade, Attack.isLeftOut),
  .enabled(if: Attack.faults != nil, Attack.absence))
struct FaultTests {
  /// EIO, ENOSPC, EDQUOT, EFBIG, EINTR.
  private static let codes = [5, 28, 122, 27, 4]

  private func attack(_ victim: Victim, _ count: Int) throws {
    #expect(try victim.run("whole").isOrderly)
    let whole = try victim.content("whole")
    let kinds = ["write", "short", "fsync", "rename", "mkdir", "open", "any"]
    for number in 0..<count {
      let key = Attack.key("fault", number)
      let code = key["code"].choice(of: Self.codes)
      let fault = "\(kinds[number % kinds.count]):\(key.integer(in: 1...40)):\(code)"
      let out = "out-\(number)"
      let outcome = try victim.run(out, environment: Attack.environment(fault))
      #expect(outcome.isOrderly, "\(fault): \(outcome.error)")
      if outcome.status == 2 { #expect(!outcome.error.isEmpty, "\(fault)") }
      let again = try victim.run(out)
      #expect(again.isOrderly && again.status != 2, "\(fault): \(again.error)")
      #expect(try victim.content(out) == whole, "\(fault)")
    }
  }

  @Test("of a sweep") func sweep() throws { try attack(Victim.sweep(), 7 * Attack.scale) }

  @Test("of a training") func training() throws {
    try attack(Victim.training(), 7 * Attack.scale)
  }

  @Test("threads that the system refuses are done without")
  func threads() throws {
    for victim in [try Victim.sweep(), try Victim.training()] {
      #expect(try victim.run("whole").isOrderly)
      for first in 1...2 {
        let outcome = try victim.run(
          "few-\(first)", environment: Attack.environment("thread:\(first):11"))
        #expect(outcome.isOrderly && outcome.status != 2, "\(outcome.error)")
        #expect(try victim.content("few-\(first)") == victim.content("whole"))
      }
    }
  }
}
