import Diagnosis
import Findings
import Networks
import Plumbline
import Testing
import Training

@Suite struct FitRuleTests {
  private func findings(
    _ network: Network, _ train: Examples<Float>, _ settings: TrainingSettings,
    dev: Examples<Float>? = nil, baseError: Double? = nil
  ) throws -> [Finding] {
    try TrainingRun(network, on: train, settings, dev: dev).diagnosed(baseError: baseError)
      .diagnosis.findings
  }

  @Test("an error that is noise in the labels is not a bias", arguments: [0.1, 0.2, 0.3])
  func noiseIsNoBias(noise: Double) throws {
    let found = try findings(
      TrialData.network([4, 8, 1]), TrialData.yesNo(count: 3000, noise: noise),
      TrialData.settings(rate: 3e-3, steps: 1500))
    #expect(found == [], "\(found)")
  }

  @Test("a stated base error makes the same error bias, or none")
  func statedBaseError() throws {
    let train = TrialData.yesNo(count: 3000, noise: 0.2)
    let (network, settings) = (
      try TrialData.network([4, 8, 1]), TrialData.settings(rate: 3e-3, steps: 1500)
    )
    #expect(try findings(network, train, settings, baseError: 0.2) == [])
    let found = try findings(network, train, settings, baseError: 0.02)
    #expect(found.first?.cause == .highBias, "\(found)")
    // A stated zero is a statement: whoever makes it knows that there is no noise.
    let zero = try findings(network, train, settings, baseError: 0)
    #expect(zero.first?.cause == .highBias, "\(zero)")
  }

  @Test("of ten classes a gap of 5 % is next to nothing, and one of 12 % is overfitting")
  func gapsOfManyClasses() throws {
    let labels = (0..<200).map { Float($0 % 10) }
    let train = Examples<Float>(
      features: Tensor([200, 2], labels.flatMap { [$0, -$0] }), targets: Tensor([200], labels))
    let run = TrainingRun(
      try TrialData.network([2, 4, 10], .softmax), on: train,
      TrialData.settings(.crossEntropy, steps: 1))
    var evidence = try run.diagnosed().diagnosis.evidence
    evidence.train = Evaluation(loss: 0.02, error: 0)
    evidence.outcome.devCount = 4000
    for (error, isOverfitting) in [(0.05, false), (0.12, true)] {
      evidence.outcome.dev = Evaluation(loss: 0.2, error: error)
      let found = Diagnosis(evidence).findings
      #expect(found.contains { $0.cause == .highVariance } == isOverfitting, "\(found)")
    }
  }

  @Test("a gap between sets is not overfitting where nothing has been learned")
  func nothingLearnedByHeart() throws {
    func examples(_ name: String, above bound: Double) -> Examples<Float> {
      let values = Key(seed: 3)[name].normal(4000)
      return Examples(
        features: Tensor([1000, 4], values.map { Float($0) }),
        targets: Tensor([1000, 1], (0..<1000).map { values[4 * $0] > bound ? 1 : 0 }))
    }
    // A third of the training examples says yes and two thirds of the others; the network says no to all.
    let train = examples("train", above: 0.43)
    let network = try TrialData.network([4, 16, 1])
    var settings = TrialData.settings(rate: 1e-3, steps: 300)
    settings.optimizer = .sgd
    var parameters: Parameters<Float> = settings.initialParameters(of: network)
    parameters.vector = parameters.vector * 0.1
    let bias = try #require(parameters.names.last { $0.hasSuffix("bias") })
    parameters[bias] = Tensor([-0.7])
    let run = TrainingRun(
      network, on: train, settings, dev: examples("dev", above: -0.43), from: parameters)
    let diagnosed = try run.diagnosed()
    let result = diagnosed.result
    let (error, devError) = (try #require(result.train.error), try #require(result.dev?.error))
    #expect(error > 0.3 && devError > error + 0.3, "\(error) and \(devError)")
    let found = diagnosed.diagnosis.findings
    #expect(!found.isEmpty && !found.contains { $0.cause == .highVariance }, "\(found)")
  }

  @Test("a network that is too simple is told where neighbours do better")
  func neighborsDoBetter() throws {
    let line = try findings(
      TrialData.network([1, 1], .linear), TrialData.sine(),
      TrialData.settings(.meanSquaredError, rate: 1e-2, steps: 1500))
    #expect(line.first?.cause == .cannotRepresent, "\(line)")
    let wide = try findings(
      TrialData.network([1, 48, 48, 1], .linear), TrialData.sine(),
      TrialData.settings(.meanSquaredError, rate: 5e-3, steps: 3000))
    #expect(wide == [], "\(wide)")
  }

  @Test("overfitting of real targets is told by their variance")
  func overfittingOfValues() throws {
    let key = Key(seed: 4)
    func noise(_ name: String, _ count: Int) -> Examples<Float> {
      Examples(
        features: Tensor([count, 8], key[name].normal(count * 8).map { Float($0) }),
        targets: Tensor([count, 1], key[name]["targets"].normal(count).map { Float($0) }))
    }
    let found = try findings(
      TrialData.network([8, 64, 64, 1], .linear), noise("train", 40),
      TrialData.settings(.meanSquaredError, steps: 1000, batch: 40), dev: noise("dev", 300))
    #expect(found.first?.cause == .highVariance, "\(found)")
  }

  @Test("a dev set with a shifted feature is told as that, and not as overfitting")
  func shiftedFeature() throws {
    let dev = TrialData.yesNo(count: 500, from: 3000)
    let moved = Examples<Float>(features: dev.features + 1.5, targets: dev.targets)
    let (network, train) = (try TrialData.network([4, 12, 1]), TrialData.yesNo(count: 3000))
    let settings = TrialData.settings(steps: 1500)
    #expect(try findings(network, train, settings, dev: dev) == [])
    let found = try findings(network, train, settings, dev: moved)
    #expect(found.map(\.cause) == [.differentDistributions], "\(found)")
  }

  @Test("a penalty that shrinks the weights is told before the bias that it makes")
  func tooMuchRegularization() throws {
    var settings = TrialData.settings()
    settings.l2 = 500
    let found = try findings(TrialData.network([4, 16, 1]), TrialData.yesNo(), settings)
    #expect(found.map(\.cause) == [.tooMuchRegularization], "\(found)")
    settings.l2 = 0.01
    #expect(try findings(TrialData.network([4, 16, 1]), TrialData.yesNo(), settings) == [])
  }
}
