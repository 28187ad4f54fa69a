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
