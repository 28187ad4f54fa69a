import Datasets
import Foundation
import TestSupport
import Testing

/// Runs for other tools, read by these where they are there.
@Suite struct ExportCommandTests {
  private let folder: TemporaryFolder
  private let words = [
    "depth", "--data", "digits", "--width", "6", "--batch", "32", "--steps", "20", "--depths",
    "2,4",
    "--arms", "plain,residual", "--learning-rates", "1e-3,3e-3", "--seeds", "1", "--report-seeds",
    "2", "--keep", "losses,layers", "--measure", "effective-depth,time,memory,gradient-ratio-end",
    "--out", "out",
  ]

  init() throws {
    folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    let outcome = try ResearchProcess.run(words, in: folder)
    try #require(outcome.status != 2, "\(outcome)")
  }

  private func python(_ script: String) throws -> CommandProcess.Outcome {
    try CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", script], in: folder.path
    ).outcome()
  }

  private static func has(_ module: String) -> Bool {
    (try? CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", "import \(module)"],
      in: "/tmp"
    ).outcome().status) == 0
  }

  @Test func arraysAndEventsAreWritten() throws {
    let outcome = try ResearchProcess.run(
      ["export", "out", "--npz", "runs.npz", "--tensorboard", "logs"], in: folder)
    #expect(outcome.status == 0 && outcome.output.contains("trainings"), "\(outcome)")
    let count = folder.lines("out/runs.jsonl").count
    let file = try NPZFile(contentsOfFile: folder.file("runs.npz"))
    #expect(try file.array(named: "train_loss").shape == [count])
    #expect(try file.array(named: "depth").doubles().allSatisfy { $0 == 2 || $0 == 4 })
    let logs = folder.content().keys.filter { $0.hasPrefix("logs/") && $0.contains("tfevents") }
    #expect(logs.count == count && logs.contains { $0.hasPrefix("logs/plain,depth=2,") })
    // Norms, layer by layer.
    let layers = folder.content().keys.filter { $0.hasSuffix("-layers.npz") }
    #expect(layers.count == 8)
    let norms = try NPZFile(contentsOfFile: folder.file(layers.sorted()[0]))
    #expect(
      try norms.array(named: "activation_end").shape == norms.array(named: "gradient_start").shape)
    let csv = try #require(folder.text("out/summary.csv")?.split(separator: "\n").first)
    #expect(csv.contains("effective_depth_median") && csv.contains("time_median"))
    // What differs from run to run is not among what is verified.
    let verified = try ResearchProcess.run(["verify", "out", "--runs", "3"], in: folder)
    #expect(verified.status == 0, "\(verified)")
    for (words, part) in [
      (["export", "out"], "--npz"), (["export", "digits", "--npz", "x.npz"], "neither a study"),
      (["export", "out", "--npz", "x.csv"], ".npz"),
    ] {
      let wrong = try ResearchProcess.run(words, in: folder)
      #expect(wrong.status == 2 && wrong.error.contains(part), "\(wrong)")
    }
  }

  @Test(.enabled(if: has("numpy"), "needs Python's numpy"))
  func numpyReadsTheArrays() throws {
    _ = try ResearchProcess.run(["export", "out", "--npz", "runs.npz"], in: folder)
    let outcome = try python(
      """
      import json, numpy as np
      runs = [json.loads(line) for line in open('out/runs.jsonl')]
      a = np.load('runs.npz')
      assert list(a['arm']) == [run['arm'] for run in runs], a['arm']
      assert list(a['phase']) == [run['phase'] for run in runs]
      assert list(a['key']) == ['k' + run['key'] for run in runs]
      assert np.array_equal(a['train_loss'], [run['train_loss'] for run in runs])
      assert np.array_equal(a['seed'], [run['seed'] for run in runs])
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test(.enabled(if: has("tensorboard"), "needs Python's tensorboard"))
  func tensorBoardReadsTheEvents() throws {
    _ = try ResearchProcess.run(["export", "out", "--tensorboard", "logs"], in: folder)
    let outcome = try python(
      """
      import glob, json
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      runs = {}
      for line in open('out/runs.jsonl'):
          run = json.loads(line)
          runs[run['key']] = run
      for path in glob.glob('logs/*'):
          log = EventAccumulator(path, size_guidance={'scalars': 0}); log.Reload()
          key = glob.glob(path + '/*')[0].rsplit('.', 1)[1]
          end = log.Scalars('end/train_loss')[-1].value
          assert abs(end - runs[key]['train_loss']) < 1e-6 * end, (end, runs[key]['train_loss'])
          if runs[key]['phase'] == 'report':
              assert [event.step for event in log.Scalars('loss/batch')] == list(range(20))
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
  }
}
