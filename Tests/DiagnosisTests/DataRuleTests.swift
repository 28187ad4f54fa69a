import Datasets
import Diagnosis
import Findings
import Networks
import Plumbline
import Testing
import Training

@Suite struct DataRuleTests {
  private func findings(
    _ network: Network, _ train: Examples<Float>, _ settings: TrainingSettings,
    dev: Examples<Float>? = nil
  ) throws -> [Finding] {
    try TrainingRun(network, on: train, settings, dev: dev).diagnosed().diagnosis
      .findings
  }

  /// Rows of yes and no, of which there are 2^features different ones.
  private func bits(_ count: Int, _ features: Int, _ seed: Int) -> Examples<Float> {
    let values = Key(seed: seed).uniform(count * features).map { $0 < 0.5 ? Float(0) : 1 }
    return Examples(
      features: Tensor([count, features], values),
      targets: Tensor([count, 1], (0..<count).map { values[$0 * features] }))
  }

  @Test("examples that fall together by chance are no leak, and copies are")
  func duplicatesByChance() throws {
    let (network, settings) = (try TrialData.network([8, 8, 1]), TrialData.settings())
    #expect(try findings(network, bits(600, 8, 1), settings, dev: bits(200, 8, 2)) == [])
    let train = bits(600, 24, 1)
    let found = try findings(
      TrialData.network([24, 8, 1]), train, settings, dev: train.prefix(40))
    #expect(found.map(\.cause) == [.duplicates])
  }

  @Test(
    "features that are tiny, or far from zero next to their spread, are unscaled",
    arguments: [
      (Float(1e-4), Float(0)), (0.01, 5), (1000, 0),
    ])
  func unscaledFeatures(factor: Float, offset: Float) throws {
    let plain = TrialData.yesNo()
    let train = Examples<Float>(
      features: plain.features * Double(factor) + Double(offset), targets: plain.targets)
    let settings = TrialData.settings(.binaryCrossEntropy, .sgd, rate: 0.05)
    let found = try findings(TrialData.network([4, 12, 1]), train, settings)
    #expect(found.first?.cause == .unscaledInputs, "\(found)")
  }

  @Test("inputs that are all the same are told as that")
  func constantInputs() throws {
    let plain = TrialData.yesNo()
    let train = Examples<Float>(
      features: plain.features * 0 + 0.7, targets: plain.targets)
    let found = try findings(TrialData.network([4, 12, 1]), train, TrialData.settings())
    #expect(found.map(\.cause) == [.constantInputs], "\(found)")
  }

  @Test(
    "identical examples with labels by chance contradict each other, which is said before that there is no relation"
  )
  func conflictingLabels() throws {
    let draws = Key(seed: 6).uniform(3 * 600)
    let values = (0..<1200).map { Float(Int(draws[$0] * 6)) / 3 - 1 }
    let train = Examples<Float>(
      features: Tensor([600, 2], values),
      targets: Tensor([600, 1], (1200..<1800).map { draws[$0] < 0.5 ? 0 : 1 }))
    let found = try findings(
      TrialData.network([2, 8, 1]), train, TrialData.settings(steps: 200))
    #expect(found.first?.cause == .conflictingLabels, "\(found)")
  }

  @Test("targets a hundred thousand times too large are told, and not called unrelated")
  func unscaledTargets() throws {
    let found = try findings(
      TrialData.network([1, 32, 1], .linear), TrialData.sine(factor: 1e5, offset: 3e5),
      TrialData.settings(.meanSquaredError))
    #expect(found.first?.cause == .unscaledTargets, "\(found)")
    #expect(!found.contains { $0.cause == .noSignalInInputs })
  }

  @Test("targets beyond the last function are told with its layer")
  func targetsOutOfReach() throws {
    for function in [Activation.tanh, .sigmoid, .relu] {
      let network = try TrialData.network([1, 32, 1], .linear) {
        $0.layers.append(LayerDescription(function))
      }
      let found = try findings(
        network, TrialData.sine(factor: 5, offset: -2), TrialData.settings(.meanSquaredError))
      #expect(found.first?.cause == .targetsOutOfReach, "\(function): \(found)")
      #expect(found.first?.location.layer == "2")
    }
  }

  @Test(
    "a few wild cells that squeeze their features are told with their places, and a long tail too")
  func outlyingCells() throws {
    let plain = TrialData.yesNo(count: 500)
    func train(_ change: (Int, inout [Float]) -> Void) -> Examples<Float> {
      var values = plain.features.scalars
      for row in 0..<plain.count {
        var own = Array(values[row * 4..<row * 4 + 4])
        change(row, &own)
        values.replaceSubrange(row * 4..<row * 4 + 4, with: own)
      }
      let features = Tensor(plain.features.shape, values)
      return Examples(
        features: Normalization(fitting: features, scope: .perFeature).applied(to: features),
        targets: plain.targets)
    }
    let network = try TrialData.network([4, 12, 1])
    let settings = TrialData.settings()
    let found = try findings(network, train { if $0 == 17 { $1[0] = 8e5 } }, settings)
    #expect(found.first?.cause == .unscaledInputs, "\(found)")
    #expect(found.first?.remedy.contains("example 17 in feature 0") == true, "\(found)")
    #expect(try findings(network, train { _, _ in }, settings) == [])
  }

  @Test(
    "convolutions and an average without a function between them are affine, and cannot represent what is not"
  )
  func affineConvolutions() throws {
    let key = Key(seed: 4)
    let count = 600
    var pixels = key["pixels"].normal(count * 36).map { Float($0) }
    var targets: [Float] = []
    for row in 0..<count {
      // A bright or a dark spot, or none: the mean of the picture is the same.
      let isSpot = row % 2 == 0
      if isSpot {
        pixels[row * 36 + (row * 7) % 36] += row % 4 == 0 ? 9 : -9
      }
      targets.append(isSpot ? 1 : 0)
    }
    let train = Examples<Float>(
      features: Tensor([count, 1, 6, 6], pixels), targets: Tensor([count, 1], targets))
    let network = try NetworkDescription(
      json:
        """
        {"input": [1, 6, 6], "output": "sigmoid", "layers": [
        {"layer": "convolution", "outputs": 6, "kernel": 3, "padding": 1},
        {"layer": "convolution", "outputs": 6, "kernel": 3, "padding": 1},
        {"layer": "global-average-pool"}, {"layer": "dense", "outputs": 1}]}
        """
    ).network()
    let found = try findings(network, train, TrialData.settings(steps: 300))
    #expect(found.first?.cause == .cannotRepresent, "\(found)")
  }

  @Test(
    "two numbers of which one is rare, fitted by distances, are classes: the network answers the frequent one to everything"
  )
  func rareNumber() throws {
    let plain = TrialData.yesNo(count: 2000)
    let values = plain.features.scalars
    let train = Examples<Float>(
      features: plain.features,
      targets: Tensor(
        [plain.count, 1], (0..<plain.count).map { values[4 * $0] > 1.8 ? Float(1) : 0 }))
    let loss = try #require(LossFunction(rawValue: "mae"))
    let found = try findings(
      TrialData.network([4, 8, 1], .linear), train, TrialData.settings(loss, rate: 1e-3, steps: 200)
    )
    #expect(found.first?.cause == .labelsReadAsValues, "\(found)")
    #expect(found.first?.remedy.contains("--class-weights balanced") == true, "\(found)")
  }

  @Test("with class weights, too few steps are told, and enough are not")
  func weightedClasses() throws {
    let plain = TrialData.yesNo(count: 2000)
    let values = plain.features.scalars
    let train = Examples<Float>(
      features: plain.features,
      targets: Tensor(
        [plain.count, 1],
        (0..<plain.count).map { values[4 * $0] + 0.3 * values[4 * $0 + 1] > 1.6 ? Float(1) : 0 }))
    func found(steps: Int) throws -> [Finding] {
      var settings = TrialData.settings(rate: 1e-3, steps: steps, batch: 128)
      var form = try #require(settings.loss.form as? any ClassLossForm)
      form.classWeights = [0.53, 9]
      settings.loss = LossFunction(form)
      return try findings(TrialData.network([4, 8, 1]), train, settings)
    }
    let few = try found(steps: 100)
    #expect(
      few.first.map { [.tooFewSteps, .learningRateTooSmall].contains($0.cause) } == true, "\(few)")
    #expect(try found(steps: 3000) == [])
  }

  @Test("copies that are most of the training set are told, as data inspect tells them")
  func copies() throws {
    let few = TrialData.yesNo(count: 40, features: 8)
    let rows = (0..<800).map { $0 % 40 }
    let train = Examples<Float>(
      features: few.features.selectingRows(rows), targets: few.targets.selectingRows(rows))
    let found = try findings(TrialData.network([8, 8, 1]), train, TrialData.settings())
    #expect(found.map(\.cause).contains(.repeatedExamples), "\(found)")
  }
}
