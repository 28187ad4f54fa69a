import Foundation

/// Why some examples of a set are equal: because they are copies, or because a table of few values repeats itself.
///
/// A copy has the features and the label of its original. In a table of a few categories, different examples are equal as a matter of
/// course, as two passengers of one class, sex and age are. Two things tell them apart. Examples with equal features and different
/// labels are not copies. And if values of one column met those of the others at random, a certain number of pairs would be equal;
/// where that explains a good part of those that are, so do columns that go together explain the rest.
struct Repetition: Sendable, Hashable {
  /// Why equal examples are not copies.
  enum Reason: Sendable, Hashable {
    /// Their labels differ.
    case differentLabels
    /// The columns have so few values that examples are equal by chance.
    case fewValues
  }

  /// The number of examples whose features another example has too.
  let repeatedCount: Int
  /// The number of examples whose features and label an earlier example has too.
  let surplus: Int
  /// The number of examples with different features.
  let distinctCount: Int
  /// Why equal examples are not copies; `nil` if they are, or if there are none.
  let reason: Reason?
  /// Whether a tenth of the examples or more are equal to others.
  let isFrequent: Bool

  /// Examples with equal features are taken as independent if their labels differ at least this often, compared with any two examples,
  /// and in this many pairs; fewer pairs say nothing in any case.
  private static let leastDisagreement = 0.5, leastDiffering = 5.0
  /// The share of the equal pairs that chance has to explain. Columns that go together make more of them than chance.
  private static let leastShareByChance = 1.0 / 3
  /// Columns are judged by at most this many examples.
  private static let sampleLimit = 2000

  /// The repetition in a set.
  ///
  /// - Parameter members: The examples of each group of equal features.
  /// - Complexity: O(number of features) if examples are equal.
  init(of set: LabelledSet, members: [[Int]]) {
    let repeated = members.filter { $0.count > 1 }
    repeatedCount = repeated.reduce(0) { $0 + $1.count }
    distinctCount = members.count
    isFrequent = 10 * repeatedCount >= set.exampleCount
    guard !repeated.isEmpty else {
      (surplus, reason) = (0, nil)
      return
    }
    let labels = Self.labels(of: set)
    var (pairs, copies, surplus) = (0.0, 0.0, 0)
    for group in repeated {
      pairs += Self.pairs(group.count)
      for count in Self.counts(group.map { labels[$0] }) {
        copies += Self.pairs(count)
        surplus += count - 1
      }
    }
    self.surplus = surplus
    let agreeing = Self.counts(labels).reduce(0) { $0 + Self.pairs($1) }
    let disagreement = 1 - agreeing / Self.pairs(set.exampleCount)
    let differing = pairs - copies
    if differing >= Self.leastDiffering,
      differing >= Self.leastDisagreement * disagreement * pairs
    {
      reason = .differentLabels
    } else if copies >= Self.leastDiffering,
      Self.expectedPairs(set, labels, atLeast: Self.leastShareByChance * copies)
    {
      reason = .fewValues
    } else {
      reason = nil
    }
  }

  /// The repetition in a set.
  init(of set: LabelledSet) { self.init(of: set, members: IdenticalExamples([set]).members) }

  private static func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }

  /// How often each value occurs.
  private static func counts(_ values: some Sequence<Int>) -> [Int] {
    var counts: [Int: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return Array(counts.values)
  }

  /// A number for the label of each example: equal labels have equal numbers.
  private static func labels(of set: LabelledSet) -> [Int] {
    switch set.targets {
    case .classes(let labels, _, _): return labels
    case .values(let array):
      let values = array.doubles()
      let width = set.exampleCount > 0 ? values.count / set.exampleCount : 0
      var known: [[Double]: Int] = [:]
      return (0..<set.exampleCount).map { row in
        let own = Array(values[row * width..<(row + 1) * width])
        if let number = known[own] { return number }
        known[own] = known.count
        return known.count - 1
      }
    }
  }

  /// Whether at least this many pairs of examples would be equal in features and label if the columns were independent of each other
  /// among examples with one label.
  ///
  /// Columns that follow each other and of which at most one is not zero in any row are one column: a category, one-hot.
  private static func expectedPairs(
    _ set: LabelledSet, _ labels: [Int], atLeast needed: Double
  ) -> Bool {
    let count = min(set.exampleCount, sampleLimit)
    let rows = (0..<count).map { $0 * set.exampleCount / count }
    let width = set.featureCount
    let values = set.features.selectingRows(rows).doubles()
    // Of values that are real, few examples share one.
    let areClasses = set.classCount != nil
    let classes = Dictionary(grouping: rows.indices) { areClasses ? labels[rows[$0]] : 0 }
      .sorted { $0.key < $1.key }.map { Array($0.value) }
    let totals = classes.map { group in
      pairs(group.count) * pairs(set.exampleCount) / max(pairs(count), 1)
    }
    var expected = totals
    func multiply(_ column: [Double]) -> Bool {
      for (index, group) in classes.enumerated() where expected[index] > 0 {
        expected[index] *= share(of: group.map { column[$0] })
      }
      return expected.reduce(0, +) >= needed
    }
    if !areClasses, !multiply(rows.map { Double(labels[$0]) }) { return false }
    var joined = [Double](repeating: 0, count: count)
    var isOpen = false
    for column in 0..<width {
      let own = rows.indices.map { values[$0 * width + column] }
      let mark = own.first { $0 != 0 } ?? 0
      let isMark = own.allSatisfy { $0 == 0 || $0 == mark }
      let fits = isMark && !rows.indices.contains { own[$0] != 0 && joined[$0] != 0 }
      if isOpen, !fits {
        if !multiply(joined) { return false }
        (joined, isOpen) = ([Double](repeating: 0, count: count), false)
      }
      if isMark {
        for row in rows.indices where own[row] != 0 { joined[row] = Double(column + 1) }
        isOpen = true
      } else if !multiply(own) {
        return false
      }
    }
    return isOpen ? multiply(joined) : expected.reduce(0, +) >= needed
  }

  /// The share of the pairs of these values that are equal.
  private static func share(of values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let sorted = values.sorted()
    var (equal, run) = (0.0, 1)
    for index in 1..<sorted.count {
      run = sorted[index] == sorted[index - 1] ? run + 1 : 1
      equal += Double(run - 1)
    }
    return equal / pairs(values.count)
  }
}
