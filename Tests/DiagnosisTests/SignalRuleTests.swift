import Diagnosis
import Findings
import Networks
import Plumbline
import Testing
import Training

/// Networks of many sigmoids, which no scale of the weights helps alone.
@Suite struct SignalRuleTests {
  private func first(_ deviation: Double) throws -> Finding? {
    var options = DenseNetworkOptions()
    options.output = .sigmoid
    options.activation = .sigmoid
    options.scheme = .fixed(.normal(standardDeviation: deviation))
    let network = try NetworkDescription(widths: [4, 16, 16, 16, 16, 1], options: options).network()
    let run = TrainingRun(
      network, on: TrialData.yesNo(count: 400), TrialData.settings(rate: 1e-3, steps: 80))
    return try run.diagnosed().diagnosis.findings.first
  }

  @Test(
    "a single hidden layer that starts far too large is told before too few steps",
    arguments: [Activation.relu, .sigmoid])
  func largeSingleLayer(activation: Activation) throws {
    func first(_ scheme: DenseNetworkOptions.Scheme) throws -> Finding? {
      var options = DenseNetworkOptions()
      options.output = .softmax
      options.activation = activation
      options.scheme = scheme
      let network = try NetworkDescription(widths: [12, 20, 4], options: options).network()
      let key = Key(seed: 6)
      let values = key["x"].normal(12 * 600)
      let train = Examples<Float>(
        features: Tensor([600, 12], values.map { Float($0) }),
        targets: Tensor(
          [600],
          (0..<600).map { Float((values[12 * $0] > 0 ? 1 : 0) + (values[12 * $0 + 1] > 0 ? 2 : 0)) }
        ))
      return try TrainingRun(
        network, on: train, TrialData.settings(.crossEntropy, .sgd, rate: 0.03, steps: 200)
      ).diagnosed().diagnosis.findings.first
    }
    let large = try #require(try first(.fixed(.normal(standardDeviation: 4))))
    #expect(large.cause == .initialScaleTooLarge && large.remedy.contains("--init"), "\(large)")
    // At a customary scale the same run has too few steps, if anything.
    #expect(try first(.fixed(.glorot()))?.cause != .initialScaleTooLarge)
  }

  @Test("values that overflow at the start: no weights are proposed that the run has already")
  func overflowAtStart() throws {
    func finding(_ activation: Activation, _ scheme: DenseNetworkOptions.Scheme) throws -> Finding?
    {
      var options = DenseNetworkOptions()
      options.output = .sigmoid
      options.activation = activation
      options.scheme = scheme
      let network = try NetworkDescription(widths: [4, 40, 40, 40, 1], options: options).network()
      return try TrainingRun(
        network, on: TrialData.yesNo(count: 300), TrialData.settings(steps: 20)
      ).diagnosed().diagnosis.findings.first { $0.cause == .overflow }
    }
    let grown = try #require(try finding(.exponential, .he))
    #expect(!grown.remedy.contains("--init") && grown.remedy.contains("--activation"), "\(grown)")
    #expect(!grown.symptom.contains("-nan"), "\(grown)")
    let run = TrainingRun(
      try TrialData.network([4, 8, 1]), on: TrialData.yesNo(count: 300),
      TrialData.settings(steps: 20))
    // A treatment that changes nothing is not carried out.
    let evidence = try run.diagnosed().diagnosis.evidence
    let shown = try run.explained(
      Finding(
        family: .signal, cause: .initialScaleTooLarge, symptom: "", explanation: "", remedy: ""),
      in: evidence)
    #expect(shown.counterfactual == nil, "\(shown)")
  }

  @Test(
    "weights too small for sigmoids: other weights and another activation, and never He's alone")
  func small() throws {
    let finding = try #require(try first(0.01))
    #expect(finding.cause == .initialScaleTooSmall, "\(finding)")
    #expect(finding.remedy.contains("--init glorot --activation tanh"), "\(finding)")
  }

  @Test("weights so large that sigmoids are flat: smaller ones, and not residual blocks")
  func large() throws {
    let finding = try #require(try first(6))
    #expect(
      [.initialScaleTooLarge, .saturation].contains(finding.cause)
        && !finding.remedy.contains("residual"),
      "\(finding)")
  }
}
