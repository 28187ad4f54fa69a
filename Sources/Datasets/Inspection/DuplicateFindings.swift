import Console
import Findings

/// Identical examples: within the training set, across sets, and with different labels.
struct DuplicateFindings {
  private let sets: [LabelledSet]
  /// The examples of each group as set and position.
  private let groups: [[(set: Int, position: Int)]]
  /// Whether the first set's equal examples are copies.
  private let repetition: Repetition

  init(_ sets: [LabelledSet], _ identical: IdenticalExamples) {
    self.sets = sets
    var owners: [(set: Int, position: Int)] = []
    for (number, data) in sets.enumerated() {
      for position in 0..<data.exampleCount { owners.append((number, position)) }
    }
    let members = identical.members
    groups = members.filter { $0.count > 1 }.map { $0.map { owners[$0] } }
    let count = sets[0].exampleCount
    repetition = Repetition(
      of: sets[0], members: members.map { $0.filter { $0 < count } }.filter { !$0.isEmpty })
  }

  var findings: [Finding] {
    (1..<max(1, sets.count)).compactMap(across) + [within, conflicts].compactMap { $0 }
  }

  /// The examples of the first set that have an identical copy in it.
  private var twinCount: Int {
    groups.reduce(0) { sum, members in
      let own = members.count { $0.set == 0 }
      return sum + (own > 1 ? own : 0)
    }
  }

  /// Examples of a set that are also in an earlier set.
  private func across(_ later: Int) -> Finding? {
    var found: [Int] = []
    var earlier: Set<Int> = []
    var example: (position: Int, other: (set: Int, position: Int))?
    for members in groups {
      let own = members.filter { $0.set == later }
      guard let first = own.first, let other = members.first(where: { $0.set < later }) else {
        continue
      }
      found += own.map(\.position)
      earlier.formUnion(members.filter { $0.set < later }.map(\.set))
      if example == nil { example = (first.position, other) }
    }
    guard let example else { return nil }
    let share = Double(found.count) / Double(sets[later].exampleCount)
    let count = DuplicateCount(
      across: found.count,
      expected: Double(twinCount) / Double(sets[0].exampleCount)
        * Double(sets[later].exampleCount), features: sets[0].featureCount)
    // Where a table repeats itself, every set has examples that another has.
    guard count.isBeyondChance || repetition.reason == nil else { return nil }
    let others = earlier.sorted().map { sets[$0].name }.joined(separator: " and ")
    return Finding(
      family: .data, cause: .duplicates,
      severity: count.isBeyondChance ? .warning : .note,
      symptom: "\(found.count) of \(sets[later].exampleCount) \(sets[later].name) examples "
        + "(\(NumberFormat.percent(share))) are also in \(others)",
      explanation: "memorized examples look like generalization there",
      location: Finding.Location(
        set: sets[later].name,
        detail: "example \(example.position), identical to example \(example.other.position) of "
          + sets[example.other.set].name),
      evidence: [Finding.Number("count", Double(found.count)), Finding.Number("share", share)],
      remedy: "remove them from one set, or pool the sets and split again: plumb data split"
    )
  }

  /// Copies: examples that have both the features and the label of another.
  private var within: Finding? {
    guard repetition.surplus > 0, repetition.reason == nil else { return nil }
    let own = groups.flatMap { members in
      Dictionary(grouping: members.filter { $0.set == 0 }) { label(of: $0.position) }.values
    }
    .filter { $0.count > 1 }.sorted { $0[0].position < $1[0].position }
    guard let first = own.first else { return nil }
    let share = Double(repetition.surplus) / Double(sets[0].exampleCount)
    return Finding(
      family: .data, cause: .repeatedExamples, severity: share >= 0.1 ? .warning : .note,
      symptom:
        "\(repetition.surplus) of \(sets[0].exampleCount) examples (\(NumberFormat.percent(share))) "
        + (repetition.surplus == 1 ? "is a copy of another" : "are copies of others")
        + ", with the same features and the same label",
      explanation: "each counts as often as it occurs",
      location: location(first),
      evidence: [
        Finding.Number("count", Double(repetition.surplus)), Finding.Number("share", share),
        Finding.Number("largest group", Double(own.map(\.count).max() ?? 0)),
      ],
      remedy: "keep one of each unless the repetition is intended; never split copies across sets")
  }

  /// The label or the values of an example of the first set.
  private func label(of position: Int) -> [Double] {
    switch sets[0].targets {
    case .classes(let labels, _, _): [Double(labels[position])]
    case .values(let values): values.selectingRows([position]).doubles()
    }
  }

  /// Equal examples of different classes. Amounts differ between equal examples as a matter of course.
  private var conflicts: Finding? {
    guard case .classes(let labels, _, _) = sets[0].targets else { return nil }
    var (involved, unavoidable, groupCount) = (0, 0, 0)
    var first: [(set: Int, position: Int)]?
    for members in groups {
      let own = members.filter { $0.set == 0 }
      var counts: [Int: Int] = [:]
      for member in own { counts[labels[member.position], default: 0] += 1 }
      guard counts.count > 1, let most = counts.values.max() else { continue }
      groupCount += 1
      involved += own.count
      unavoidable += own.count - most
      if first == nil { first = own }
    }
    guard let first else { return nil }
    let least = Double(unavoidable) / Double(sets[0].exampleCount)
    return Finding(
      family: .data, cause: .conflictingLabels,
      symptom:
        "\(involved) identical examples in \(groupCount) group\(groupCount == 1 ? "" : "s") have different labels",
      explanation: "no network can have an error below \(NumberFormat.percent(least, decimals: 2))",
      location: location(first),
      evidence: [
        Finding.Number("examples", Double(involved)), Finding.Number("groups", Double(groupCount)),
        Finding.Number("least error", least),
      ],
      remedy: repetition.reason == nil
        ? "correct the labels, or add the feature that tells these examples apart"
        : "add a feature that tells these examples apart, if there is one; otherwise take the answers as probabilities"
    )
  }

  private func location(_ members: [(set: Int, position: Int)]) -> Finding.Location {
    Finding.Location(
      set: sets[0].name, detail: DataJudgement.list(members.map { "example \($0.position)" }))
  }

}

extension Finding.Cause {
  /// Identical examples in two sets.
  public static let duplicates: Self = "duplicates"
  /// Identical examples within the training set.
  public static let repeatedExamples: Self = "repeated-examples"
  /// Identical examples with different labels.
  public static let conflictingLabels: Self = "conflicting-labels"
}

extension DuplicateFindings {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(.data, .duplicates, "identical examples in two sets"),
    Finding.CauseMeaning(.data, .repeatedExamples, "identical examples within the training set"),
    Finding.CauseMeaning(.data, .conflictingLabels, "identical examples with different labels"),
  ]
}
