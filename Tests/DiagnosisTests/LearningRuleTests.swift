import Diagnosis
import Findings
import Networks
import Plumbline
import Testing
import Training

/// What is told where nothing is learned, and what is not told where batches are noisy.
@Suite struct LearningRuleTests {
  private func findings(
    _ network: Network, _ train: Examples<Float>, _ settings: TrainingSettings
  ) throws -> [Finding] {
    try TrainingRun(network, on: train, settings).diagnosed().diagnosis.findings
  }

  @Test("labels without relation to the inputs are not taken for a small rate")
  func shuffledLabels() throws {
    let plain = TrialData.yesNo(count: 2000)
    let train = Examples<Float>(
      features: plain.features,
      targets: plain.targets.selectingRows(Key(seed: 9).permutation(plain.count)))
    let found = try findings(
      TrialData.network([4, 8, 1]), train,
      TrialData.settings(.binaryCrossEntropy, .sgd, rate: 0.1, steps: 1000))
    #expect(found.map(\.cause) == [.noSignalInInputs], "\(found)")
  }

  @Test("weights that are all zero are told as such, and not as units that were born dead")
  func zeroWeights() throws {
    let network = try TrialData.network([4, 12, 12, 1]) { description in
      for position in description.layers.indices {
        guard var dense = description.layers[position].form as? DenseForm else { continue }
        dense.initializer = .zero
        description.layers[position].form = dense
      }
    }
    let found = try findings(network, TrialData.yesNo(), TrialData.settings())
    #expect(found.map(\.cause) == [.initialScaleTooSmall], "\(found)")
    #expect(found.first?.location.step == 0 && found.first?.explanation.contains("zero") == true)
  }

  @Test("small batches of noisy labels swing, and no rate is blamed", arguments: [8, 16, 32])
  func noisyBatches(batch: Int) throws {
    let found = try findings(
      TrialData.network([4, 8, 1]), TrialData.yesNo(count: 2000, noise: 0.25),
      TrialData.settings(rate: 1e-3, steps: 3000, batch: batch))
    #expect(found == [], "\(found)")
  }

  @Test("one weak layer of three is named")
  func weakLayer() throws {
    let network = try TrialData.network([4, 16, 16, 1]) { description in
      description.layers[2] = LayerDescription(
        .dense(outputs: 16, initializer: .normal(standardDeviation: 1e-7)))
    }
    let found = try findings(
      network, TrialData.yesNo(),
      TrialData.settings(.binaryCrossEntropy, .sgd, rate: 0.01, steps: 60))
    #expect(
      found.first?.cause == .initialScaleTooSmall && found.first?.location.layer == "2",
      "\(found)")
  }
}
