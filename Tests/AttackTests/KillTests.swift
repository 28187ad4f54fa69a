import Foundation
import Plumbline
import TestSupport
import Testing

/// Programs that are killed, at any time and before any call, lose nothing that was finished, and end with the same bytes.
@Suite(.enabled(if: Attack.isMade, Attack.isLeftOut)) struct KillTests {
  @Test("a sweep that is killed at random moments ends with the same bytes")
  func randomMoments() throws {
    let victim = try Victim.sweep()
    let start = ContinuousClock.now
    #expect(try victim.run("whole").isOrderly)
    let seconds = start.duration(to: .now) / .seconds(1)
    let whole = try victim.content("whole")
    for number in 0..<Attack.scale {
      let key = Attack.key("kill", number)
      let out = "killed-\(number)"
      // Killed again and again, until it has had the time to end.
      for round in 0..<4 {
        let process = try victim.start(out)
        usleep(UInt32(key.uniform(at: round) * seconds * 1e6))
        kill(process.identifier, SIGKILL)
        _ = try process.outcome()
      }
      let outcome = try victim.run(out)
      #expect(outcome.isOrderly, "\(outcome.error)")
      #expect(try victim.content(out) == whole, Attack.comment("kill", number))
    }
  }

  @Test(
    "long runs that are killed, also while they keep their state, go on and end with the same bytes"
  )
  func statesOfLongRuns() throws {
    for victim in [try Victim.longSweep(), try Victim.longTraining()] {
      let start = ContinuousClock.now
      #expect(try victim.run("whole").isOrderly)
      let seconds = start.duration(to: .now) / .seconds(1)
      let whole = try victim.content("whole")
      for number in 0..<Attack.scale {
        let key = Attack.key("state", number)
        let out = "killed-\(number)"
        for round in 0..<3 {
          let process = try victim.start(out, ["--checkpoint", "0"])
          usleep(UInt32((0.2 + 0.7 * key.uniform(at: round)) * seconds * 1e6))
          kill(process.identifier, SIGKILL)
          _ = try process.outcome()
        }
        let hasState = victim.folder.content().keys.contains { $0.hasSuffix(".checkpoint") }
        let outcome = try victim.run(out)
        #expect(outcome.isOrderly && outcome.status != 2, "\(outcome.error)")
        let goesOn = outcome.output.contains(/(resumes|continues?) from/)
        // Killed between its last result and the removal of its state, a run is complete.
        let isComplete = outcome.output.contains("already there")
        #expect(goesOn == hasState || isComplete, "\(outcome.output)")
        #expect(try victim.content(out) == whole, Attack.comment("state", number))
      }
    }
  }

  @Test(
    "a long run that is killed just before a system call goes on",
    .enabled(if: Attack.faults != nil, Attack.absence))
  func systemCallsOfStates() throws {
    let victim = try Victim.longTraining()
    #expect(try victim.run("whole").isOrderly)
    let whole = try victim.content("whole")
    for number in 0..<2 * Attack.scale {
      let call = Attack.key("state-call", number).integer(in: 8...60)
      let out = "killed-\(number)"
      _ = try victim.run(
        out, ["--checkpoint", "0"], environment: Attack.environment("kill:\(call):0"))
      let outcome = try victim.run(out, ["--checkpoint", "0"])
      #expect(outcome.isOrderly, "\(outcome.error)")
      #expect(try victim.content(out) == whole, "before call \(call)")
    }
  }

  @Test(
    "on a disk that is full a sweep ends with a message, and goes on where there is room again",
    .enabled(if: SmallDisk.canBeMounted, "needs the right to mount a file system"))
  func fullDisk() throws {
    let victim = try Victim.sweep()
    #expect(try victim.run("whole").isOrderly)
    let whole = try victim.content("whole")
    // Room for a folder and some lines, and for the record in addition.
    for kilobytes in [4, 16] {
      let name = "disk-\(kilobytes)"
      let disk = try SmallDisk(victim.folder.file(name), kilobytes: kilobytes)
      let outcome = try victim.run("\(name)/out", ["--checkpoint", "0"])
      #expect(outcome.status == 2 && !outcome.error.isEmpty, "\(outcome)")
      try disk.grow(kilobytes: 10_000)
      #expect(try victim.run("\(name)/out").isOrderly)
      // Lists of files end at another file system.
      try FileManager.default.copyItem(
        atPath: victim.folder.file("\(name)/out"), toPath: victim.folder.file("copy-\(kilobytes)"))
      #expect(try victim.content("copy-\(kilobytes)") == whole, "\(kilobytes) kB")
    }
  }

  @Test(
    "a sweep that is killed just before a system call ends with the same bytes",
    .enabled(if: Attack.faults != nil, Attack.absence))
  func systemCalls() throws {
    let victim = try Victim.sweep()
    #expect(try victim.run("whole").isOrderly)
    let whole = try victim.content("whole")
    for number in 0..<4 * Attack.scale {
      let call = Attack.key("call", number).integer(in: 1...90)
      let out = "killed-\(number)"
      _ = try victim.run(out, environment: Attack.environment("kill:\(call):0"))
      let outcome = try victim.run(out)
      #expect(outcome.isOrderly, "\(outcome.error)")
      #expect(try victim.content(out) == whole, "before call \(call)")
    }
  }

  @Test(
    "a finished training that is killed while it is replaced is the old or the new one",
    .enabled(if: Attack.faults != nil, Attack.absence))
  func replacedTrainings() throws {
    let victim = try Victim.training()
    #expect(try victim.run("whole").isOrderly)
    let whole = try victim.content("whole")
    for number in 0..<4 * Attack.scale {
      let out = "killed-\(number)"
      #expect(try victim.run(out).isOrderly)
      let call = Attack.key("replaced", number).integer(in: 1...60)
      _ = try victim.run(out, ["--force"], environment: Attack.environment("kill:\(call):0"))
      // The next call of any kind puts in order what was committed.
      let outcome = try victim.run(out)
      #expect(outcome.isOrderly && outcome.status == 0, "\(outcome.error)")
      #expect(try victim.content(out) == whole, "before call \(call)")
    }
  }
}
