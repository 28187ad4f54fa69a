import Datasets
import Experiments
import Plumbline
import Synchronization
import Testing

/// A network that notes the batches that it is trained on.
private struct Observed<Network: Layer>: Layer, CustomReflectable {
  let network: Network
  let log = Log()

  final class Log: Sendable {
    private let entries = Mutex<[[Float]]>([])
    /// The first is seen twice: when the step is recorded, which reading the values makes useless, and when it is
    /// carried out.
    var batches: [[Float]] { entries.withLock { Array($0.dropFirst()) } }
    func add(_ batch: [Float]) { entries.withLock { $0.append(batch) } }
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    if let recorded = input as? Variable<Float> { log.add(recorded.value.scalars) }
    return network(input, pass)
  }

  /// The mirror of the network itself, so that its parameters keep their names.
  var customMirror: Mirror { Mirror(reflecting: network) }
}

@Suite struct ClassificationRunTests {
  private let data: ClassificationData

  init() throws { data = ClassificationData(try SmallData.glyphs()) }

  private func network(_ arm: DepthArm = .plain, depth: Int = 2) -> DepthNetwork {
    DepthNetwork(
      arm: arm, inputs: data.featureCount, width: 4, classes: data.classCount, depth: depth)
  }

  private func run<Network: Layer>(
    _ network: Network, _ optimizer: OptimizerChoice = .adam, rate: Double = 3e-3, batch: Int = 16,
    steps: Int = 7, seed: Int = 1
  ) -> ClassificationRun<Network> {
    ClassificationRun(
      network: network, optimizer: optimizer, learningRate: rate, batchSize: batch, steps: steps,
      seed: seed)
  }

  private func bits(_ result: ClassificationRun<DepthNetwork>.Result) -> [UInt32] {
    result.parameters.vector.scalars.map(\.bitPattern)
  }

  @Test func sameSeedSameBits() throws {
    let first = try run(network()).train(on: data)
    let again = try run(network()).train(on: data)
    #expect(bits(first) == bits(again))
    #expect(first.epochLosses == again.epochLosses && first.train == again.train)
    let other = try run(network(), seed: 2).train(on: data)
    #expect(bits(first) != bits(other))
  }

  @Test func sameBitsOnAnyNumberOfThreads() throws {
    let alone = bits(try run(network()).train(on: data))
    let together = draws(6) { _ in Result { bits(try run(network()).train(on: data)) } }
    for result in together { #expect(try result.get() == alone) }
  }

  @Test func trains() throws {
    let before = try run(network(), steps: 0).train(on: data)
    let after = try run(network(), rate: 1e-2, steps: 200).train(on: data)
    let (start, end) = (try #require(before.train), try #require(after.train))
    #expect(end.loss < 0.5 * start.loss && end.error < start.error)
    #expect(start.error <= 1 && end.error >= 0)
  }

  @Test func countsEpochsAndSteps() throws {
    // Sixty examples in batches of 16: three batches in an epoch, and 7 steps are 2 1/3 epochs.
    var steps = 0
    let result = try run(network()).train(on: data) { steps += 1 }
    #expect(steps == 7 && result.epochLosses.count == 3)
    #expect(result.divergedAtStep == nil)
    let none = try run(network(), steps: 0).train(on: data)
    #expect(none.epochLosses.isEmpty && none.train != nil)
  }

  @Test func reportsTheStepOfDivergence() throws {
    let exploding = run(network(), .sgd, rate: 1e20)
    let result = try exploding.train(on: data)
    let step = try #require(result.divergedAtStep)
    #expect((1..<7).contains(step) && result.train == nil)
    // The losses before that step are kept, and none that is not finite.
    #expect(result.epochLosses.count == (step + 2) / 3)
    #expect(result.epochLosses.allSatisfy { $0.isFinite })
    #expect(try exploding.train(on: data).divergedAtStep == step)
    // The step before was the last good one.
    let shorter = try run(network(), .sgd, rate: 1e20, steps: step).train(on: data)
    #expect(shorter.divergedAtStep == step)
    // Stopped at the last step's update, the run shows its divergence in the evaluation.
    #expect(shorter.train == nil)
  }

  @Test func refusesABatchLargerThanTheData() throws {
    #expect(throws: DatasetError.self) { try run(network(), batch: 61).train(on: data) }
    #expect(throws: DatasetError.self) { try run(network(), batch: 0).train(on: data) }
    #expect(try run(network(), batch: 60, steps: 1).train(on: data).train != nil)
  }

  @Test func armsOfOneSeedSeeTheSameBatches() throws {
    let logs = try DepthArm.allCases.map { arm in
      let observed = Observed(network: network(arm, depth: arm == .highway ? 3 : 2))
      _ = try run(observed).train(on: data)
      return observed.log.batches
    }
    #expect(logs[0].count == 7 && logs[0][0].count == 16 * data.featureCount)
    for log in logs { #expect(log == logs[0]) }
    let other = Observed(network: network())
    _ = try run(other, seed: 2).train(on: data)
    #expect(other.log.batches != logs[0])
    // Within an epoch no example comes twice.
    let rows = logs[0].prefix(3).flatMap { batch in
      stride(from: 0, to: batch.count, by: data.featureCount).map {
        Array(batch[$0..<$0 + data.featureCount])
      }
    }
    #expect(rows.count == 48 && Set(rows).count == 48)
  }

  @Test(arguments: OptimizerChoice.allCases)
  func everyOptimizerReducesTheLoss(optimizer: OptimizerChoice) throws {
    let rate = [.sgd, .momentum, .nesterov, .adagrad].contains(optimizer) ? 0.03 : 3e-3
    let result = try run(network(), optimizer, rate: rate, steps: 60).train(on: data)
    let (first, last) = (result.epochLosses[0], result.epochLosses[19])
    #expect(last < 0.9 * first, "\(first) to \(last)")
  }
}

@Suite struct EvaluationTests {
  /// Logits that are the features themselves, or NaN where these are 0.
  private struct Logits: Layer {
    var areQuotients = false
    let unused = Parameter([1], .zero)
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      areQuotients ? input / input : input
    }
  }

  private func evaluation(
    _ logits: [Float], labels: [Int], classes: Int, partSize: Int = 1000,
    by network: Logits = Logits()
  ) throws -> Evaluation {
    let data = ClassificationData(
      try Dataset(
        name: "logits", features: logits, exampleShape: [classes], labels: labels,
        classCount: classes, provenance: "a test"))
    return Evaluation(
      of: network, Parameters<Float>(of: network, key: Key(seed: 0)), on: data, partSize: partSize)
  }

  @Test func knownNumbers() throws {
    let result = try evaluation([2, 0, 0, 2, 5, -5], labels: [0, 0, 1], classes: 2)
    #expect(result.error == 2.0 / 3)
    // log(1 + e^-2), log(1 + e^2), log(1 + e^10) by hand.
    let expected = (0.126_928_011 + 2.126_928_011 + 10.000_045_399) / 3
    #expect(abs(result.loss - expected) < 1e-6)
    #expect(result.isFinite)
  }

  @Test func aTieIsNoRecognition() throws {
    // A net whose signal has died gives equal logits: it names the first class, and is right by chance.
    let dead = try evaluation(Array(repeating: 0, count: 16), labels: [0, 1, 2, 3], classes: 4)
    #expect(dead.error == 0.75)
    let tie = try evaluation([1, 5, 5, 1, 5, 5], labels: [1, 2], classes: 3)
    #expect(tie.error == 0.5)
    // Quotients 0 / 0 beside the right class, or in its place.
    let quotient = Logits(areQuotients: true)
    let none = try evaluation([0, 1, 1, 0, 0, 0], labels: [1, 0, 1], classes: 2, by: quotient)
    #expect(none.error == 1 && !none.isFinite)
  }

  @Test func doesNotDependOnItsParts() throws {
    let logits = Key(seed: 3).normal(70).map(Float.init)
    let labels = (0..<14).map { $0 % 5 }
    let whole = try evaluation(logits, labels: labels, classes: 5)
    for size in [1, 3, 13, 14] {
      let parts = try evaluation(logits, labels: labels, classes: 5, partSize: size)
      #expect(parts.error == whole.error && abs(parts.loss - whole.loss) < 1e-12)
    }
  }
}
