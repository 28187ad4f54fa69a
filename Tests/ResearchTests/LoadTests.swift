import Datasets
import Foundation
import TestSupport
import Testing

@testable import Experiments

/// Folders of many runs: `PLUMB_LOAD=100000 swift test -c release --filter LoadTests` states time and memory of as many.
/// The test that measures the memory of its program comes first: what is measured is the largest child so far.
@Suite(.serialized) struct LoadTests {
  private static let asked =
    ProcessInfo.processInfo.environment["PLUMB_LOAD"].flatMap { Int($0) }
  private static let count = asked ?? 2000

  /// The runs of the report, with one rate for all cells.
  private func reportRuns(of study: GridStudy, rate: Double) -> [GridRun] {
    study.cells.flatMap { cell in
      study.reportSeeds.map { study.run(cell, rate: rate, seed: $0, .report) }
    }
  }

  /// A folder in which all runs of a sweep are recorded, and nothing is drawn yet.
  private func recorded(
    _ folder: TemporaryFolder, _ configuration: GridConfiguration, _ words: [String] = []
  ) throws {
    try SmallDigits.write(to: folder)
    let digits = try LabelledSets(path: folder.file("digits")).train.named("mnist")
    let study = try GridStudy(
      configuration,
      trainingSet: Normalization(fitting: digits, scope: .global).applied(to: digits))
    let template = """
      {"train_loss":LOSS,"train_error":0.25,"diverged":false,"diverged_at_step":null,"epochs":[\
      {"epoch":1,"mean_batch_loss":2.5},{"epoch":2,"mean_batch_loss":2.25},{"epoch":3,"mean_batch_loss":2.125}],\
      "parameters":1234,"parameters_hash":"0123456789abcdef","diagnosis":[],"seconds":0.5}
      """
    var lines = Data()
    for (number, run) in reportRuns(of: study, rate: configuration.learningRates[0]).enumerated() {
      let text = template.replacing("LOSS", with: "\(1 + Double(number % 977) / 977)")
      let outcome = try JSONText.decoder.decode(GridOutcome.self, from: Data(text.utf8))
      lines += try RunLine(run, outcome).text + Data("\n".utf8)
    }
    try folder.write([UInt8](lines), as: "load/runs.jsonl")
    let record = StudyRecord<GridConfiguration, GridReport.Summary>(
      study: "depth", sweepKey: try study.sweepKey,
      provenance: Provenance(command: ["research"] + words),
      configuration: configuration, data: study.dataRecord)
    try ResultsFolder(path: folder.file("load")).write(json: record, to: "record.json")
  }

  /// `PLUMB_LOAD=100000` states what dividing among 1,000 tasks and joining them take.
  @Test("many recorded runs are opened, finished and reported in seconds and bounded memory")
  func manyRuns() throws {
    let folder = try TemporaryFolder()
    var configuration = GridConfiguration()
    (configuration.arms, configuration.depths) = ([.plain, .residual], [2, 4, 6, 8])
    (configuration.width, configuration.batch, configuration.steps) = (8, 32, 5)
    configuration.learningRates = [1e-3]
    configuration.reportSeeds = Self.count / 8
    try recorded(folder, configuration)
    let start = ContinuousClock.now
    let outcome = try ResearchProcess.run(
      [
        "depth", "--data", "digits", "--out", "load", "--arms", "plain,residual", "--depths",
        "2,4,6,8", "--width", "8", "--batch", "32", "--steps", "5", "--learning-rates", "1e-3",
        "--report-seeds", "\(configuration.reportSeeds)",
      ], in: folder)
    let seconds = start.duration(to: .now) / .seconds(1)
    #expect(outcome.status != 2 && !outcome.isKilled, "\(outcome.error)")
    #expect(outcome.output.contains("(\(Self.count) runs are there)"))
    #expect(folder.text("load/record.json")?.contains("\"complete\"") == true)
    #if os(Linux)
      guard Self.asked != nil else { return }
      // In KiB.
      var usage = rusage()
      getrusage(RUSAGE_CHILDREN.rawValue, &usage)
      let megabytes = Double(usage.ru_maxrss) * 1024 / 1e6
      print("\(Self.count) runs: \(seconds) s, \(megabytes) MB")
      #expect(seconds < 10 && megabytes < 300)
    #endif
  }

  @Test("the runs of many tasks are divided and joined in seconds and bounded memory")
  func manyTasks() throws {
    let folder = try TemporaryFolder()
    var configuration = GridConfiguration()
    (configuration.arms, configuration.depths) = ([.plain, .residual], [2, 4, 6, 8])
    (configuration.width, configuration.batch, configuration.steps) = (8, 32, 5)
    configuration.learningRates = [1e-3]
    // A cell for each pair of numbers of a factor's level and of the others: ten runs each.
    configuration.reportSeeds = 10
    let levels = max(1, Self.count / 80)
    configuration.factors = [Factor("steps", (1...levels).map { .number(Double($0)) })]
    let words = [
      "depth", "--data", "digits", "--out", "load", "--arms", "plain,residual", "--depths",
      "2,4,6,8", "--width", "8", "--batch", "32", "--steps", "5", "--learning-rates", "1e-3",
      "--report-seeds", "10", "--vary",
      "steps=" + (1...levels).map(String.init).joined(separator: ","),
    ]
    try recorded(folder, configuration, words)
    // What one machine has recorded becomes what the tasks have: each cell's runs in the file of its task.
    let tasks = max(2, min(1000, Self.count / 100))
    let lines = folder.lines("load/runs.jsonl")
    for task in 1...tasks {
      let own = stride(from: task - 1, to: lines.count / 10, by: tasks).flatMap {
        lines[10 * $0..<10 * $0 + 10]
      }
      try folder.write(
        own.map { $0 + "\n" }.joined(), as: "load/runs-\(task)-of-\(tasks).jsonl")
    }
    try FileManager.default.removeItem(atPath: folder.file("load/runs.jsonl"))
    func measured(_ words: [String], _ title: String) throws -> CommandProcess.Outcome {
      let start = ContinuousClock.now
      let outcome = try ResearchProcess.run(words, in: folder)
      let seconds = start.duration(to: .now) / .seconds(1)
      guard Self.asked != nil else { return outcome }
      #if os(Linux)
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        print(
          "\(title), \(lines.count) runs of \(tasks) tasks: \(seconds) s, at most \(usage.ru_maxrss / 1000) MB"
        )
      #endif
      return outcome
    }
    // A task that is queued again finds what all have done.
    let task = try measured(words + ["--shard", "2/\(tasks)"], "a task that is started again")
    #expect(task.status == 0, "\(task.error)")
    #expect(folder.lines("load/runs-2-of-\(tasks).jsonl").count <= lines.count / tasks + 10)
    let status = try measured(["status", "load"], "status")
    #expect(status.output.contains("runs: \(lines.count) ("), "\(status)")
    let joined = try measured(["collect", "load"], "collect")
    #expect(joined.status != 2 && !joined.isKilled, "\(joined.error)")
    #expect(folder.lines("load/runs.jsonl").count == lines.count)
  }
}
