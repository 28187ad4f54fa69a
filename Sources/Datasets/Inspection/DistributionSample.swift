/// A set as a distribution check sees it: columns of values, sorted once.
struct DistributionSample {
  /// A column of numbers, one for each example, in ascending order.
  struct Column {
    let name: String
    /// The feature's index; nil for a column that stands for all features or for a target.
    let index: Int?
    let values: [Double]
  }

  let name: String
  let features: [Column]
  /// Mean and spread of an example, and targets that are values.
  let summaries: [Column]
  /// How many examples each class has; empty for values.
  let classCounts: [Int]

  /// At most this many values of a set are used, unless its examples are very wide.
  private static let valueLimit = 1 << 22
  private static let exampleLimits = (least: 64, most: 4096)

  /// The samples of these sets.
  /// If identical examples were kept together in one of the sets, as a split does, each group was drawn as one and counts as one.
  /// If some are in two sets, each was drawn separately.
  static func samples(
    of sets: [LabelledSet], _ identical: IdenticalExamples?
  ) -> [DistributionSample] {
    var rows = sets.map { Array(0..<$0.exampleCount) }
    if let identical, let distinct = identical.distinctRows(of: sets.map(\.exampleCount)) {
      rows = distinct
    }
    return zip(sets, rows).map { DistributionSample($0, $1) }
  }

  private init(_ set: LabelledSet, _ rows: [Int]) {
    name = set.name
    let width = set.featureCount
    let limit = min(
      Self.exampleLimits.most, max(Self.exampleLimits.least, Self.valueLimit / max(1, width)))
    let count = min(rows.count, limit)
    let chosen = (0..<count).map { rows[$0 * rows.count / count] }
    let part = set.selecting(chosen)
    var columns = [[Double]](repeating: [], count: width)
    for column in columns.indices { columns[column].reserveCapacity(count) }
    part.forEachBlock { values in
      for start in stride(from: 0, to: values.count, by: width) {
        for column in 0..<width { columns[column].append(values[start + column]) }
      }
    }
    features = columns.enumerated().map { index, values in
      Column(name: set.featureName(index), index: index, values: values.sorted())
    }
    var summaries: [Column] = []
    if width > 1 {
      let moments = FeatureMoments(part)
      summaries = [
        Column(name: "mean of an example", index: nil, values: moments.exampleMeans.sorted()),
        Column(name: "spread of an example", index: nil, values: moments.exampleSpreads.sorted()),
      ]
    }
    if case .values(let targets) = part.targets {
      let (values, outputs) = (targets.doubles(), targets.count / max(1, count))
      for output in 0..<outputs {
        let column = stride(from: output, to: values.count, by: outputs).map { values[$0] }
        summaries.append(Column(name: "target \(output)", index: nil, values: column.sorted()))
      }
    }
    self.summaries = summaries
    classCounts = rows.count == set.exampleCount ? set.classCounts : set.selecting(rows).classCounts
  }
}

extension IdenticalExamples {
  /// The first example of each group in its set, if no group is in two sets and some group has several examples;
  /// nil otherwise.
  ///
  /// - Parameter counts: The number of examples of each set.
  func distinctRows(of counts: [Int]) -> [[Int]]? {
    var owner = [Int?](repeating: nil, count: groupCount)
    var rows = [[Int]](repeating: [], count: counts.count)
    var example = 0
    for (set, count) in counts.enumerated() {
      for row in 0..<count {
        let group = groups[example]
        example += 1
        if owner[group] == nil {
          owner[group] = set
          rows[set].append(row)
        } else if owner[group] != set {
          return nil
        }
      }
    }
    return groupCount < groups.count ? rows : nil
  }
}
