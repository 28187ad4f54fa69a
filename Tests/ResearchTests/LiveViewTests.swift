import Foundation
import TestSupport
import Testing

/// What a sweep shows while it is under way: on a terminal only.
@Suite struct LiveViewTests {
  private static let script = ["/usr/bin/script", "/bin/script"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static let steps = "40000"

  /// Runs that take long enough to be seen.
  private let words = [
    "depth", "--data", "digits", "--arms", "plain,unscaled", "--depths", "2", "--width", "6",
    "--batch", "32", "--steps", Self.steps, "--learning-rates", "1e-3,3", "--seeds", "1",
    "--report-seeds", "2", "--jobs", "2", "--out", "out",
  ]

  #if os(Linux)
    @Test(.enabled(if: script != nil, "the command script makes a terminal, and is not here"))
    func aTerminalShowsABarForEachRun() throws {
      let folder = try TemporaryFolder()
      try SmallDigits.write(to: folder)
      let program = try #require(Self.script)
      let line = ([try ResearchProcess.executable().path] + words).joined(separator: " ")
      let outcome = try CommandProcess.start(
        program: URL(fileURLWithPath: program),
        ["-q", "-e", "-c", "stty cols 100 rows 20; \(line)", "/dev/null"], in: folder.path,
        environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8"]
      ).outcome()
      let text = outcome.output
      // A bar for the stage with the best loss, and below it one for each run; then the cursor is at the first again.
      #expect(text.contains("plain, depth 2, width 6, rate ") && text.contains("tuning"), "\(text)")
      #expect(text.contains("best ") && text.contains("\u{1B}[1A") || text.contains("\u{1B}[2A"))
      #expect(text.contains("\r\u{1B}[J") && text.contains("paired difference from plain"))
    }
  #endif

  @Test func aPipeShowsNothing() throws {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    let outcome = try ResearchProcess.run(words, in: folder)
    #expect(outcome.error.isEmpty && !outcome.output.contains("\u{1B}"))
  }
}
