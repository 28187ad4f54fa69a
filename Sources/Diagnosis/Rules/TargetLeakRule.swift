import Datasets
import Findings

/// Family 6: a feature that is the label under another name, one among others that are not.
struct TargetLeakRule: DiagnosisRule {
  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .targetLeak, let feature = finding["feature"].map({ Int($0) }) else {
      return []
    }
    return [
      Treatment("without feature \(feature)", isDecisive: false, .withoutFeature(feature))
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    if let broken = evidence.relation?.broken { return [unknownElsewhere(broken, evidence)] }
    guard var finding = evidence.data.finding(.targetLeak) else { return [] }
    // The network takes one feature less, or several less if the column is a text: the number of inputs then has to come from the
    // data.
    if let hidden = Self.hiddenOption(evidence) {
      finding.remedy += ", and take the number of inputs from the data (\(hidden))"
    }
    return [finding]
  }

  /// The hidden layers as an option, if the number of inputs was given next to them.
  private static func hiddenOption(_ evidence: Evidence) -> String? {
    evidence.outcome.columnNames != nil && evidence.outcome.takesInputsFromData != true
      ? evidence.hiddenOption : nil
  }

  /// A feature that is related to the targets of the training set but not to those of the others.
  private func unknownElsewhere(
    _ broken: SetRelation.BrokenFeature, _ evidence: Evidence
  ) -> Finding {
    let feature = broken.feature
    if let other = broken.counterpart { return otherColumns(broken, other, evidence) }
    let way =
      [
        FeatureRemoval.text(feature, evidence.outcome.columnNames),
        Self.hiddenOption(evidence),
      ].compactMap(\.self).joined(separator: " ")
    return Finding(
      family: .data, cause: .targetLeak,
      symptom: String(
        format:
          "feature \(feature), counted from 0, correlates with the targets in the training set (%.2f) but not in the other "
          + "sets (%.2f)", broken.correlation, broken.otherCorrelation),
      explanation:
        "it reveals the training examples' targets by something that new examples lack; the network relies on it, and fails there",
      location: Finding.Location(set: "train", quantity: "feature \(feature)"),
      evidence: [
        Finding.Number("feature", Double(feature)),
        Finding.Number("correlation in train", broken.correlation),
        Finding.Number("correlation elsewhere", broken.otherCorrelation),
      ], remedy: "drop that column (\(way))")
  }

  /// A feature whose part another one plays in the other set: the columns are not in the same order.
  private func otherColumns(
    _ broken: SetRelation.BrokenFeature, _ other: Int, _ evidence: Evidence
  ) -> Finding {
    let name = evidence.outcome.dev == nil ? "test" : "dev"
    return Finding(
      family: .data, cause: .differentDistributions,
      symptom: String(
        format:
          "feature \(broken.feature), counted from 0, correlates with the targets in the training set (%.2f) but not in \(name) (%.2f), "
          + "where feature \(other) does so instead", broken.correlation, broken.otherCorrelation),
      explanation: "the columns of \(name) are in another order, or mean something else",
      location: Finding.Location(set: "train and \(name)", quantity: "feature \(broken.feature)"),
      evidence: [
        Finding.Number("feature", Double(broken.feature)),
        Finding.Number("feature in \(name)", Double(other)),
        Finding.Number("correlation in train", broken.correlation),
        Finding.Number("correlation elsewhere", broken.otherCorrelation),
      ], remedy: "give both sets the same columns in the same order")
  }
}
