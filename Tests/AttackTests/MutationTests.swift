import Foundation
import Plumbline
import TestSupport
import Testing

/// Files of results that someone has changed: they are refused, or the change makes no difference.
@Suite struct MutationTests {
  @Test("a journal and a record with any byte changed, removed or repeated")
  func bytes() throws {
    let victim = try Victim.sweep()
    #expect(try victim.run("out").isOrderly)
    let whole = try victim.content("out")
    for number in 0..<6 * Attack.scale {
      let key = Attack.key("mutation", number)
      let name = number % 4 == 0 ? "out/record.json" : "out/runs.jsonl"
      let original = try #require(victim.folder.bytes(name))
      var bytes = original
      let index = key["index"].integer(in: 0...bytes.count - 1)
      switch number % 3 {
      case 0: bytes[index] = UInt8(key["byte"].integer(in: 0...255))
      case 1: bytes.remove(at: index)
      default: bytes.insert(bytes[index], at: index)
      }
      try victim.folder.write(bytes, as: name)
      let outcome = try victim.run("out")
      #expect(outcome.isOrderly, "\(outcome.error)")
      // Where it was accepted the result is that of what was recorded.
      if outcome.status != 2 {
        #expect(try victim.content("out") == whole, Attack.comment("mutation", number))
      }
      try victim.folder.write(original, as: name)
    }
  }
}
