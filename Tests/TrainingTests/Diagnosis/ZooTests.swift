import Datasets
import Plumbline
import Testing
import Training

/// The zoo of healthy and broken runs; its 108 runs take a few seconds in a release build.
@Suite(.enabled(if: CaseData.isOptimized, "the zoo is for release builds"), .serialized)
struct ZooTests {
  private static let development = Result { try TrainingZoo(.development, jobs: 2) }
  private static let heldOut = Result { try TrainingZoo(.heldOut, jobs: 2) }

  private func zoo(_ half: ZooHalf) throws -> TrainingZoo {
    try (half == .development ? Self.development : Self.heldOut).get()
  }

  /// The zoo's demands; a broken rule must fail them.
  private func isGood(_ score: ZooScore) -> Bool {
    score.falseAlarms.count == 0 && score.detection.value >= 0.95 && score.cause.value >= 0.85
      && score.localization.value >= 0.85
  }

  @Test(arguments: ZooHalf.allCases) func theDiagnosisIsGood(half: ZooHalf) throws {
    let zoo = try zoo(half)
    #expect(zoo.specimens.count >= 40)
    let scores = ZooScore.all(on: zoo)
    #expect(isGood(scores[0]), "\(scores[0].failures)")
    // A fixed threshold is right about fewer causes than a rule that knows the depth.
    for other in scores.dropFirst() {
      #expect(other.cause.value < 0.5 && other.localization.count == 0, "\(other.name)")
    }
  }

  @Test func everyFamilyAndDepthIsThere() throws {
    for half in ZooHalf.allCases {
      let truths = try zoo(half).specimens.compactMap { $0.escaped ? nil : $0.truth?.family }
      #expect(Set(truths) == Set(Finding.Family.allCases))
    }
  }

  @Test func confidencesAreThoseOfTheHeldOutHalf() throws {
    let score = ZooScore("", Diagnosis.standardRules, on: try zoo(.heldOut))
    #expect(score.calibration == Calibration.counts)
  }

  // MARK: The test is tested: rules that are broken on purpose

  /// Sees trouble everywhere.
  private struct Alarmist: DiagnosisRule {
    func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
      [
        Finding(
          family: .signal, cause: .depthCollapse, symptom: "it is deep", explanation: "",
          remedy: "")
      ]
    }
  }

  /// Names another step than the right one.
  private struct WrongStep: DiagnosisRule {
    func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
      earlier.isEmpty
        ? Diagnosis(evidence).findings.map { finding in
          var finding = finding
          finding.step = finding.step.map { $0 + 1 }
          return finding
        } : []
    }
  }

  /// Takes every cause for another one.
  private struct WrongCause: DiagnosisRule {
    func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
      Diagnosis(evidence).findings.map { finding in
        var finding = finding
        finding.cause = .imbalance
        return finding
      }
    }
  }

  @Test func brokenRulesFail() throws {
    let zoo = try zoo(.development)
    let broken: [(String, [any DiagnosisRule])] = [
      ("nothing", []), ("alarmist", Diagnosis.standardRules + [Alarmist()]),
      ("wrong step", [WrongStep()]), ("wrong cause", [WrongCause()]),
    ]
    for (name, rules) in broken {
      #expect(!isGood(ZooScore(name, rules, on: zoo)), "\(name)")
    }
    // Without the rule of a family that family's runs are missed.
    for place in Diagnosis.standardRules.indices {
      var rules = Diagnosis.standardRules
      let left = rules.remove(at: place)
      let score = ZooScore("", rules, on: zoo)
      let whole = ZooScore("", Diagnosis.standardRules, on: zoo)
      #expect(score.cause.count < whole.cause.count, "without \(type(of: left))")
    }
  }
}
