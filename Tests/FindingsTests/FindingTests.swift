import Findings
import Foundation
import Testing

struct FindingTests {
  private let finding: Finding = {
    var finding = Finding(
      family: "units", cause: "saturation", symptom: "half of the values are flat",
      explanation: "the weights are large", location: .init(layer: "2", units: [1, 3], step: 7),
      evidence: [.init("saturated share", 0.5)], remedy: "take a smaller learning rate")
    finding.counterfactual = Counterfactual(
      change: "same run, learning rate 0.1", loss: 0.03456, error: nil, steps: 200, learned: true,
      learningRate: 0.1)
    return finding
  }()

  @Test func readsBackWhatItWrites() throws {
    let json = try JSONEncoder().encode(finding)
    #expect(try JSONDecoder().decode(Finding.self, from: json) == finding)
  }

  @Test func hasTheKeysOfStoredDiagnoses() throws {
    let stored = """
      {"cause": "saturation", "evidence": [{"name": "saturated share", "value": 0.5}],
       "explanation": "the weights are large", "family": "units", "layer": "2",
       "remedy": "take a smaller learning rate", "step": 7,
       "symptom": "half of the values are flat", "units": [1, 3]}
      """
    var expected = finding
    expected.counterfactual = nil
    #expect(try JSONDecoder().decode(Finding.self, from: Data(stored.utf8)) == expected)
    let keys = try JSONSerialization.jsonObject(with: JSONEncoder().encode(finding))
    let names = Set((keys as? [String: Any] ?? [:]).keys)
    #expect(
      names.isSuperset(of: [
        "cause", "evidence", "explanation", "family", "layer", "remedy", "step", "symptom", "units",
      ]))
  }

  @Test func saysWhatWhereAndWhy() {
    #expect(
      finding.description == """
        units (layer 2, step 7): half of the values are flat
          cause: the weights are large
          remedy: take a smaller learning rate
          shown: same run, learning rate 0.1: loss 0.0346 after 200 steps
        """)
    #expect(finding["saturated share"] == 0.5)
    #expect(finding["other"] == nil)
  }

  @Test func severitiesAreOrdered() {
    #expect(Finding.Severity.allCases.sorted(by: >) == [.error, .warning, .note])
  }

  @Test func lossesAreShownWithThreeDigits() {
    func shown(_ loss: Double) -> String {
      Counterfactual(
        change: "c", loss: loss, error: nil, steps: 1, learned: false, learningRate: 1
      ).description
    }
    #expect(shown(123_456) == "c: loss 123000 after 1 steps, which does not help enough")
    #expect(shown(0.9996) == "c: loss 1 after 1 steps, which does not help enough")
    #expect(shown(.infinity) == "c: loss not finite after 1 steps, which does not help enough")
    #expect(shown(0) == "c: loss 0.0 after 1 steps, which does not help enough")
  }
}
