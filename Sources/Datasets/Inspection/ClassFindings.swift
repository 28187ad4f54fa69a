import Console
import Findings

/// Findings about the classes of labeled sets, the training set first.
struct ClassFindings {
  private let sets: [LabelledSet]
  private let outputCount: Int?

  init(_ sets: [LabelledSet], outputCount: Int?) {
    self.sets = sets
    self.outputCount = outputCount
  }

  var findings: [Finding] {
    beyondOutputs + [single, unlearned ?? missing, imbalance].compactMap { $0 }
  }

  private var train: LabelledSet { sets[0] }

  private var beyondOutputs: [Finding] {
    guard let outputCount else { return [] }
    return sets.compactMap { set in
      let labels = set.labels
      let beyond = labels.indices.filter { labels[$0] >= outputCount }
      guard let first = beyond.first else { return nil }
      let largest = labels.max() ?? 0
      return Finding(
        family: .data, cause: .labelsOutOfRange, severity: .error,
        symptom: "\(beyond.count) labels are outside 0 ... \(outputCount - 1), the network's "
          + "outputs; the largest is \(largest)",
        explanation: "there is no output for these classes",
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

  private var single: Finding? {
    let areClasses = train.classCount != nil
    let isAlone: Bool
    switch train.targets {
    case .classes: isAlone = train.classCounts.count { $0 > 0 } == 1
    case .values(let values):
      let numbers = values.count == train.exampleCount ? values.doubles() : []
      isAlone = !numbers.isEmpty && numbers.allSatisfy { $0 == numbers[0] }
    }
    guard isAlone else { return nil }
    return Finding(
      family: .data, cause: .singleClass, severity: .error,
      symptom: areClasses ? "all examples belong to one class" : "all targets are the same number",
      explanation: "a constant answer is right, and there is nothing else to learn",
      location: Finding.Location(set: train.name),
      evidence: [Finding.Number("examples", Double(train.exampleCount))],
      remedy:
        "check which column the labels were taken from (plumb data inspect) and how they were made"
    )
  }

  /// Classes of other sets about which nothing can be learned.
  private var unlearned: Finding? {
    let known = Set(train.labels)
    let others = sets.dropFirst().flatMap(\.labels)
    let unknown = others.filter { !known.contains($0) }
    guard !known.isEmpty, !unknown.isEmpty else { return nil }
    let classes = Set(unknown).sorted()
    let names = sets.dropFirst().map(\.name).joined(separator: " and ")
    // With few training examples, a class may be missing by chance, and a few examples of it hurt little.
    let isByChance =
      20 * unknown.count <= others.count
      || unknown.count * train.exampleCount <= 10 * others.count
    // Sets with entirely different classes are of another distribution.
    let isOther = 2 * unknown.count > others.count
    return Finding(
      family: .data, cause: isOther ? .differentDistributions : .missingClasses,
      severity: isByChance ? .note : .warning,
      symptom:
        "\(classes.count == 1 ? "a class has" : "\(classes.count) classes have") \(unknown.count) of \(others.count) examples in \(names), "
        + "and none in the training set",
      explanation: "nothing can be learned about a class without examples",
      location: Finding.Location(
        set: train.name, detail: DataJudgement.list(classes.map(train.className))),
      evidence: [
        Finding.Number("missing", Double(classes.count)),
        Finding.Number("examples elsewhere", Double(unknown.count)),
      ], remedy: "pool the sets and split them again, so that every set has examples of every class"
    )
  }

  /// Class numbers of which no set has examples.
  private var missing: Finding? {
    let counts = train.classCounts
    let missing = counts.indices.filter { counts[$0] == 0 }
    guard !missing.isEmpty, counts.count - missing.count > 1 else { return nil }
    return Finding(
      family: .data, cause: .missingClasses,
      symptom: "\(missing.count) of \(counts.count) classes have no example",
      explanation: "they cannot be learned",
      location: Finding.Location(
        set: train.name, detail: DataJudgement.list(missing.map(train.className))),
      evidence: [
        Finding.Number("missing", Double(missing.count)),
        Finding.Number("classes", Double(counts.count)),
      ], remedy: "number the classes without gaps, or add examples of them")
  }

  private var imbalance: Finding? {
    guard let balance = ClassBalance(train), balance.isImbalanced, let most = balance.counts.first,
      let least = balance.counts.last
    else { return nil }
    let share = balance.largestShare
    return Finding(
      family: .data, cause: .imbalance,
      symptom:
        "\(most.name) has \(most.count) of \(train.exampleCount) examples, and \(least.name) "
        + "\(least.count)",
      explanation: "always answering \(most.name) is right for \(NumberFormat.percent(share))",
      location: Finding.Location(set: train.name),
      evidence: [
        Finding.Number("largest count", Double(most.count)),
        Finding.Number("smallest count", Double(least.count)),
        Finding.Number("largest share", share),
      ],
      remedy: "weight the rare classes (\(Setting.classWeights) balanced), compare the error with "
        + "\(NumberFormat.percent(1 - share)), and check the error of each class")
  }
}

extension Finding.Cause {
  /// Classes with many more examples than others.
  public static let imbalance: Self = "imbalance"
  /// Classes without a training example.
  public static let missingClasses: Self = "missing-classes"
  /// All labels are the same.
  public static let singleClass: Self = "single-class"
  /// Labels that are not classes, or beyond a network's outputs.
  public static let labelsOutOfRange: Self = "labels-out-of-range"
}

extension ClassFindings {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(.data, .imbalance, "classes with many more examples than others"),
    Finding.CauseMeaning(.data, .missingClasses, "classes without a training example"),
    Finding.CauseMeaning(.data, .singleClass, "all labels are the same"),
    Finding.CauseMeaning(
      .data, .labelsOutOfRange, "labels that are not classes, or beyond a network's outputs"),
  ]
}
