import Findings
import Plumbline

/// The assignment of examples to training, development and testing: a value derived from a key.
///
/// ```swift
/// let split = try DataSplit(
///   of: data, sizes: .ratios(train: 60, dev: 20, test: 20), key: Key(seed: 1))
/// let sets = split.sets(of: data)
/// print(DistributionCheck(sets.all))
/// ```
///
/// Classes are stratified: every part gets its share of each class, rounded up or down. Examples that
/// are bit-identical stay in one part, since a test example that was also trained on tests nothing;
/// if there are none, the split is a function of only the key, the sizes and the labels. Targets
/// that are values are not stratified.
public struct DataSplit: Sendable, Hashable, Codable {
  /// The examples for training, shuffled.
  public let train: [Int]
  /// The examples for development, shuffled.
  public let dev: [Int]
  /// The examples for testing, shuffled.
  public let test: [Int]
  /// Whether classes were stratified.
  public let isStratified: Bool
  /// The number of examples that have an identical one, with which they were kept together.
  public let keptTogetherCount: Int

  private enum CodingKeys: String, CodingKey {
    case train, dev, test
    case isStratified = "is_stratified"
    case keptTogetherCount = "kept_together_count"
  }

  /// The split of these data.
  ///
  /// The parts have exactly the requested sizes, unless groups of identical examples cannot be arranged that way.
  /// - Throws: ``/Findings/Problem`` if the sizes do not fit the data, or a part would be empty because
  ///   too many examples are identical.
  /// - Complexity: O(number of features).
  public init(
    of data: LabelledSet, sizes: SplitSizes, key: Key, isStratified: Bool = true
  ) throws(Problem) {
    let targets = try sizes.counts(of: data.exampleCount, file: data.provenance)
    let order = key["order"].permutation(data.exampleCount)
    let groups = IdenticalExamples([data]).members
    var allocation = SplitAllocation(targets: targets)
    for stratum in Self.strata(data, groups, order, isStratified: isStratified) {
      allocation.position(stratum)
    }
    allocation.meetTargets()
    let parts = allocation.parts(of: groups, count: data.exampleCount)
    guard zip(targets, allocation.sizes).allSatisfy({ $0 == 0 || $1 > 0 }) else {
      throw Problem(
        .inconsistent, subject: data.provenance, location: "examples of \(data.name)",
        problem: "only \(groups.count) of the \(data.exampleCount) examples are distinct, and "
          + "identical ones stay in one part, so a part would be empty",
        remedy: "remove the duplicates, or give more examples")
    }
    train = order.filter { parts[$0] == 0 }
    dev = order.filter { parts[$0] == 1 }
    test = order.filter { parts[$0] == 2 }
    self.isStratified = isStratified && data.classCount != nil
    keptTogetherCount = groups.reduce(0) { $0 + ($1.count > 1 ? $1.count : 0) }
  }

  /// The groups of each class, larger ones first while there is room for them, and otherwise in shuffled order. A group belongs to
  /// the class of its first example.
  private static func strata(
    _ data: LabelledSet, _ groups: [[Int]], _ order: [Int], isStratified: Bool
  ) -> [[SplitAllocation.Unit]] {
    var rank = [Int](repeating: 0, count: order.count)
    for (position, example) in order.enumerated() { rank[example] = position }
    var strata: [[SplitAllocation.Unit]] = [[]]
    var labels: [Int]?
    if isStratified, case .classes(let classes, let count, _) = data.targets {
      labels = classes
      strata = [[SplitAllocation.Unit]](repeating: [], count: count)
    }
    for (group, members) in groups.enumerated() {
      strata[labels?[members[0]] ?? 0].append(.init(group: group, size: members.count))
    }
    return strata.filter { !$0.isEmpty }.map { units in
      units.sorted { a, b in
        a.size != b.size ? a.size > b.size : rank[groups[a.group][0]] < rank[groups[b.group][0]]
      }
    }
  }

  /// The parts of these data as sets named train, dev and test.
  ///
  /// Traps when the data have fewer examples than were split.
  /// - Complexity: O(number of features).
  public func sets(of data: LabelledSet) -> LabelledSets {
    return LabelledSets(
      train: data.selecting(train, name: "train"),
      dev: dev.isEmpty ? nil : data.selecting(dev, name: "dev"),
      test: test.isEmpty ? nil : data.selecting(test, name: "test"), format: "split",
      notes: notes(of: data.classCount))
  }

  /// The parts of the training set of these sets, with preprocessing fitted on the training part if it is a table.
  ///
  /// - Throws: ``/Findings/Problem`` if no feature is left.
  public func sets(ofTraining sets: LabelledSets) throws(Problem) -> LabelledSets {
    guard let source = sets.source else { return self.sets(of: sets.train) }
    return try self.sets(of: source)
  }

  /// The parts of a table, with preprocessing fitted on the training part.
  func sets(of source: TableSource) throws(Problem) -> LabelledSets {
    let parts = [("train", train), ("dev", dev), ("test", test)].filter { !$0.1.isEmpty }
    let sets = try source.sets(parts.map { (name: $0.0, examples: $0.1) })
    return LabelledSets(
      train: sets.train, dev: sets.dev, test: sets.test, format: "split",
      notes: sets.summary.notes + notes(of: sets.train.classCount), preparation: sets.preparation)
  }

  private func notes(of classCount: Int?) -> [String] {
    var notes = [isStratified ? "split at random within each class" : "split at random"]
    if classCount == nil {
      notes.append(
        "targets are real values, so the split is not stratified; their distributions are compared between "
          + "the parts like those of the features")
    }
    if keptTogetherCount > 0 {
      notes.append(
        "\(keptTogetherCount) examples have identical copies, which stay in the same part")
    }
    return notes
  }
}
