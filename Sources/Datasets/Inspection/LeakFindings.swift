import Console
import Findings
import Foundation

/// A feature that reveals the target by itself, among others that do not.
struct LeakFindings {
  private let set: LabelledSet
  private let columnNames: [String]?

  init(_ set: LabelledSet, columnNames: [String]?) {
    self.set = set
    self.columnNames = columnNames
  }

  var findings: [Finding] {
    guard let leak = TargetLeak(set) else { return [] }
    let feature = leak.features[0]
    let areClasses = set.classCount != nil
    var evidence = [Finding.Number("feature", Double(feature))]
    let symptom: String
    switch leak.kind {
    case .copy:
      symptom =
        areClasses
        ? "has (nearly) one value per class: it is the label under another name"
        : "determines the target exactly, along a line or a curve: it is the target under another name"
    case .alone(let error, let errorWithout):
      evidence += [
        Finding.Number("error by it alone", error),
        Finding.Number("error by all others", errorWithout),
      ]
      let (own, others) = (
        NumberFormat.percent(error, decimals: 1), NumberFormat.percent(errorWithout, decimals: 0)
      )
      symptom =
        areClasses
        ? "predicts the classes by itself: a threshold on it misclassifies \(own) of the examples, all other features together \(others)"
        : "predicts the target by itself: a curve through it leaves \(own) of the variance unexplained, all other features together \(others)"
    }
    let name = columnNames.flatMap { $0.indices.contains(feature) ? " (\($0[feature]))" : nil }
    return [
      Finding(
        family: .data, cause: .targetLeak,
        // A law of physics or a price list says as much about a value.
        severity: leak.kind == .copy || areClasses ? .warning : .note,
        symptom: "feature \(feature)\(name ?? ""), counted from 0, \(symptom)",
        explanation: leak.kind == .copy
          ? "the network learns to copy it and fails where it is not known"
          : "this much is seldom known before the \(areClasses ? "label" : "target"): the network learns to copy it and fails where it is not known",
        location: Finding.Location(set: set.name, quantity: "feature \(feature)"),
        evidence: evidence,
        remedy:
          "drop that column unless it is known before the \(areClasses ? "label" : "target") "
          + "(\(FeatureRemoval.text(feature, columnNames)))")
    ]
  }
}

/// How a feature is left out.
package enum FeatureRemoval {
  /// For tables, an option; for arrays, a line that deletes a column.
  ///
  /// - Parameter columnNames: The columns that the features come from, as an option takes them; `nil` for arrays.
  package static func text(_ feature: Int, _ columnNames: [String]?) -> String {
    guard let columnNames, columnNames.indices.contains(feature) else {
      return "X = np.delete(X, \(feature), axis=1)"
    }
    return "\(Setting.drop) \(FilePaths.quoted(columnNames[feature]))"
  }
}

extension Finding.Cause {
  /// A single feature predicts the label.
  public static let targetLeak: Self = "target-leak"
}

extension LeakFindings {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(.data, .targetLeak, "a single feature predicts the label")
  ]
}
