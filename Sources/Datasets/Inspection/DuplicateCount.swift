/// How many examples of other sets are also in the training set, and how many of them chance explains.
///
/// Tables with few values contain repeats everywhere without any leak: examples that coincide by chance do so within
/// a set as well as across sets.
public struct DuplicateCount: Sendable, Hashable, Codable {
  /// The examples of other sets that are also in the training set.
  public let across: Int
  /// The share of training examples that are repeated in the training set, times the number of examples in the other sets.
  public let expected: Double
  /// The pairs that a split may have separated innocently: a few if examples have few features and so can be equal
  /// by measurement, like two of Fisher's irises; none if they are equal because one is a copy.
  public let parted: Double

  /// Known counts.
  ///
  /// - Parameters:
  ///   - across: The examples of other sets that are also in the training set.
  ///   - expected: How many of them chance explains.
  ///   - features: The number of features of an example.
  public init(across: Int, expected: Double, features: Int) {
    self.across = across
    self.expected = expected
    parted = features <= 32 ? 2 : 0
  }

  /// The exact duplicates between a training set and others.
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

  /// Whether there are more than chance explains: three standard deviations of a count are allowed, and at most
  /// twice the training set's own share.
  public var isBeyondChance: Bool {
    Double(across) > 2 * expected + 3 * expected.squareRoot() + parted
  }
}
