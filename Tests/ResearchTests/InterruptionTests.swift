import Foundation
import TestSupport
import Testing

@Suite struct InterruptionTests {
  /// About twenty-five runs of some hundredths of a second each.
  private let words = [
    "depth", "--data", "digits", "--arms", "plain,residual", "--depths", "2,4", "--width", "8",
    "--batch", "32", "--steps", "12", "--learning-rates", "1e-3,3e-3", "--seeds", "1",
    "--report-seeds", "3",
  ]

  /// The lines of a journal without what may vary.
  private func runs(_ folder: TemporaryFolder, _ out: String) throws -> Set<String> {
    Set(
      try folder.lines("\(out)/runs.jsonl").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        var fields = try #require(object as? [String: Any])
        for name in ["seconds", "host"] { fields[name] = nil }
        let data = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
      })
  }

  @Test func aStoppedSweepEndsWithTheSameBytes() throws {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    let whole = try ResearchProcess.run(words + ["--out", "whole"], in: folder)
    #expect(whole.status == 1)
    let all = try runs(folder, "whole")
    let csv = try #require(folder.bytes("whole/summary.csv"))

    for (signal, out) in [(SIGINT, "interrupted"), (SIGTERM, "ended"), (SIGKILL, "killed")] {
      let process = try ResearchProcess.start(words + ["--out", out], in: folder)
      while process.isRunning, folder.lines("\(out)/runs.jsonl").count < 5 { usleep(1000) }
      kill(process.identifier, signal)
      let outcome = try process.outcome()
      if signal == SIGKILL {
        #expect(outcome.isKilled && outcome.status == SIGKILL && outcome.error.isEmpty)
      } else {
        #expect(!outcome.isKilled && outcome.status == 130)
        #expect(outcome.error == "interrupted; what was finished is kept\n")
      }
      // What was finished is there, in whole lines, and nothing claims to be the result.
      let kept = try runs(folder, out)
      #expect(kept.count >= 5 && kept.count < all.count && kept.isSubset(of: all))
      #expect(folder.text("\(out)/runs.jsonl")?.hasSuffix("\n") == true)
      #expect(folder.bytes("\(out)/summary.csv") == nil)
      #expect(folder.text("\(out)/record.json")?.contains("\"running\"") == true)

      let resumed = try ResearchProcess.run(words + ["--out", out], in: folder)
      #expect(resumed.status == 1)
      #expect(resumed.output.contains("(\(kept.count) runs are there)"))
      #expect(folder.bytes("\(out)/summary.csv") == csv)
      #expect(try runs(folder, out) == all)
      #expect(folder.lines("\(out)/runs.jsonl").count == folder.lines("whole/runs.jsonl").count)
    }
  }
}
