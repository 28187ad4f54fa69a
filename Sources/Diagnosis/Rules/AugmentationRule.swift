import Findings
import Foundation

extension Finding.Cause {
  /// Examples are changed beyond recognition.
  public static let augmentationTooStrong: Self = "augmentation-too-strong"
}

/// Family 6: augmentation that changes examples by more than they differ from each other.
struct AugmentationRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.data, .augmentationTooStrong, "examples are changed beyond recognition")
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
            "\(Setting.augment) changes the features by a mean square of %.3g times their variance",
          change),
        explanation:
          "a changed example is farther from itself than from others, so that what it shows is lost",
        location: Finding.Location(set: "train", step: 0),
        evidence: [Finding.Number("change over variance", change)],
        remedy:
          "change less (\(Setting.augment) noise=0.05\(movesPixels ? ",shift=1" : "")), or leave that out"
      )
    ]
  }
}
