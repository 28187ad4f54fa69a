import Datasets
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
    // Three labels in ten are told as what they are.
    #expect(found.allSatisfy { noise == 0.3 && $0.cause == .labelNoise }, "\(found)")
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

  @Test("an affine function at its best is not told to train longer, although its loss still falls")
  func affineLimit() throws {
    let moons = try Examples<Float>(
      LabelledSets(source: "moons:count=3000,noise=0.3").train, input: [2], outputs: 1,
      loss: .binaryCrossEntropy)
    let found = try findings(
      TrialData.network([2, 1]), moons, TrialData.settings(rate: 1e-2, steps: 1000, batch: 128),
      baseError: 0.079)
    #expect([.highBias, .cannotRepresent].contains(found.first?.cause), "\(found)")
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

  @Test(
    "of a few examples a gap counts if it is certain",
    arguments: [(12, 5, true), (12, 3, false), (16, 6, true), (100, 4, false), (40, 12, true)])
  func gapsOfFewExamples(count: Int, mistakes: Int, isOverfitting: Bool) throws {
    let run = TrainingRun(
      try TrialData.network([4, 8, 1]), on: TrialData.yesNo(count: 48),
      TrialData.settings(steps: 200, batch: 24))
    var evidence = try run.diagnosed().diagnosis.evidence
    evidence.train = Evaluation(loss: 0.01, error: 0)
    evidence.outcome.testCount = count
    evidence.outcome.test = Evaluation(loss: 0.5, error: Double(mistakes) / Double(count))
    let found = Diagnosis(evidence).findings
    #expect(found.contains { $0.cause == .highVariance } == isOverfitting, "\(found)")
  }

  @Test("a product of more features than there are hidden units needs a larger network, not a rate")
  func tooSmallForProduct() throws {
    let count = 500
    let key = Key(seed: 2)
    let bits = (0..<8 * count).map { key["bits"].uniform(at: $0) < 0.5 ? -1.0 : 1 }
    let targets = (0..<count).map { row -> Float in
      bits[8 * row..<8 * row + 8].reduce(1, *) > 0 ? 1 : 0
    }
    let train = Examples<Float>(
      features: Tensor([count, 8], bits.map { Float($0) }), targets: Tensor([count, 1], targets))
    let found = try findings(
      TrialData.network([8, 3, 1]), train, TrialData.settings(rate: 1e-3, steps: 1500))
    #expect(found.first?.cause == .highBias, "\(found)")
    #expect(found.first?.explanation.contains("8 features") == true, "\(found)")
  }

  @Test("strong dropout is named where a fit in closed form does better", arguments: [0.2, 0.75])
  func strongDropout(rate: Double) throws {
    let values = Key(seed: 1).normal(6 * 1500)
    let labels = (0..<1500).map { row -> Float in
      let x = values[6 * row..<6 * row + 6].map { $0 }
      return (x[0] + x[1] / 2 > 0 ? 1 : 0) + (x[2] > x[3] ? 2 : 0)
    }
    var options = DenseNetworkOptions()
    options.output = .softmax
    options.dropout = rate
    let network = try NetworkDescription(widths: [6, 24, 24, 4], options: options).network()
    let found = try findings(
      network,
      Examples(
        features: Tensor([1500, 6], values.map { Float($0) }), targets: Tensor([1500], labels)),
      TrialData.settings(.crossEntropy, rate: 1e-3, steps: 900, batch: 128))
    #expect(found.map(\.cause) == (rate > 0.5 ? [.tooMuchRegularization] : []), "\(found)")
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

  @Test(
    "overfitting of real targets is told by their variance, and not where others would be better off without the network"
  )
  func overfittingOfValues() throws {
    let key = Key(seed: 4)
    func examples(_ name: String, _ count: Int, relation: Double) -> Examples<Float> {
      let values = key[name].normal(count * 8)
      let noise = key[name]["targets"].normal(count)
      let targets = (0..<count).map { row in
        Float(relation * (values[8 * row] - values[8 * row + 1]) + noise[row])
      }
      return Examples(
        features: Tensor([count, 8], values.map { Float($0) }),
        targets: Tensor([count, 1], targets)
      )
    }
    func causes(relation: Double) throws -> [Finding.Cause] {
      try findings(
        TrialData.network([8, 64, 64, 1], .linear), examples("train", 40, relation: relation),
        TrialData.settings(.meanSquaredError, steps: 1000, batch: 40),
        dev: examples("dev", 300, relation: relation)
      ).map(\.cause)
    }
    #expect(try causes(relation: 2).first == .highVariance)
    let noise = try causes(relation: 0)
    #expect(!noise.isEmpty && !noise.contains(.highVariance), "\(noise)")
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

/// What train and dev sets have in common, and what they have not.
@Suite struct SetRelationTests {
  /// Normal features of which the first tells a yes or no, and a dev set; both changed by the caller.
  private func findings(
    seed: Int, features: Int = 6, noise: Double = 0, width: Int = 24, steps: Int = 400,
    _ change: (inout [Float], inout [Float], _ isDev: Bool) -> Void
  ) throws -> [Finding] {
    func set(_ name: String, _ count: Int, _ isDev: Bool) -> Examples<Float> {
      let whole = TrialData.yesNo(
        seed: seed, count: count, features: features, noise: noise, from: isDev ? 400 : 0)
      var (values, targets) = (whole.features.scalars, whole.targets.scalars)
      change(&values, &targets, isDev)
      return Examples(
        features: Tensor([count, features], values), targets: Tensor([count, 1], targets))
    }
    return try TrainingRun(
      TrialData.network([features, width, 1]), on: set("train", 300, false),
      TrialData.settings(rate: 1e-2, steps: steps), dev: set("dev", 200, true)
    ).diagnosed().diagnosis.findings
  }

  @Test("a dev error worse than the base rate is not overfitting", arguments: [3, 8])
  func contradiction(seed: Int) throws {
    // The dev set has its labels the other way round.
    let turned = try findings(seed: seed) { _, targets, isDev in
      if isDev { targets = targets.map { 1 - $0 } }
    }
    #expect(turned.first?.cause == .differentDistributions, "\(turned)")
    #expect(!turned.contains { $0.cause == .highVariance })
    #expect(try findings(seed: seed) { _, _, _ in } == [])
  }

  @Test("a feature that tells the training targets alone is a leak", arguments: [4, 9])
  func leak(seed: Int) throws {
    let found = try findings(seed: seed, noise: 0.1) { values, targets, isDev in
      guard !isDev else { return }
      for row in targets.indices {
        values[6 * row + 3] = targets[row] * 2 + values[6 * row + 3] / 2
      }
    }
    #expect(found.first?.cause == .targetLeak, "\(found)")
    #expect(found.first?["feature"] == 3)
  }

  @Test(
    "columns of the dev set in another order are told as such, and not as a leak",
    arguments: [3, 8])
  func otherColumns(seed: Int) throws {
    let found = try findings(seed: seed) { values, targets, isDev in
      guard isDev else { return }
      for row in targets.indices { values.swapAt(6 * row, 6 * row + 1) }
    }
    #expect(found.first?.cause == .differentDistributions, "\(found)")
    #expect(found.first?["feature in dev"] == 1)
  }

  @Test("classes of the dev set under other numbers are told as such")
  func relabelled() throws {
    func set(_ seed: Int, _ number: (Int) -> Int) -> Examples<Float> {
      let values = Key(seed: seed)["features"].normal(300 * 2)
      let kinds = (0..<300).map { $0 % 5 }
      let features = (0..<600).map { place -> Float in
        let angle = 2 * Double(kinds[place / 2]) * .pi / 5
        let center = Tensor<Double>(angle - (place % 2 == 0 ? 0 : .pi / 2))
        return Float(3 * cos(center).scalar + 0.4 * values[place])
      }
      return Examples(
        features: Tensor([300, 2], features),
        targets: Tensor([300], kinds.map { Float(number($0)) }))
    }
    let found = try TrainingRun(
      TrialData.network([2, 16, 5], .softmax), on: set(1) { $0 },
      TrialData.settings(.crossEntropy, rate: 1e-2, steps: 300), dev: set(2) { ($0 + 2) % 5 }
    ).diagnosed().diagnosis.findings
    #expect(found.first?.cause == .differentDistributions, "\(found)")
    #expect(found.first?.explanation.contains("numbered differently") == true)
  }

  @Test("a target of the dev set far beyond those of the training set is told")
  func farTarget() throws {
    let train = TrialData.sine(count: 300)
    var dev = TrialData.sine(count: 120)
    var targets = dev.targets.scalars
    targets[7] = 1000
    dev = Examples(features: dev.features, targets: Tensor([120, 1], targets))
    let found = try TrainingRun(
      TrialData.network([1, 32, 1], .linear), on: train,
      TrialData.settings(.meanSquaredError, rate: 1e-2, steps: 800), dev: dev
    ).diagnosed().diagnosis.findings
    #expect(found.first?.cause == .targetOutliers && found.first?.location.set == "dev", "\(found)")
    #expect(found.first?.remedy.contains("examples 7,") == true)
  }

  @Test(
    "of a few examples with many features nobody says that their labels are unrelated",
    arguments: 1...3)
  func tooFewToTell(seed: Int) throws {
    let found = try TrainingRun(
      TrialData.network([60, 32, 1]), on: TrialData.yesNo(seed: seed, count: 50, features: 60),
      TrialData.settings(rate: 1e-2, steps: 300, batch: 16),
      dev: TrialData.yesNo(seed: seed, count: 40, features: 60, from: 50)
    ).diagnosed().diagnosis.findings
    #expect(!found.contains { $0.cause == .noSignalInInputs }, "\(found)")
  }
}
