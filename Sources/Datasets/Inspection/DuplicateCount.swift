/// How many examples of other sets are in the training set too, and how many of them chance explains.
///
/// Tables of few values repeat themselves everywhere, and nothing leaked: examples that fall together by chance do so within
/// a set as they do across sets.
public struct DuplicateCount: Sendable, Hashable, Codable {
  /// The examples of other sets that are in the training set too.
  public let across: Int
  /// The share of training examples that are in their own set again, times the examples of the other sets.
  public let expected: Double
  /// The pairs that a split may have parted without anybody's fault: a few where examples have few features and so can be equal
  /// by measurement, as two of Fisher's irises are; none where they are equal because one is a copy.
  public let parted: Double

  /// Counts that are known.
  ///
  /// - Parameters:
  ///   - across: The examples of other sets that are in the training set too.
  ///   - expected: How many of them chance explains.
  ///   - features: Those of an example.
  public init(across: Int, expected: Double, features: Int) {
    self.across = across
    self.expected = expected
    parted = features <= 32 ? 2 : 0
  }

  /// The duplicates between a training set and others, to the bit.
  ///
  /// - Complexity: O(number of features).
  public init(_ train: LabelledSet, _ others: [LabelledSet]) {
    let members = IdenticalExamples([train] + others).members
    let ownCount = train.exampleCount
    var (across, twins) = (0, 0)
    for group in members where group.count > 1 {
      let own = group.count { $0 < ownCount }
      if own > 1 { twins += own }
      if own > 0 { across += group.count - own }
    }
    let otherCount = others.reduce(0) { $0 + $1.exampleCount }
    self.init(
      across: across, expected: Double(twins) / Double(max(1, ownCount)) * Double(otherCount),
      features: train.featureCount)
  }

  /// Whether there are more than chance brings: three standard deviations of a count are left to it, and no more than the
  /// double of the training set's own share.
  public var isBeyondChance: Bool {
    Double(across) > 2 * expected + 3 * expected.squareRoot() + parted
  }
}
