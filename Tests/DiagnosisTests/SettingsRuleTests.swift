import Diagnosis
import Findings
import Foundation
import Networks
import Plumbline
import Testing
import Training

/// What the settings of a run do to it, what its network cannot do, and what its targets are: each named where it is at fault, and
/// silent in the run without it.
@Suite struct SettingsRuleTests {
  private func causes(
    _ network: Network? = nil, _ train: Examples<Float>? = nil,
    _ settings: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> [Finding.Cause] {
    var chosen = TrainData.settings
    settings(&chosen)
    return try TrainingRun(
      network ?? TrialData.network([4, 12, 1]), on: train ?? TrialData.yesNo(), chosen
    ).diagnosed().diagnosis.findings.map(\.cause)
  }

  private enum TrainData {
    static var settings: TrainingSettings {
      TrialData.settings(.binaryCrossEntropy, .sgd, rate: 0.3, steps: 600)
    }
  }

  @Test func theRunWithoutFaultIsHealthy() throws {
    #expect(try causes() == [])
    #expect(try causes { $0.clipNorm = 5 } == [])
    #expect(try causes { $0.schedule.form = .cosine(floor: 0) } == [])
    #expect(try causes { $0.schedule.warmUp = 30 } == [])
  }

  @Test func aBoundFarBelowTheGradientsIsNamed() throws {
    #expect(try causes { $0.clipNorm = 1e-4 }.first == .gradientClipped)
  }

  @Test func aRateThatIsGoneAtOnceIsNamed() throws {
    #expect(try causes { $0.schedule.form = .exponential(factor: 0.5) }.first == .scheduleTooFast)
    #expect(try causes { $0.schedule.warmUp = 1_000_000 }.first == .scheduleTooFast)
  }

  @Test func aMomentumThatOutlastsTheRunIsNamed() throws {
    func causes(_ momentum: Double) throws -> [Finding.Cause] {
      try self.causes(nil, TrialData.yesNo(noise: 0.1)) {
        ($0.optimizer, $0.learningRate, $0.length) = (.momentum, 0.1, .steps(400))
        $0.optimizerOptions.momentum = momentum
      }
    }
    #expect(try causes(0.9995).first == .momentumTooLarge)
    #expect(try causes(0.9) == [])
  }

  @Test func anEpsilonAboveTheGradientsIsNamed() throws {
    func causes(_ epsilon: Double) throws -> [Finding.Cause] {
      try self.causes {
        ($0.optimizer, $0.learningRate) = (.adam, 3e-3)
        $0.optimizerOptions["epsilon"] = epsilon
      }
    }
    #expect(try causes(100).first == .epsilonTooLarge)
    #expect(try causes(1e-6) == [])
  }

  @Test func labelsThatAreSmoothedAwayAreNamed() throws {
    func causes(_ share: Double) throws -> [Finding.Cause] {
      try self.causes { settings in
        var form = BinaryCrossEntropyLoss()
        form.labelSmoothing = share
        settings.loss = LossFunction(form)
      }
    }
    #expect(try causes(0.97).first == .smoothingTooStrong)
    #expect(try causes(0.1) == [])
  }

  @Test func oneClassIsNamed() throws {
    let train = TrialData.yesNo()
    let ones = Examples<Float>(features: train.features, targets: .ones(train.targets.shape))
    #expect(try causes(nil, ones).first == .singleClass)
  }

  @Test func aFunctionBelowTheLossIsNamedWithItsFloor() throws {
    let network = try TrialData.network([4, 12, 1]) { $0.layers.append(LayerDescription(.relu)) }
    let found = try TrainingRun(network, on: TrialData.yesNo(), TrainData.settings)
      .diagnosed().diagnosis.findings
    #expect(found.first?.cause == .outputLossMismatch)
    // Labels of 0 cost log 2 each, those of 1 nothing.
    let rate = TrialData.yesNo().targets.scalars.reduce(0, +) / 1500
    let floor = try #require(found.first?["floor of the loss"])
    #expect(abs(floor - 0.6931471805599453 * Double(1 - rate)) < 1e-6)
  }

  @Test func unitsThatStartAlikeAreNamed() throws {
    let network = try TrialData.network([4, 12, 12, 1]) { description in
      description.layers[2] = LayerDescription(
        .dense(outputs: 12, initializer: .constant(0.1)))
    }
    let found = try TrainingRun(network, on: TrialData.yesNo(), TrainData.settings)
      .diagnosed().diagnosis.findings
    #expect(found.first?.cause == .equalInitialWeights && found.first?.location.layer == "2")
  }

  @Test func noRelationIsNotClaimedOfAParity() throws {
    // Any subset of five of the eight bits says nothing; all of them together say everything.
    let key = Key(seed: 4)
    let bits = key["bits"].uniform(400 * 8).map { Float($0 < 0.5 ? 0 : 1) }
    let parity = (0..<400).map { row -> Float in
      bits[row * 8..<row * 8 + 5].reduce(0, +).truncatingRemainder(dividingBy: 2)
    }
    let train = Examples<Float>(
      features: Tensor([400, 8], bits), targets: Tensor([400, 1], parity))
    let network = try TrialData.network([8, 4, 1])
    #expect(try !causes(network, train).contains(.noSignalInInputs))
  }

  @Test func aRemedyNamesARateThatLearns() throws {
    let (network, train) = (try TrialData.network([4, 16, 16, 1]), TrialData.yesNo())
    for rate in [2.0, 1e-6] {
      var settings = TrialData.settings(rate: rate)
      let found = try TrainingRun(network, on: train, settings).diagnosed().diagnosis.findings
      let remedy = try #require(found.first?.remedy)
      let option = try #require(remedy.firstMatch(of: /--learning-rate ([0-9.e-]+[0-9])/))
      settings.learningRate = try #require(Double(option.output.1))
      let error = try TrainingRun(network, on: train, settings).result().train.error
      #expect(try #require(error) < 0.05, "\(remedy)")
    }
  }

  @Test func twoFaultsOfWhichNoneIsMendedAloneStayInTheirOrder() throws {
    let small = TrialData.yesNo()
    let examples = Examples(features: small.features * 5e4, targets: small.targets)
    let network = try TrialData.network([4, 8, 1])
    var run = TrainingRun(network, on: examples, TrainData.settings)
    let layout = ParameterLayout(of: network)
    run.initial = Parameters(
      layout: layout, vector: Tensor([layout.count], [Float](repeating: 0, count: layout.count)))
    let diagnosed = try run.diagnosed().diagnosis
    #expect(diagnosed.findings.count > 1 && diagnosed.findings[0].cause == .unscaledInputs)
    let explained = try run.explained(diagnosed)
    let causes = explained.findings.map(\.cause)
    #expect(causes.starts(with: diagnosed.findings.map(\.cause)), "\(causes)")
    #expect(explained.findings[0].counterfactual?.learned == false)
  }

  @Test("the rate that is shown is the one that the remedy states")
  func theShownRateIsStated() throws {
    for rate in [2.0, 1e-5] {
      let run = TrainingRun(
        try TrialData.network([4, 16, 16, 1]), on: TrialData.yesNo(), TrialData.settings(rate: rate)
      )
      let explained = try run.explained(run.diagnosed().diagnosis)
      let first = try #require(explained.findings.first)
      let shown = try #require(first.counterfactual)
      #expect(shown.learned, "\(first)")
      #expect(
        first.remedy.contains("--learning-rate \(String(format: "%.2g", shown.learningRate))"),
        "\(first)")
    }
  }

  @Test func anExplanationPutsWhatHelpedFirst() throws {
    var settings = TrainData.settings
    settings.clipNorm = 1e-4
    let run = TrainingRun(try TrialData.network([4, 12, 1]), on: TrialData.yesNo(), settings)
    let diagnosed = try run.diagnosed()
    let explained = try run.explained(diagnosed.diagnosis)
    #expect(explained.findings.first?.cause == .gradientClipped)
    let shown = try #require(explained.findings.first?.counterfactual)
    #expect(shown.learned && shown.steps <= 3 * 600)
    #expect(shown.loss < 0.5 * diagnosed.result.train.loss)
  }
}
