import Console

/// Identical examples: within the training set, across sets, and with different labels.
struct DuplicateFindings {
  private let sets: [LabelledData]
  /// The examples of each group as set and place.
  private let groups: [[(set: Int, place: Int)]]

  init(_ sets: [LabelledData]) {
    self.sets = sets
    var owners: [(set: Int, place: Int)] = []
    for (number, data) in sets.enumerated() {
      for place in 0..<data.exampleCount { owners.append((number, place)) }
    }
    groups = IdenticalExamples(sets).members.filter { $0.count > 1 }.map { $0.map { owners[$0] } }
  }

  var findings: [DataFinding] {
    (1..<max(1, sets.count)).compactMap(across) + [within, conflicts].compactMap { $0 }
  }

  /// Examples of a set that an earlier set has too.
  private func across(_ later: Int) -> DataFinding? {
    var found: [Int] = []
    var earlier: Set<Int> = []
    var example: (place: Int, other: (set: Int, place: Int))?
    for members in groups {
      let own = members.filter { $0.set == later }
      guard let first = own.first, let other = members.first(where: { $0.set < later }) else {
        continue
      }
      found += own.map(\.place)
      earlier.formUnion(members.filter { $0.set < later }.map(\.set))
      if example == nil { example = (first.place, other) }
    }
    guard let example else { return nil }
    let share = Double(found.count) / Double(sets[later].exampleCount)
    let others = earlier.sorted().map { sets[$0].name }.joined(separator: " and ")
    return DataFinding(
      .duplicatesAcrossSets, share >= 0.01 ? .warning : .note,
      symptom: "\(found.count) of \(sets[later].exampleCount) \(sets[later].name) examples "
        + "(\(NumberFormat.percent(share))) are also in \(others), so they test memory",
      place: "\(sets[later].name), example \(example.place), which is example "
        + "\(example.other.place) of \(sets[example.other.set].name)",
      evidence: ["count": Double(found.count), "share": share],
      remedy: "remove them from one set, or put the sets together and split again: plumb data split"
    )
  }

  private var within: DataFinding? {
    let own = groups.map { $0.filter { $0.set == 0 } }.filter { $0.count > 1 }
    guard let first = own.first else { return nil }
    let surplus = own.reduce(0) { $0 + $1.count - 1 }
    let share = Double(surplus) / Double(sets[0].exampleCount)
    return DataFinding(
      .duplicates, share >= 0.1 ? .warning : .note,
      symptom: "\(surplus) of \(sets[0].exampleCount) examples (\(NumberFormat.percent(share))) "
        + "repeat another",
      place: "\(sets[0].name), " + DataFinding.list(first.map { "example \($0.place)" }),
      evidence: [
        "count": Double(surplus), "share": share,
        "largest_group": Double(own.map(\.count).max() ?? 0),
      ],
      remedy: "keep one of each, unless their number is meant; never split them over two sets")
  }

  private var conflicts: DataFinding? {
    var (involved, unavoidable, groupCount) = (0, 0, 0)
    var first: [(set: Int, place: Int)]?
    for members in groups {
      let own = members.filter { $0.set == 0 }
      var counts: [Target: Int] = [:]
      for member in own { counts[target(member.place), default: 0] += 1 }
      guard counts.count > 1, let most = counts.values.max() else { continue }
      groupCount += 1
      involved += own.count
      unavoidable += own.count - most
      if first == nil { first = own }
    }
    guard let first else { return nil }
    let least = Double(unavoidable) / Double(sets[0].exampleCount)
    var evidence = ["examples": Double(involved), "groups": Double(groupCount)]
    let areClasses = sets[0].classCount != nil
    if areClasses { evidence["least_error"] = least }
    return DataFinding(
      .conflictingLabels, .warning,
      symptom: "\(involved) identical examples in \(groupCount) groups have different labels"
        + (areClasses
          ? ": no network errs on less than \(NumberFormat.percent(least, decimals: 2))"
          : ""),
      place: "\(sets[0].name), " + DataFinding.list(first.map { "example \($0.place)" }),
      evidence: evidence,
      remedy: "correct the labels, or add the feature that tells these examples apart")
  }

  private enum Target: Hashable {
    case label(Int)
    case values([UInt8])
  }

  private func target(_ place: Int) -> Target {
    switch sets[0].targets {
    case .classes(let labels, _, _): return .label(labels[place])
    case .values(let values):
      let size = values.bytes.count / sets[0].exampleCount
      return .values(Array(values.bytes[place * size..<(place + 1) * size]))
    }
  }
}
