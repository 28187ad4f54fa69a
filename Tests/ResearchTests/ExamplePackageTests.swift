import Foundation
import TestSupport
import Testing

/// The package of examples as it would be anywhere else: built, run, stopped, resumed and verified.
/// `PLUMB_EXAMPLES=1 swift test --filter ExamplePackageTests` builds it, which takes minutes.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["PLUMB_EXAMPLES"] != nil,
    "building a package takes minutes: PLUMB_EXAMPLES=1"))
struct ExamplePackageTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Research/Examples").standardizedFileURL.path

  @Test func experimentsOfAPackageOfOnesOwnHaveWhatTheBuiltInOnesHave() throws {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    let build = try CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"),
      ["swift", "build", "--package-path", Self.package, "--scratch-path", folder.file("build")],
      in: folder.path
    ).outcome()
    try #require(build.status == 0, "\(build.output)\n\(build.error)")
    func run(_ name: String, _ words: [String]) throws -> CommandProcess.Outcome {
      try CommandProcess.start(
        program: URL(fileURLWithPath: folder.file("build/debug/\(name)")), words, in: folder.path
      ).outcome()
    }
    for name in ["layer-scale", "hyper-connections"] {
      let help = try run(name, ["--help"])
      #expect(help.status == 0 && help.output.contains("--vary"), "\(help)")
      let words = [
        "--data", "digits", "--width", "6", "--batch", "32", "--steps", "5", "--depths", "2,4",
        "--learning-rates", "1e-3,3e-3", "--seeds", "1", "--report-seeds", "5", "--out", name,
      ]
      let sweep = try run(name, words)
      #expect(sweep.status != 2 && sweep.error.isEmpty, "\(sweep)")
      #expect(sweep.output.contains("paired difference from plain, seed by seed"))
      for file in ["record.json", "runs.jsonl", "summary.csv", "figure.svg", "report.html"] {
        #expect(folder.bytes("\(name)/\(file)") != nil, "\(file)")
      }
      #expect(try run(name, ["verify", name, "--runs", "3"]).output.contains("3 of 3 runs"))
      #expect(try run(name, ["resume", name]).status == sweep.status)
      #expect(try run(name, ["--dephts", "2"]).error.contains("did you mean --depths?"))
    }
  }
}
