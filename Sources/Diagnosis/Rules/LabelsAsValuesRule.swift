import Findings

extension Finding.Cause {
  /// Class numbers are fitted as amounts.
  public static let labelsReadAsValues: Self = "labels-read-as-values"
}

/// Family 6: classes on one output under the squared error, which takes class 2 to be twice class 1.
struct LabelsAsValuesRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let count = evidence.outcome.classesAsValues else { return [] }
    return [
      Finding(
        family: .data, cause: .labelsReadAsValues,
        symptom: "\(count) classes are fitted as the numbers 0 to \(count - 1) on one output",
        explanation:
          "the squared error takes the numbers for amounts, so that class 2 is nearer to class 1 than to class 0",
        location: Finding.Location(set: "train", step: 0),
        evidence: [Finding.Number("classes", Double(count))],
        remedy: "give the network an output for each class (--output softmax)")
    ]
  }
}
