/// A set as a distribution check sees it: columns of values, sorted once.
struct DistributionSample {
  /// A column of numbers, one for each example, in ascending order.
  struct Column {
    let name: String
    /// The feature's index; nil for a column that stands for all features or for a target.
    let index: Int?
    let values: [Double]
    /// What means and spreads are given of, if not of ``values``: the same before features were scaled.
    var shown: [Double]?
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
  ///
  /// If identical examples were kept together in one of the sets, as a split does with copies, each group was drawn as one and counts as
  /// one in its set. Otherwise each example was drawn separately.
  static func samples(
    of sets: [LabelledSet], _ identical: IdenticalExamples?
  ) -> [DistributionSample] {
    var rows = sets.map { Array(0..<$0.exampleCount) }
    if let identical, identical.wereKeptTogether(in: sets.map(\.exampleCount)) {
      rows = identical.distinctRows(of: sets.map(\.exampleCount))
    }
    let chosen = zip(sets, rows).map { set, rows in
      let width = set.featureCount
      let limit = min(
        Self.exampleLimits.most, max(Self.exampleLimits.least, Self.valueLimit / max(1, width)))
      let count = min(rows.count, limit)
      return set.selecting((0..<count).map { rows[$0 * rows.count / count] })
    }
    let columns = chosen.map(Self.columns)
    let scales = Self.scales(columns)
    return sets.indices.map { index in
      let counted =
        rows[index].count == sets[index].exampleCount
        ? sets[index].classCounts : sets[index].selecting(rows[index]).classCounts
      return DistributionSample(
        sets[index].name, chosen[index], columns[index], scales, classCounts: counted)
    }
  }

  /// The features of a set, one array each, in the order of the examples.
  private static func columns(_ set: LabelledSet) -> [[Double]] {
    let width = set.featureCount
    var columns = [[Double]](repeating: [], count: width)
    for column in columns.indices { columns[column].reserveCapacity(set.exampleCount) }
    set.forEachBlock { values in
      for start in stride(from: 0, to: values.count, by: width) {
        for column in 0..<width { columns[column].append(values[start + column]) }
      }
    }
    return columns
  }

  /// How a feature is scaled before the features of an example are summed up.
  private struct Scale {
    /// A factor that keeps squares finite.
    let unit: Double
    /// The mean and the standard deviation, times that factor.
    let mean: Double, spread: Double

    func scaled(_ value: Double) -> Double { (value * unit - mean) / spread }
  }

  /// With fewer examples of another value than the most frequent one, a feature is rare.
  private static let leastVarying = 10

  /// The mean and the spread of each feature over all sets; `nil` for one that hardly any example has.
  ///
  /// Scaled by the training set alone, a rare category of a test example would be larger than one of a training example, which is among
  /// those by which it is scaled; and the rarest ones that only test examples have are no features at all.
  private static func scales(_ columns: [[[Double]]]) -> [Scale?] {
    guard let first = columns.first else { return [] }
    return first.indices.map { feature in
      let own = columns.map { $0[feature] }
      let all = own.flatMap { $0 }
      let unit = FeatureMoments.unit(ofLargest: all.reduce(0) { max($0, abs($1)) })
      let mean = all.reduce(0) { $0 + $1 * unit } / Double(max(all.count, 1))
      let square = all.reduce(0) { $0 + ($1 * unit - mean) * ($1 * unit - mean) }
      let spread = (square / Double(max(all.count, 1))).squareRoot()
      guard spread > 0, spread.isFinite, all.count - mostFrequentCount(all) >= leastVarying else {
        return nil
      }
      return Scale(unit: unit, mean: mean, spread: spread)
    }
  }

  /// How often the most frequent of these values occurs.
  private static func mostFrequentCount(_ values: [Double]) -> Int {
    let sorted = values.sorted()
    var (most, run) = (0, 0)
    for index in sorted.indices {
      run = index > 0 && sorted[index] == sorted[index - 1] ? run + 1 : 1
      most = max(most, run)
    }
    return most
  }

  /// - Parameters:
  ///   - part: The examples.
  ///   - columns: Their features.
  ///   - scales: How these are scaled for the summaries.
  private init(
    _ name: String, _ part: LabelledSet, _ columns: [[Double]], _ scales: [Scale?],
    classCounts: [Int]
  ) {
    self.name = name
    self.classCounts = classCounts
    features = columns.enumerated().map { index, values in
      Column(name: part.featureName(index), index: index, values: values.sorted())
    }
    var summaries: [Column] = []
    let summed = scales.indices.filter { scales[$0] != nil }
    if summed.count > 1 {
      let scaled = summed.map { feature -> [Double] in
        guard let scale = scales[feature] else { return [] }
        return columns[feature].map(scale.scaled)
      }
      let width = Double(scaled.count)
      var (means, spreads) = ([Double](), [Double]())
      for row in 0..<part.exampleCount {
        let mean = scaled.reduce(0) { $0 + $1[row] } / width
        let square = scaled.reduce(0) { $0 + ($1[row] - mean) * ($1[row] - mean) } / width
        means.append(mean)
        spreads.append(square.squareRoot())
      }
      let moments = FeatureMoments(part)
      summaries = [
        Column(
          name: "mean of an example", index: nil, values: means.sorted(),
          shown: moments.exampleMeans),
        Column(
          name: "spread of an example", index: nil, values: spreads.sorted(),
          shown: moments.exampleSpreads),
      ]
    }
    if case .values(let targets) = part.targets {
      let values = targets.doubles()
      let outputs = targets.count / max(1, part.exampleCount)
      for output in 0..<outputs {
        let column = stride(from: output, to: values.count, by: outputs).map { values[$0] }
        summaries.append(Column(name: "target \(output)", index: nil, values: column.sorted()))
      }
    }
    self.summaries = summaries
  }
}

extension IdenticalExamples {
  /// Whether groups of identical examples were kept together in one of several sets: then hardly any is in two of them, although most
  /// would be if each example had been drawn by itself.
  ///
  /// Preprocessing can make a few different examples equal: a name that the training set lacks is none.
  /// - Parameter counts: The number of examples of each set.
  func wereKeptTogether(in counts: [Int]) -> Bool {
    guard groupCount < groups.count else { return false }
    let total = Double(counts.reduce(0, +))
    var members = [[Int]](repeating: [Int](repeating: 0, count: counts.count), count: groupCount)
    var example = 0
    for (set, count) in counts.enumerated() {
      for _ in 0..<count {
        members[groups[example]][set] += 1
        example += 1
      }
    }
    var (parted, expected) = (0.0, 0.0)
    for group in members {
      let size = group.reduce(0, +)
      guard size > 1 else { continue }
      if group.count(where: { $0 > 0 }) > 1 { parted += 1 }
      expected +=
        1
        - counts.reduce(0) { sum, count in
          let share = Double(count) / total
          return sum + (0..<size).reduce(1.0) { product, _ in product * share }
        }
    }
    return parted < expected / 2
  }

  /// The first example of each group in each set that has one.
  ///
  /// - Parameter counts: The number of examples of each set.
  func distinctRows(of counts: [Int]) -> [[Int]] {
    var rows = [[Int]](repeating: [], count: counts.count)
    var example = 0
    for (set, count) in counts.enumerated() {
      var seen: Set<Int> = []
      for row in 0..<count {
        if seen.insert(groups[example]).inserted { rows[set].append(row) }
        example += 1
      }
    }
    return rows
  }
}
