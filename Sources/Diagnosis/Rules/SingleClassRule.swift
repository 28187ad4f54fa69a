import Findings

extension Finding.Cause {
  /// All labels are the same.
  public static let singleClass: Self = "single-class"
}

/// Family 6: targets that do not differ, so that there is nothing to tell apart.
struct SingleClassRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.data, .singleClass, "all labels are the same")
  ]

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard !evidence.targets.varies else { return [] }
    let areClasses = evidence.targets.classCount != nil
    return [
      Finding(
        family: .data, cause: .singleClass, severity: .error,
        symptom: areClasses ? "all examples are of one class" : "all targets are the same number",
        explanation:
          "an answer that ignores the features is right, and nothing else can be learned",
        location: Finding.Location(set: "train"),
        evidence: [Finding.Number("examples", Double(evidence.exampleCount))],
        remedy:
          "look at which column the labels were taken from (plumb data inspect tells), and at how they were made"
      )
    ]
  }
}
