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
/// Classes are stratified: every part gets its share of each class, rounded up or down. Copies, which are bit-identical, stay in one
/// part, since a test example that was also trained on tests nothing; if there are none, the split is a function of only the key, the
/// sizes and the labels. Where a table repeats itself because its columns have few values, or equal examples have different labels,
/// they are not copies and are split like all others: new examples will be equal to known ones as often. Targets that are values are
/// not stratified.
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
  /// The number of examples that have an identical one, but were not kept together with it, since they are not copies.
  public let equalCount: Int
  /// Why they are not.
  private let reason: String?

  private enum CodingKeys: String, CodingKey {
    case train, dev, test, reason
    case equalCount = "equal_count"
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
    let identical = IdenticalExamples([data]).members
    let repetition = Repetition(of: data, members: identical)
    // A few that are equal by chance may as well stay together.
    let isCopied = repetition.reason == nil || !repetition.isFrequent
    let groups = isCopied ? identical : (0..<data.exampleCount).map { [$0] }
    var allocation = SplitAllocation(targets: targets)
    let starts = key["copies"]
    for (index, stratum) in Self.strata(data, groups, order, isStratified: isStratified)
      .enumerated()
    {
      allocation.position(stratum, start: starts.uniform(at: index))
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
    keptTogetherCount = isCopied ? repetition.repeatedCount : 0
    equalCount = isCopied ? 0 : repetition.repeatedCount
    reason = repetition.reason.flatMap { reason in
      if isCopied { return nil }
      let count = "\(repetition.repeatedCount) of the \(data.exampleCount) examples"
      return switch reason {
      case .fewValues:
        "\(count) have the same features as another, as the few values of the columns make likely (\(repetition.distinctCount) different rows): they are not taken as copies, and are split like all others"
      case .differentLabels:
        "\(count) have the same features as another, but often another label: they are not taken as copies, and are split like all others"
      }
    }
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
    // Examples that the table sets apart are prepared like the training part.
    let own = test.isEmpty ? source.testExamples : test
    let parts = [("train", train), ("dev", dev), ("test", own)].filter { !$0.1.isEmpty }
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
        "\(keptTogetherCount) examples are identical to others, with which they stay in the same part"
      )
    }
    if let reason { notes.append(reason) }
    return notes
  }
}
