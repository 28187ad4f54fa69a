import Datasets
import Foundation
import Plumbline
import TestSupport
import Testing

/// What `plumb train` puts out where things go another way than planned.
@Suite("plumb train: outputs")
struct TrainOutputTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let rows = (0..<12).map { "\($0),\(($0 * 5) % 7),\($0 % 2)" }
    try folder.write(rows.joined(separator: "\n") + "\n", as: "points.csv")
  }

  @Test("a standard output that takes nothing is not a success")
  func fullDevice() throws {
    // Linux has a device that is always full.
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let outcome = try CommandProcess.start(
      program: URL(fileURLWithPath: "/bin/sh"),
      [
        "-c", "exec \"$0\" \"$@\" > /dev/full",
        CommandProcess.executable(named: "plumb").path, "train", "--data", "points.csv",
        "--network", "2,3,1", "--steps", "3", "--out", "run",
      ], in: folder.path
    ).outcome()
    #expect(outcome.status == 2 && outcome.error.contains("standard output"), "\(outcome.error)")
    #expect(folder.bytes("run/parameters.npz")?.isEmpty == false)
  }

  @Test("what was finished is printed too when a signal ends the training")
  func interruptedOutput() throws {
    let process = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      [
        "train", "--data", "points.csv", "--network", "2,16,1", "--steps", "100000000", "--out",
        "run",
      ], in: folder.path)
    for _ in 0..<2000 where folder.bytes("run/record.json") == nil {
      Thread.sleep(forTimeInterval: 0.02)
    }
    kill(process.identifier, SIGTERM)
    let outcome = try process.outcome()
    #expect(outcome.status == 130 && outcome.output.contains("diagnosis:"), "\(outcome.output)")
    #expect(folder.bytes("run/parameters.npz")?.isEmpty == false)
  }

  @Test("the normalization is kept next to the parameters that were trained with it")
  func normalization() throws {
    let outcome = try PlumbProcess.run(
      [
        "train", "--data", "points.csv", "--network", "2,3,1", "--normalize", "per-feature",
        "--steps", "3", "--out", "run",
      ], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    let file = try NPZFile(contentsOfFile: folder.file("run/normalization.npz"))
    let mean = try file.array(named: "mean").doubles()
    // 0, 5, 3, 1, 6, 4, 2, 0, 5, 3, 1, 6 add up to 36.
    #expect(mean == [5.5, 3])
    #expect(try file.array(named: "standard_deviation").doubles().allSatisfy { $0 > 0 })
    #expect(folder.text("run/runs.jsonl")?.contains(#""normalization":"per_feature""#) == true)
  }
}
