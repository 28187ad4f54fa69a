import Datasets
import Experiments
import Findings
import Networks
import Plumbline
import Synchronization
import TestSupport
import Testing
import Training

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

@Suite struct TrainingRunTests {
  private let data: Examples<Float>
  private let featureCount: Int

  init() throws {
    let glyphs = try SmallData.glyphs()
    data = Examples(glyphs)
    featureCount = glyphs.featureCount
  }

  private func network(_ arm: Arm = .plain, depth: Int = 2) -> DepthNetwork {
    DepthNetwork(arm: arm, inputs: featureCount, width: 4, classes: 10, depth: depth)
  }

  private func run(
    _ network: any Layer, _ optimizer: OptimizerChoice = .adam, rate: Double = 3e-3,
    batch: Int = 16, steps: Int = 7, seed: Int = 1
  ) -> TrainingRun<Float> {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.optimizer = optimizer
    settings.learningRate = rate
    settings.batchSize = batch
    settings.remainder = .drop
    settings.length = .steps(steps)
    settings.seed = seed
    return TrainingRun(network, on: data, settings)
  }

  @Test(
    "a batch of one example, which batch normalization cannot be trained with, is refused before training",
    arguments: [(12, 1, 2), (13, 3, 5), (13, 6, 5), (21, 4, 6)])
  func batchesOfOne(count: Int, batch: Int, fitting: Int) throws {
    var options = DenseNetworkOptions()
    options.normalization = .batch
    let network = try NetworkDescription(widths: [featureCount, 3, 10], options: options).network()
    var run = run(network, batch: batch, steps: 20)
    run.train = data.prefix(count)
    run.settings.remainder = .keep
    let error = try #require(throws: Problem.self) { try run.result() }
    let remedies = (2...count).filter { count % $0 != 1 }.map { "give a batch size of \($0)" }
    #expect(remedies.contains(error.remedy), "\(error)")
    #expect(error.problem.contains("one example"), "\(error)")
    run.settings.batchSize = fitting
    #expect(try run.result().losses.count == 20)
  }

  @Test("the epoch that a run ends with is evaluated like the others")
  func lastEpoch() throws {
    var run = run(network())
    run.settings.length = .epochs(2)
    run.dev = data.prefix(10)
    let result = try run.result()
    #expect(result.epochs.map { $0.train == nil } == [false, false])
    #expect(result.epochs.last?.train == result.train && result.epochs.last?.dev == result.dev)
  }

  private func bits(_ result: TrainingResult<Float>) -> [UInt32] {
    result.parameters.vector.scalars.map(\.bitPattern)
  }

  @Test func sameSeedSameBits() throws {
    let first = try run(network()).result()
    let again = try run(network()).result()
    #expect(bits(first) == bits(again))
    #expect(first.losses == again.losses && first.train == again.train)
    let other = try run(network(), seed: 2).result()
    #expect(bits(first) != bits(other))
  }

  @Test func sameBitsOnAnyNumberOfThreads() throws {
    let alone = bits(try run(network()).result())
    let together = draws(6) { _ in Result { bits(try run(network()).result()) } }
    for result in together { #expect(try result.get() == alone) }
    #expect(bits(try run(network()).result(workers: Workers(2))) == alone)
  }

  @Test func trains() throws {
    let start = try run(network(), steps: 0).result().train
    let end = try run(network(), rate: 1e-2, steps: 200).result().train
    #expect(end.loss < 0.5 * start.loss)
    #expect(try #require(end.error) < (try #require(start.error)))
  }

  @Test func countsEpochsAndSteps() throws {
    // Sixty examples in batches of 16: three batches in an epoch, and 7 steps are 2 1/3 epochs.
    var steps: [Int] = []
    var epochs: [Int] = []
    let result = try run(network()).result { event in
      switch event {
      case .step(let step, _): steps.append(step)
      case .epoch(let epoch): epochs.append(epoch.epoch)
      }
      return false
    }
    #expect(steps == Array(0..<7) && epochs == [1, 2] && result.losses.count == 7)
    #expect(
      result.epochs.map(\.epoch) == [1, 2, 3] && result.epochs.map(\.stepsDone) == [3, 6, 7])
    for (epoch, losses) in zip(result.epochs, [0..<3, 3..<6, 6..<7]) {
      let part = result.losses[losses]
      #expect(epoch.meanBatchLoss == part.reduce(0, +) / Double(part.count))
    }
    #expect(result.ending == .finished)
    let none = try run(network(), steps: 0).result()
    #expect(none.epochs.isEmpty && none.losses.isEmpty)
  }

  @Test func stopsWhereItIsTold() throws {
    let whole = try run(network()).result()
    let part = try run(network()).result { event in
      if case .step(3, _) = event { true } else { false }
    }
    #expect(part.ending == .stopped && part.losses == Array(whole.losses.prefix(4)))
    #expect(bits(part) == bits(try run(network(), steps: 4).result()))
  }

  @Test func aLossThatIsNotFiniteLeavesTheLastGoodParameters() throws {
    let exploding = run(network(), .sgd, rate: 1e20)
    let result = try exploding.result()
    guard case .nonFinite(let failure) = result.ending else {
      Issue.record("ended with \(result.ending)")
      return
    }
    #expect((1..<7).contains(failure.step) && !failure.loss.isFinite)
    #expect(failure.origin?.step == failure.step)
    // The losses before that step are kept, and none that is not finite.
    #expect(result.losses.count == failure.step && result.losses.allSatisfy(\.isFinite))
    #expect(result.epochs.count == (failure.step + 2) / 3)
    #expect(try exploding.result().ending == result.ending)
    // The parameters of the last finite loss: those before its update.
    let good = try run(network(), .sgd, rate: 1e20, steps: failure.step - 1).result()
    #expect(bits(result) == bits(good))
  }

  /// Beyond the first checkpoint too, and with an optimizer that has a state.
  @Test func theLastGoodParametersAreFoundAgainLateInARun() throws {
    var late = run(network(), .momentum, rate: 1e-3, steps: 400)
    late.settings.schedule.form = .exponential(factor: 1.3)
    let result = try late.result()
    guard case .nonFinite(let failure) = result.ending else {
      Issue.record("ended with \(result.ending)")
      return
    }
    #expect(failure.step > 101)
    late.settings.length = .steps(failure.step - 1)
    #expect(bits(try late.result()) == bits(result))
  }

  @Test func augmentedTrainingIsReproducibleAndDiffersByEpoch() throws {
    func trained(_ change: (inout TrainingRun<Float>) throws -> Void) throws -> [Double] {
      var run = run(network(), batch: 60, steps: 3)
      run.settings.order = .sequential
      run.settings.learningRate = 1e-30
      run.train.pictures = try PictureLayout([28, 28])
      try change(&run)
      return try run.result().losses
    }
    // Without a learning rate to speak of, every step has the same loss but for the changed pictures.
    let plain = try trained { _ in }
    #expect(Set(plain).count == 1)
    let augmented = try trained { $0.settings.augmentation = try Augmentation(parsing: "shift=3") }
    #expect(Set(augmented).count == 3 && !augmented.contains(plain[0]))
    #expect(
      try trained { $0.settings.augmentation = try Augmentation(parsing: "shift=3") } == augmented)
    var none = run(network())
    none.settings.augmentation = Augmentation(flip: true)
    #expect(throws: Problem.self) { try none.result() }
  }

  @Test func refusesABatchLargerThanTheData() throws {
    #expect(throws: Problem.self) { try run(network(), batch: 61).result() }
    #expect(throws: Problem.self) { try run(network(), batch: 0).result() }
    #expect(try run(network(), batch: 60, steps: 1).result().losses.count == 1)
  }

  @Test func armsOfOneSeedSeeTheSameBatches() throws {
    let logs = try Arm.allCases.map { arm in
      let observed = Observed(network: network(arm, depth: arm == .highway ? 3 : 2))
      _ = try run(observed).result()
      return observed.log.batches
    }
    #expect(logs[0].count == 7 && logs[0][0].count == 16 * featureCount)
    for log in logs { #expect(log == logs[0]) }
    let other = Observed(network: network())
    _ = try run(other, seed: 2).result()
    #expect(other.log.batches != logs[0])
    // Within an epoch no example comes twice.
    let rows = logs[0].prefix(3).flatMap { batch in
      stride(from: 0, to: batch.count, by: featureCount).map {
        Array(batch[$0..<$0 + featureCount])
      }
    }
    #expect(rows.count == 48 && Set(rows).count == 48)
  }

  @Test(arguments: OptimizerChoice.allCases)
  func everyOptimizerReducesTheLoss(optimizer: OptimizerChoice) throws {
    let rate = [.sgd, .momentum, .nesterov, .adagrad].contains(optimizer) ? 0.03 : 3e-3
    let result = try run(network(), optimizer, rate: rate, steps: 60).result()
    let (first, last) = (result.epochs[0].meanBatchLoss, result.epochs[19].meanBatchLoss)
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
    let examples = Examples<Float>(
      features: Tensor([labels.count, classes], logits), targets: Tensor(classes: labels))
    return Evaluation(
      of: network, Parameters(of: network, key: Key(seed: 0)), on: examples, loss: .crossEntropy,
      partSize: partSize)
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
    // Quotients 0 / 0 next to the right class, or in its place.
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
