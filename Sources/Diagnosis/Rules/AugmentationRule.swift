import Findings
import Foundation

extension Finding.Cause {
  /// Augmentation changes examples beyond recognition.
  public static let augmentationTooStrong: Self = "augmentation-too-strong"
}

/// Family 6: augmentation that changes examples by more than they differ from each other.
struct AugmentationRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .data, .augmentationTooStrong, "augmentation changes examples beyond recognition")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .augmentationTooStrong else { return [] }
    return [Treatment("no augmentation", .settings { $0.augmentation = nil })]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let change = evidence.targets.augmentation, change > 1.5, evidence.isInTrouble else {
      return []
    }
    let movesPixels = evidence.settings.augmentation?.asksForPictures ?? false
    return [
      Finding(
        family: .data, cause: .augmentationTooStrong,
        symptom: String(
          format:
            "\(Setting.augment) changes the features by %.3g times their variance in mean square",
          change),
        explanation:
          "an augmented example is farther from its original than from other examples, so its content is lost",
        location: Finding.Location(set: "train", step: 0),
        evidence: [Finding.Number("change over variance", change)],
        remedy:
          "augment less (\(Setting.augment) noise=0.05\(movesPixels ? ",shift=1" : "")), or not at all"
      )
    ]
  }
}
