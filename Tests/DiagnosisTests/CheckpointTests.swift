import Datasets
import Foundation
import Networks
import Plumbline
import TestSupport
import Testing

@testable import Diagnosis
@testable import Training

/// A run that is stopped and goes on from the state that it kept is the run that was never stopped, to the bit.
@Suite struct CheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func files(_ identity: String = "run", _ pace: CheckpointFiles.Pace = .always)
    -> CheckpointFiles
  {
    CheckpointFiles(in: folder.file("states"), named: "k", identity: identity, pace: pace)
  }

  private func network(_ extra: [String] = []) throws -> Network {
    let layers =
      ["{\"layer\": \"dense\", \"outputs\": 5}"] + extra + [
        "{\"layer\": \"relu\"}", "{\"layer\": \"dense\", \"outputs\": 3}",
      ]
    return try NetworkDescription(
      json: "{\"input\": [4], \"layers\": [\(layers.joined(separator: ", "))]}"
    ).network()
  }

  private func examples<Scalar: TrainableScalar>(_ seed: Int, _ count: Int = 24) -> Examples<Scalar>
  {
    let key = Key(seed: seed)
    let classes = (0..<count).map { Scalar(($0 * 7 + seed) % 3) }
    let values = (0..<4 * count).map { Scalar(key.uniform(at: $0)) + classes[$0 / 4] }
    return Examples(features: Tensor([count, 4], values), targets: Tensor([count], classes))
  }

  private func run<Scalar: TrainableScalar>(
    _ network: Network, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> TrainingRun<Scalar> {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.batchSize = 5
    settings.length = .steps(23)
    settings.learningRate = 0.02
    change(&settings)
    return TrainingRun(network, on: examples(1), settings, dev: examples(2))
  }

  /// Everything that has to be the same.
  private func content<Scalar>(_ run: DiagnosedResult<Scalar>) throws -> [String] {
    let result = run.result
    let epochs = result.epochs.map { epoch in
      "\(epoch.epoch) \(epoch.stepsDone) \(epoch.meanBatchLoss) \(epoch.learningRate) "
        + "\(String(describing: epoch.train)) \(String(describing: epoch.dev))"
    }
    return [
      "\(result.losses)", "\(result.parameters.vector.scalars)",
      "\(result.parameters.statistics.scalars)",
      "\(result.train) \(String(describing: result.dev))",
      "\(String(describing: result.bestEpoch)) \(result.stepsPerEpoch)",
      "\(String(describing: result.divergedAtStep))",
      String(decoding: try run.diagnosis.json(), as: UTF8.self),
    ] + epochs
  }

  private func check<Scalar>(_ run: TrainingRun<Scalar>, stops: [Int], _ comment: Comment) throws {
    let whole = try content(run.diagnosed())
    let layout = run.initialParameters.layout
    for stop in stops {
      let files = files()
      let stopped = try run.diagnosed(checkpoints: files) { event in
        if case .step(let step, _) = event { step + 1 == stop } else { false }
      }
      let state: TrainingCheckpoint<Scalar>? = files.latest(layout)
      if stopped.result.ending == .stopped, stop > 1 {
        #expect((stop - 1...stop).contains(state?.step ?? 0), comment)
      }
      var first: Int?
      let resumed = try run.diagnosed(checkpoints: files) { event in
        if case .step(let step, _) = event, first == nil { first = step }
        return false
      }
      if stopped.result.ending == .stopped { #expect(first == state?.step ?? 0, comment) }
      #expect(try content(resumed) == whole, comment)
      files.remove()
      #expect(!FileManager.default.fileExists(atPath: folder.file("states")))
    }
  }

  @Test(arguments: OptimizerChoice.allCases) func withEachOptimizer(optimizer: OptimizerChoice)
    throws
  {
    let network = try network()
    let run: TrainingRun<Float> = run(network) {
      $0.optimizer = optimizer
      $0.schedule.form = .cosine(floor: 0.1)
    }
    try check(run, stops: [2, 5, 13], "\(optimizer.rawValue)")
  }

  @Test func withStatisticsMasksAndDoubles() throws {
    let network = try network([
      "{\"layer\": \"batch-norm\"}", "{\"layer\": \"dropout\", \"rate\": 0.3}",
    ])
    let run: TrainingRun<Double> = run(network) { $0.batchSize = 6 }
    try check(run, stops: [1, 4, 9, 22], "statistics and masks")
  }

  @Test func whereItStopsEarlyOrDiverges() throws {
    let network = try network()
    var early: TrainingRun<Float> = run(network) {
      $0.length = .epochs(30)
      $0.learningRate = 0.3
      $0.earlyStopping = .init(patience: 3)
    }
    early.dev = examples(5)
    try check(early, stops: [6, 11], "early stopping")
    let linear = try NetworkDescription(
      json:
        #"{"input": [4], "layers": [{"layer": "dense", "outputs": 5}, {"layer": "dense", "outputs": 3}]}"#
    ).network()
    let wild: TrainingRun<Float> = run(linear) {
      $0.optimizer = .sgd
      $0.learningRate = 1e7
    }
    let failure = try #require(try wild.result().divergedAtStep)
    #expect(failure > 0)
    try check(wild, stops: Array(1...max(1, failure)), "divergence")
  }

  @Test func aDamagedStateOrAnotherRunsIsPassedOver() throws {
    let network = try network()
    let run: TrainingRun<Float> = run(network)
    let whole = try content(run.diagnosed())
    let layout = run.initialParameters.layout
    func stop() throws {
      _ = try run.diagnosed(checkpoints: files()) { event in
        if case .step(let step, _) = event { step == 12 } else { false }
      }
    }
    try stop()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("states")).sorted()
    #expect(names == ["k-a.checkpoint", "k-b.checkpoint"])
    #expect(CheckpointFiles.names(in: folder.file("states")) == ["k"])
    let newest: TrainingCheckpoint<Float> = try #require(files().latest(layout))
    #expect((files("another").latest(layout) as TrainingCheckpoint<Float>?) == nil)
    // Each byte position in turn would take long: some, and the ends.
    for name in names {
      let path = folder.file("states/\(name)")
      let content = try Data(contentsOf: URL(fileURLWithPath: path))
      for position in stride(from: 0, to: content.count, by: 97) {
        var damaged = content
        damaged[position] ^= 4
        try damaged.write(to: URL(fileURLWithPath: path))
        let other: TrainingCheckpoint<Float> = try #require(files().latest(layout))
        #expect((newest.step - 1...newest.step).contains(other.step))
      }
      try content.prefix(content.count / 2).write(to: URL(fileURLWithPath: path))
      #expect(try self.content(run.diagnosed(checkpoints: files())) == whole)
      files().remove()
      try stop()
    }
    for name in names { try folder.write("no state", as: "states/\(name)") }
    #expect(try self.content(run.diagnosed(checkpoints: files())) == whole)
    // Nowhere to write: the run goes on without.
    try? FileManager.default.removeItem(atPath: folder.file("states"))
    try folder.write("", as: "states")
    #expect(try self.content(run.diagnosed(checkpoints: files())) == whole)
  }

  /// However fast the disk is, no more than 2 % of the time is spent, and nothing within the first minute.
  @Test func statesAreWrittenSeldom() throws {
    let network = try network()
    let run: TrainingRun<Float> = run(network)
    _ = try run.diagnosed(checkpoints: files("run", .init()))
    #expect(CheckpointFiles.names(in: folder.file("states")).isEmpty)
    let pace = CheckpointFiles.Pace(seconds: 0)
    #expect(pace.share == 0.02 && CheckpointFiles.Pace().seconds == 60)
  }
}
