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
        symptom: evidence.targets.classCount == nil
          ? "feature \(feature), counted from 0, is the target but for a constant and a factor: it is the target under another name"
          : "feature \(feature), counted from 0, has one value for each class, or nearly: it is the label under another name",
        explanation: "the network learns to copy it, and fails where it is not known",
        location: Finding.Location(set: "train", quantity: "feature \(feature)"),
        evidence: [Finding.Number("feature", Double(feature))],
        remedy:
          "leave that column out, unless it is known before the label is (\(way(feature, evidence)))"
      )
    ]
  }

  /// How a column is left out: tables are told, and of arrays a column is deleted.
  private func way(_ feature: Int, _ evidence: Evidence) -> String {
    if let names = evidence.outcome.columnNames, names.indices.contains(feature) {
      let name = names[feature]
      let isPlain = name.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0))
      }
      return "--drop \(isPlain ? name : "'\(name.replacing("'", with: "'\\''"))'")"
    }
    return "X = np.delete(X, \(feature), axis=1)"
  }
}
