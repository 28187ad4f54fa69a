import Findings
import Foundation
import Networks

extension Finding.Cause {
  /// Dropout removes units where none may be missing.
  public static let dropoutMisplaced: Self = "dropout-misplaced"
}

/// Family 5: dropout after the last weights, which replaces answers by zeros.
struct MisplacedDropoutRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.fit, .dropoutMisplaced, "dropout removes units where none may be missing")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .dropoutMisplaced else { return [] }
    return [Treatment("no dropout after the last layer", .network { $0.withoutEnding() })]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.facts.dropsOutputs else { return [] }
    let rate = evidence.dropout ?? 0
    return [
      Finding(
        family: .fit, cause: .dropoutMisplaced, severity: .error,
        symptom: String(
          format: "%.0f %% of the outputs themselves are dropped in training", 100 * rate),
        explanation:
          "a dropped output is 0 whatever the weights are, and its error is noise in every gradient",
        location: Finding.Location(layer: evidence.facts.lastLayer, step: 0),
        evidence: [Finding.Number("dropout", rate)],
        remedy:
          "remove the dropout after the last layer (\(evidence.answerOptions(evidence.settings.loss.judged))) and apply it after hidden layers"
      )
    ]
  }
}
