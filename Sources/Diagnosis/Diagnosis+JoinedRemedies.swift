import Findings
import Training

extension Diagnosis {
  /// Findings whose remedies are typed together with that of the first: settings that stop any run.
  private static let joined: Set<Finding.Cause> = [
    .gradientClipped, .scheduleTooFast, .epsilonTooLarge, .momentumTooLarge,
    .tooMuchRegularization, .unscaledInputs, .tooFewSteps, .imbalance, .cannotRepresent,
    .targetsOutOfReach, .targetLeak,
  ]

  /// The findings, the first of which says to type what the others need too: mended alone, it would not show.
  static func joiningRemedies(_ findings: [Finding], _ evidence: Evidence) -> [Finding] {
    guard evidence.standing != .learned, var first = findings.first, findings.count > 1 else {
      return findings
    }
    for other in findings.dropFirst() {
      let options: String?
      switch other.cause {
      case .learningRateTooLarge, .updateKilledUnits:
        options = evidence.calmerRate.map(Evidence.option)
      case .learningRateTooSmall:
        options = RemedyOptions.rate(in: other.remedy).map(Evidence.option)
      case let cause where joined.contains(cause): options = RemedyOptions(in: other.remedy)?.text
      default: options = nil
      }
      if let options { first.remedy = RemedyOptions.adding(options, to: first.remedy) }
    }
    return [first] + findings.dropFirst()
  }
}
