import Datasets
import Diagnosis
import Findings
import Foundation
import Plumbline
import Testing
import Training

/// `diagnosis.json`: evidence and findings, stored and read again.
@Suite struct DiagnosisFileTests {
  private func diagnosis(rate: Double) throws -> Diagnosis {
    var settings = CaseData.descent(rate: rate, steps: 60)
    settings.loss = .meanSquaredError
    let run = TrainingRun(
      try CaseData.network(rate < 1 ? [8, 6, 5, 1] : [8, 1], .he),
      on: try CaseData.eightFeatures(count: 40),
      settings, dev: try CaseData.eightFeatures(seed: 2, count: 20))
    return try run.diagnosed().diagnosis
  }

  @Test(arguments: [0.01, 1e4]) func whatIsStoredIsReadAgain(rate: Double) throws {
    let diagnosis = try diagnosis(rate: rate)
    let stored = try Diagnosis(json: diagnosis.json())
    #expect(stored.findings == diagnosis.findings)
    #expect(stored.evidence.settings == diagnosis.evidence.settings)
    #expect(stored.derivedAgain().findings == diagnosis.findings)
    if rate < 1 { #expect(stored == diagnosis) }
  }

  @Test func whatAnOlderVersionToldOfTheDataIsToldAgain() throws {
    let small = try CaseData.eightFeatures(count: 40)
    let examples = Examples(features: small.features * 3e4, targets: small.targets)
    let run = TrainingRun(
      try CaseData.network([8, 6, 1], .he), on: examples, CaseData.descent(rate: 1e-6, steps: 60))
    let diagnosis = try run.diagnosed().diagnosis
    #expect(diagnosis.findings.first?.cause == .unscaledInputs)
    // It stored no judgement of the data: a network at the base rate is on a plateau then.
    var evidence = diagnosis.evidence
    evidence.data.findings = nil
    #expect(Diagnosis(evidence).findings.allSatisfy { $0.cause != .unscaledInputs })
    var stored = Diagnosis(evidence)
    stored.findings = diagnosis.findings
    #expect(try Diagnosis(json: stored.json()).derivedAgain().findings == diagnosis.findings)
  }

  @Test func aLossThatIsNotFiniteIsTold() throws {
    let diagnosis = try diagnosis(rate: 1e4)
    let finding = try #require(diagnosis.findings.first)
    #expect(finding.family == .numbers && finding.cause == .learningRateTooLarge)
    #expect(finding.location.step == diagnosis.evidence.outcome.failure?.step)
    #expect(diagnosis.evidence.outcome.failure?.operation != nil)
  }

  @Test func aFileOfSomethingElseIsAnError() {
    #expect(throws: DecodingError.self) { try Diagnosis(json: Data("{\"findings\": []}".utf8)) }
  }

  @Test func theKeysAreInSnakeCase() throws {
    let text = String(decoding: try diagnosis(rate: 0.01).json(), as: UTF8.self)
    #expect(text.contains("\"example_count\" : 40"))
    #expect(!text.contains("exampleCount"))
  }
}
