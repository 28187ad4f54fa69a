import Datasets
import Diagnosis
import Findings
import Plumbline
import Testing
import Training

/// "I added a layer and learning stopped" (CASES.md 1).
@Suite struct CaseOneTests {
  private func run(_ widths: [Int], rate: Double, seed: Int) throws -> TrainingRun<Double> {
    TrainingRun(
      try CaseData.network(widths), on: try CaseData.eightFeatures(seed: seed),
      CaseData.descent(rate: rate, steps: 3000, seed: seed), evaluationInterval: 0)
  }

  @Test(
    .enabled(if: CaseData.isOptimized, "3000 steps take long in a debug build"), arguments: 1...4)
  func theShallowOneLearnsAndIsHealthy(seed: Int) throws {
    let diagnosed = try run([8, 7, 7, 1], rate: 1, seed: seed).diagnosed()
    #expect(diagnosed.result.train.loss < 0.2)
    #expect(diagnosed.diagnosis.findings == [])
  }

  @Test(
    .enabled(if: CaseData.isOptimized, "3000 steps take long in a debug build"), arguments: 1...4)
  func theDeepOneIsStuckByItsInitialScale(seed: Int) throws {
    let run = try run([8, 7, 7, 3, 1], rate: 1, seed: seed)
    let diagnosed = try run.diagnosed()
    let (result, diagnosis) = (diagnosed.result, diagnosed.diagnosis)
    #expect(abs(result.train.loss - diagnosis.evidence.baseRate.loss) < 1e-3)
    #expect(diagnosis.findings.map(\.family) == [.baseRate])
    let finding = try #require(diagnosis.findings.first)
    #expect(finding.cause == .initialScaleTooSmall)
    #expect(finding.location.step == 0)
    let slope = try #require(finding["log slope"])
    let predicted = try #require(finding["predicted log slope"])
    #expect(abs(slope - predicted) < 1.5)
    let explained = try run.explained(finding, in: diagnosis.evidence, steps: 1000)
    let shown = try #require(explained.counterfactual)
    #expect(shown.learned)
    #expect(explained.description.contains("He's weights"))
  }
}
