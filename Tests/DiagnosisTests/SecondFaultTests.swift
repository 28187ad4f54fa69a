import Diagnosis
import Findings
import Networks
import Plumbline
import Testing
import Training

/// Two faults at once are both told, and what the first remedy says to type mends both.
@Suite struct SecondFaultTests {
  private func findings(
    _ network: Network, _ train: Examples<Float>, _ settings: TrainingSettings
  ) throws -> [Finding] {
    try TrainingRun(network, on: train, settings).diagnosed().diagnosis.findings
  }

  @Test("features in thousands hide a rate a million times too small, and both are told")
  func smallRateBesideScale() throws {
    let plain = TrialData.yesNo()
    let train = Examples<Float>(features: plain.features * 1000, targets: plain.targets)
    let found = try findings(
      TrialData.network([4, 12, 1]), train,
      TrialData.settings(.binaryCrossEntropy, .sgd, rate: 1e-9))
    #expect(found.map(\.cause) == [.unscaledInputs, .learningRateTooSmall], "\(found)")
    #expect(
      found.first?.remedy.contains("--normalize per-feature --learning-rate 0.1") == true,
      "\(found)")
  }

  @Test("a network that cannot represent a sine, and has ten steps, is told both")
  func fewStepsBesideWidth() throws {
    let plain = TrialData.yesNo(features: 4)
    let train = Examples<Float>(
      features: plain.features,
      targets: Tensor(
        [plain.count, 1],
        (0..<plain.count).map { row -> Float in
          let own = plain.features.selectingRows([row]).scalars
          return own[0] + own[1] * own[1] - own[2]
        }))
    let found = try findings(
      TrialData.network([4, 1, 1], .linear), train,
      TrialData.settings(.meanSquaredError, steps: 10))
    #expect(found.map(\.cause) == [.cannotRepresent, .tooFewSteps], "\(found)")
    #expect(found.first?.remedy.contains("--hidden 16 --steps 2000") == true, "\(found)")
  }

  @Test("a rate that suits is not told beside another finding")
  func rateThatSuits() throws {
    let plain = TrialData.yesNo()
    let train = Examples<Float>(features: plain.features * 1000, targets: plain.targets)
    let found = try findings(
      TrialData.network([4, 12, 1]), train,
      TrialData.settings(.binaryCrossEntropy, .sgd, rate: 0.05))
    #expect(!found.map(\.cause).contains(.learningRateTooSmall), "\(found)")
  }

  @Test("a momentum of one is told although the run seems to have learned")
  func endlessMomentum() throws {
    var settings = TrialData.settings(.binaryCrossEntropy, .momentum, rate: 1e-3, steps: 300)
    settings.optimizerOptions.momentum = 1
    let found = try findings(TrialData.network([4, 8, 1]), TrialData.yesNo(), settings)
    #expect(found.first?.cause == .momentumTooLarge, "\(found)")
    #expect(found.first?.symptom.contains("never forgets") == true, "\(found)")
  }

  @Test("a rate at which each update is larger than the weights is too large, whatever was learned")
  func updatesBeyondWeights() throws {
    let found = try findings(
      TrialData.network([4, 8, 1]), TrialData.yesNo(noise: 0.02),
      TrialData.settings(rate: 2, steps: 200))
    #expect(
      found.allSatisfy { [.learningRateTooLarge, .updateKilledUnits].contains($0.cause) },
      "\(found)")
  }

  @Test("counts in hundreds have losses below zero: a run that still falls has too few steps")
  func countsFallOn() throws {
    let plain = TrialData.yesNo(count: 900)
    let train = Examples<Float>(
      features: plain.features,
      targets: Tensor(
        [plain.count, 1],
        (0..<plain.count).map { row -> Float in
          let own = plain.features.selectingRows([row]).scalars
          return (30 * (own[0] > 0 ? 2 : 1) * (own[1] > 0 ? Float(1) : 1.5)).rounded()
        }))
    let poisson = try #require(LossFunction(rawValue: "poisson"))
    func found(steps: Int) throws -> [Finding] {
      try findings(
        TrialData.network([4, 16, 1], .exponential), train,
        TrialData.settings(poisson, rate: 3e-3, steps: steps))
    }
    #expect(try found(steps: 60).first?.cause == .tooFewSteps)
    #expect(try found(steps: 2500) == [])
  }
}
