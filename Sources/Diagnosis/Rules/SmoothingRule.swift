import Findings
import Foundation
import Plumbline
import Training

extension Finding.Cause {
  /// Label smoothing leaves hardly anything of the labels.
  public static let smoothingTooStrong: Self = "smoothing-too-strong"
}

/// Family 5: labels of which more than half is spread over all classes, so that the network is taught to be uncertain.
struct SmoothingRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .fit, .smoothingTooStrong, "label smoothing leaves hardly anything of the labels")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .smoothingTooStrong else { return [] }
    return [
      Treatment(
        "label smoothing of 0.1", options: "\(Setting.labelSmoothing) 0.1",
        .settings { settings in
          guard var form = settings.loss.form as? any ClassLossForm else { return }
          form.labelSmoothing = 0.1
          settings.loss = LossFunction(form)
        })
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let form = evidence.settings.loss.form as? any ClassLossForm
    guard let smoothing = form?.labelSmoothing, smoothing > 0.5,
      evidence.isInTrouble || evidence.progress < 0.5
    else { return [] }
    return [
      Finding(
        family: .fit, cause: .smoothingTooStrong,
        symptom: String(
          format:
            "%.3g %% of each label is spread over all classes, and the loss without smoothing is %.4g",
          100 * smoothing, evidence.train.loss),
        explanation:
          "the network learns to be nearly as sure of the wrong classes as of the right one",
        location: Finding.Location(step: 0),
        evidence: [
          Finding.Number("label smoothing", smoothing), Finding.Number("loss", evidence.train.loss),
        ],
        remedy: "smooth less: \(Setting.labelSmoothing) 0.1")
    ]
  }
}
