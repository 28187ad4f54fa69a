import Findings

extension Finding.Cause {
  /// A feature tells the label by itself.
  public static let targetLeak: Self = "target-leak"
}

/// Family 6: a feature that is the label under another name, one among others that are not.
struct TargetLeakRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let feature = evidence.targets.copiedBy else { return [] }
    return [
      Finding(
        family: .data, cause: .targetLeak,
        symptom:
          "feature \(feature), counted from 0, has one value for each class: it is the label under another name",
        explanation: "the network learns to copy it, and fails where it is not known",
        location: Finding.Location(set: "train", quantity: "feature \(feature)"),
        evidence: [Finding.Number("feature", Double(feature))],
        remedy: "leave that column out, unless it is known before the label is (--drop)")
    ]
  }
}
