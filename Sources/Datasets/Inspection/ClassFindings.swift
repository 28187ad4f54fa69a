import Console
import Findings

/// Findings about the classes of labelled sets.
struct ClassFindings {
  private let sets: LabelledSets
  private let outputCount: Int?

  /// A class with so many times the examples of another is told.
  private static let largestRatio = 10.0

  init(_ sets: LabelledSets, outputCount: Int?) {
    self.sets = sets
    self.outputCount = outputCount
  }

  var findings: [Finding] { beyondOutputs + [missing, imbalance].compactMap { $0 } }

  private var beyondOutputs: [Finding] {
    guard let outputCount else { return [] }
    return sets.all.compactMap { set in
      let labels = set.labels
      let beyond = labels.indices.filter { labels[$0] >= outputCount }
      guard let first = beyond.first else { return nil }
      let largest = labels.max() ?? 0
      return Finding(
        family: .data, cause: .labelsOutOfRange, severity: .error,
        symptom: "\(beyond.count) labels are outside 0 ... \(outputCount - 1), the network's "
          + "outputs; the largest is \(largest)",
        explanation: "there is no output for such a class",
        location: Finding.Location(
          set: set.name, detail: "example \(first)" + (beyond.count > 1 ? " and others" : "")),
        evidence: [
          Finding.Number("count", Double(beyond.count)),
          Finding.Number("largest", Double(largest)),
          Finding.Number("outputs", Double(outputCount)),
        ],
        remedy: "give the network at least \(largest + 1) outputs, or correct the labels")
    }
  }

  private func name(_ label: Int) -> String {
    guard let names = sets.train.classNames, names.indices.contains(label) else {
      return "class \(label)"
    }
    return "class \(label) (\(names[label]))"
  }

  private var missing: Finding? {
    let counts = sets.train.classCounts
    let missing = counts.indices.filter { counts[$0] == 0 }
    guard !missing.isEmpty else { return nil }
    let isAlone = counts.count - missing.count < 2
    return Finding(
      family: .data, cause: .missingClasses, severity: isAlone ? .error : .warning,
      symptom: isAlone
        ? "all examples are of one class"
        : "\(missing.count) of \(counts.count) classes have no example",
      explanation: isAlone ? "there is nothing to tell apart" : "they cannot be learned",
      location: Finding.Location(
        set: sets.train.name, detail: DataJudgement.list(missing.map(name))),
      evidence: [
        Finding.Number("missing", Double(missing.count)),
        Finding.Number("classes", Double(counts.count)),
      ],
      remedy: isAlone
        ? "look at how the labels were made, or which column they were taken from"
        : "number the classes without gaps, or add examples of them")
  }

  private var imbalance: Finding? {
    let counts = sets.train.classCounts
    let present = counts.indices.filter { counts[$0] > 0 }
    guard present.count > 1, let most = present.max(by: { counts[$0] < counts[$1] }),
      let least = present.min(by: { counts[$0] < counts[$1] }),
      Double(counts[most]) >= Self.largestRatio * Double(counts[least])
    else { return nil }
    let share = Double(counts[most]) / Double(sets.train.exampleCount)
    return Finding(
      family: .data, cause: .imbalance,
      symptom: "\(name(most)) has \(counts[most]) examples and \(name(least)) "
        + "\(counts[least])",
      explanation: "to answer always \(name(most)) is right for \(NumberFormat.percent(share))",
      location: Finding.Location(set: sets.train.name),
      evidence: [
        Finding.Number("largest count", Double(counts[most])),
        Finding.Number("smallest count", Double(counts[least])),
        Finding.Number("largest share", share),
      ],
      remedy: "compare the error with \(NumberFormat.percent(1 - share)), look at the error of "
        + "each class, and weight or repeat the rare classes")
  }
}

extension Finding.Cause {
  /// Classes with many more examples than others.
  public static let imbalance: Self = "imbalance"
  /// Classes without a training example.
  public static let missingClasses: Self = "missing-classes"
  /// Labels that are not classes, or beyond a network's outputs.
  public static let labelsOutOfRange: Self = "labels-out-of-range"
}

extension ClassFindings {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(.data, .imbalance, "classes with many more examples than others"),
    Finding.CauseMeaning(.data, .missingClasses, "classes without a training example"),
    Finding.CauseMeaning(
      .data, .labelsOutOfRange, "labels that are not classes, or beyond a network's outputs"),
  ]
}
