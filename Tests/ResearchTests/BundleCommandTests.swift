import Datasets
import Foundation
import TestSupport
import Testing

/// Results in one file, which are verified where neither folder nor data are.
@Suite struct BundleCommandTests {
  private let folder: TemporaryFolder
  private let words = [
    "depth", "--data", "points.csv", "--width", "6", "--batch", "8", "--steps", "5", "--depths",
    "2",
    "--arms", "plain,arms/mine.json", "--learning-rates", "1e-3", "--report-seeds", "2", "--out",
    "out",
  ]

  init() throws {
    folder = try TemporaryFolder()
    let rows = (0..<40).map { "\($0),\(($0 * 5) % 7),\($0 % 2)" }
    try folder.write(rows.joined(separator: "\n") + "\n", as: "points.csv")
    try folder.write(
      """
      {"name": "mine", "layers": [{"layer": "dense", "outputs": "=width"}, {"repeat": "=depth", "layers": [
        {"layer": "tanh"}, {"layer": "dense", "outputs": "=width"}]}, {"layer": "dense", "outputs": "=classes"}]}
      """, as: "arms/mine.json")
  }

  private func run(_ words: [String]) throws -> CommandProcess.Outcome {
    try ResearchProcess.run(words, in: folder)
  }

  @Test func aBundleIsVerifiedWithoutItsFolder() throws {
    _ = try run(words)
    let made = try run(["bundle", "out"])
    #expect(made.status == 0 && made.output.contains("not packed: points.csv"), "\(made)")
    #expect(try run(["bundle", "out", "--out", "again.zip"]).status == 0)
    #expect(folder.bytes("again.zip") == folder.bytes("out.zip"))
    #expect(try run(["bundle", "out", "--with-data", "--out", "all.zip"]).status == 0)
    // The folder, the arm and the data are gone.
    for name in ["out", "arms"] { try FileManager.default.removeItem(atPath: folder.file(name)) }
    try FileManager.default.moveItem(
      atPath: folder.file("points.csv"), toPath: folder.file("moved.csv"))
    let all = try run(["verify", "all.zip", "--all"])
    #expect(all.status == 0 && all.output.contains("4 of 4 runs came out"), "\(all)")
    let missing = try run(["verify", "out.zip"])
    #expect(missing.status == 2 && missing.error.contains("--data"), "\(missing)")
    let shown = try run(["show", "all.zip"])
    let key = try #require(shown.output.split(separator: "\n").dropFirst(2).first?.prefix(16))
    let one = try run(["verify", "all.zip", "--run", String(key.prefix(8))])
    #expect(one.status == 0 && one.output.contains("1 of 1 runs came out"), "\(one)")
    #expect(try run(["status", "out.zip"]).output.contains("complete"))
    // Other data are not taken for these.
    try folder.write("1,2,0\n3,4,1\n5,6,0\n7,8,1\n9,9,0\n2,2,1\n3,3,0\n4,4,1\n", as: "points.csv")
    let other = try run(["verify", "out.zip", "--data", "points.csv"])
    #expect(other.status == 2 && other.error.contains("another sweep"), "\(other)")
  }

  @Test func whatIsNotABundleOrNotCompleteIsRefused() throws {
    _ = try run(words + ["--limit-runs", "1"])
    for (words, part) in [
      (["bundle", "out"], "not complete"), (["bundle", "nowhere"], "record.json"),
      (["verify", "points.csv"], "points.csv"), (["bundle", "out", "--out", "b.tar"], ".zip"),
    ] {
      let outcome = try run(words)
      #expect(outcome.status == 2 && outcome.error.contains(part), "\(outcome)")
    }
    // An archive that would write elsewhere.
    var writer = ZipWriter()
    try writer.add(
      "bundle.json", Array(#"{"format":1,"command":"","numerical_version":1,"inputs":[]}"#.utf8))
    try writer.add("inputs/1/../../../../escaped", Array("x".utf8))
    try folder.write([UInt8](writer.finished()), as: "bad.zip")
    let bad = try run(["verify", "bad.zip"])
    #expect(bad.status == 2 && bad.error.contains("never contains a file"), "\(bad)")
  }
}

/// Sweeps that are ended by a limit, and what is asked of a cluster.
@Suite struct LimitTests {
  private let folder: TemporaryFolder
  private let words = [
    "depth", "--data", "digits", "--width", "6", "--batch", "32", "--steps", "4", "--arms",
    "plain,residual", "--depths", "2,4", "--learning-rates", "1e-3,3e-3", "--seeds", "1",
    "--report-seeds", "2",
  ]

  init() throws {
    folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
  }

  private func run(_ words: [String]) throws -> CommandProcess.Outcome {
    try ResearchProcess.run(words, in: folder)
  }

  @Test func aLimitedSweepIsGoneOnWithToTheSameBytes() throws {
    _ = try run(words + ["--out", "whole"])
    let first = try run(words + ["--out", "out", "--limit-runs", "3"])
    #expect(first.status == 130 && first.output.contains("stopped by its limit"), "\(first)")
    #expect(folder.lines("out/runs.jsonl").count == 3)
    #expect(folder.text("out/record.json")?.contains("\"interrupted\"") == true)
    let second = try run(["resume", "out", "--limit-runs", "2"])
    #expect(second.status == 130 && folder.lines("out/runs.jsonl").count == 5, "\(second)")
    #expect(try run(["resume", "out", "--limit-time", "0.000001"]).status == 130)
    let last = try run(["resume", "out", "--limit-time", "1h"])
    #expect(last.status != 2 && last.error.isEmpty, "\(last)")
    #expect(folder.bytes("out/summary.csv") == folder.bytes("whole/summary.csv"))
    #expect(folder.text("out/record.json")?.contains("--limit") == false)
  }

  @Test(arguments: [
    (["--limit-time", "soon"], "90s"), (["--limit-runs", "0"], "--limit-runs"),
    (["--tasks", "4"], "--slurm"), (["--slurm", "--partition", "a b"], "--partition"),
    (["--checkpoint", "-1"], "--checkpoint"),
  ])
  func whatCannotBeIsRefused(more: [String], part: String) throws {
    let before = folder.content()
    let outcome = try run(words + ["--out", "out"] + more)
    #expect(outcome.status == 2 && outcome.error.contains(part), "\(outcome)")
    #expect(folder.content() == before)
  }

  /// With a program in place of sbatch, which says what it was given.
  @Test func aJobArrayIsSubmittedWithItsScript() throws {
    try folder.write("#!/bin/sh\necho \"$@\" > asked\necho '41;cluster'\n", as: "bin/sbatch")
    try folder.write("#!/bin/sh\nprintf 'RUNNING\\nPENDING\\nPENDING\\n'\n", as: "bin/squeue")
    for name in ["sbatch", "squeue"] { chmod(folder.file("bin/\(name)"), 0o755) }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let environment = ["PATH": folder.file("bin") + ":" + path]
    let outcome = try ResearchProcess.run(
      words + [
        "--out", "a b", "--slurm", "--tasks", "3", "--concurrency", "2", "--memory", "4G",
        "--time", "30", "--jobs", "2",
      ], in: folder, environment: environment)
    #expect(outcome.status == 0 && outcome.output.contains("job 41: 3 tasks"), "\(outcome)")
    let script = try #require(folder.text("a b/slurm.sh"))
    for line in [
      "#SBATCH --array=1-3%2\n", "#SBATCH --mem=4G\n", "#SBATCH --time=30\n", "#SBATCH --requeue\n",
      "#SBATCH --cpus-per-task=2\n", "--shard \"$SLURM_ARRAY_TASK_ID/3\" --jobs 2\n", "/a b' ",
    ] { #expect(script.contains(line), "\(line) in \(script)") }
    #expect(!script.contains("--slurm") && !script.contains("--memory"))
    let status = try ResearchProcess.run(["status", "a b"], in: folder, environment: environment)
    #expect(status.output.contains("job 41 of 3 tasks: 2 pending, 1 running"), "\(status)")
    // The tasks, as Slurm would start them.
    for task in 1...3 {
      let done = try CommandProcess.start(
        program: URL(fileURLWithPath: "/bin/sh"), [folder.file("a b/slurm.sh")], in: folder.path,
        environment: ["SLURM_ARRAY_TASK_ID": "\(task)"]
      ).outcome()
      #expect(done.status == 0, "\(done)")
    }
    _ = try run(words + ["--out", "whole"])
    #expect(try run(["collect", "a b"]).error.isEmpty)
    #expect(folder.bytes("a b/summary.csv") == folder.bytes("whole/summary.csv"))
    let claim = try run(["path-lengths", "--quick", "--out", "p", "--slurm"])
    #expect(claim.status == 2 && claim.error.contains("cannot be divided"), "\(claim)")
  }
}
