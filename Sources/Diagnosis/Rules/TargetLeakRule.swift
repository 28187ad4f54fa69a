import Findings

extension Finding.Cause {
  /// A feature tells the label by itself.
  public static let targetLeak: Self = "target-leak"
}

/// Family 6: a feature that is the label under another name, one among others that are not.
struct TargetLeakRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.data, .targetLeak, "a feature tells the label by itself")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .targetLeak, let feature = finding["feature"].map({ Int($0) }) else {
      return []
    }
    return [
      Treatment("without feature \(feature)", isDecisive: false, .withoutFeature(feature))
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    if let broken = evidence.relation?.broken {
      let feature = broken.feature
      return [
        Finding(
          family: .data, cause: .targetLeak,
          symptom: String(
            format:
              "feature \(feature), counted from 0, goes with the targets of the training set (correlation %.2f) and not with those of the other "
              + "sets (%.2f)", broken.correlation, broken.otherCorrelation),
          explanation:
            "it tells the training examples' targets by something that new examples do not have; the network relies on it, and fails there",
          location: Finding.Location(set: "train", quantity: "feature \(feature)"),
          evidence: [
            Finding.Number("feature", Double(feature)),
            Finding.Number("correlation in train", broken.correlation),
            Finding.Number("correlation elsewhere", broken.otherCorrelation),
          ], remedy: "leave that column out (\(way(feature, evidence)))")
      ]
    }
    if let separation = evidence.targets.separation { return [separated(separation, evidence)] }
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

  private func separated(_ separation: Separation, _ evidence: Evidence) -> Finding {
    let feature = separation.features[0]
    let name =
      evidence.outcome.columnNames.flatMap { names in
        names.indices.contains(feature) ? " (\(names[feature]))" : nil
      } ?? ""
    return Finding(
      family: .data, cause: .targetLeak,
      symptom: "feature \(feature)\(name), counted from 0, tells the classes by itself: "
        + String(
          format:
            "a threshold is wrong for %.1f %% of the examples, where all other features together leave %.0f %%",
          100 * separation.error, 100 * separation.errorWithout),
      explanation:
        "so much is seldom known before the label is: the network learns to copy it, and fails where it is not known",
      location: Finding.Location(set: "train", quantity: "feature \(feature)"),
      evidence: [
        Finding.Number("feature", Double(feature)),
        Finding.Number("error by it alone", separation.error),
        Finding.Number("error by all others", separation.errorWithout),
      ],
      remedy:
        "leave that column out, unless it is known before the label is (\(way(feature, evidence)))")
  }

  /// How a column is left out: tables are told, and of arrays a column is deleted.
  private func way(_ feature: Int, _ evidence: Evidence) -> String {
    if let names = evidence.outcome.columnNames, names.indices.contains(feature) {
      let name = names[feature]
      let isPlain = name.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0))
      }
      // One feature less, or several where it is a text: the inputs have to come from the data then.
      let hidden = evidence.hiddenOption.map { " " + $0 } ?? ""
      return "\(Setting.drop) \(isPlain ? name : "'\(name.replacing("'", with: "'\\''"))'")"
        + hidden
    }
    return "X = np.delete(X, \(feature), axis=1)"
  }
}
