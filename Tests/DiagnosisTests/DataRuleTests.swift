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
}
