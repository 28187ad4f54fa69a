import Foundation
import Plumbline

/// A feature, or a few that say the same, that reveal the target by themselves, while all the others reveal far less.
///
/// What is measured before the target is known seldom does so alone; what is recorded after it often does: a leaving date, a
/// status, a score that was computed from the label, an amount in another unit.
struct TargetLeak {
  /// How the target is revealed.
  enum Kind: Hashable {
    /// One value, or nearly, for each class; or an exact line or curve for values.
    case copy
    /// A threshold between two classes, or an order, with these mistakes: the share of wrong answers, or of the variance, of the
    /// feature and of closed-form fits to all others on examples that they have not seen.
    case alone(error: Double, errorWithout: Double)
  }

  /// The features, from 0; for a column of text, each of its texts is one.
  let features: [Int]
  let kind: Kind

  /// At least this many examples, and features: in less data, one feature may well determine everything.
  private static let leastCount = 50, leastWidth = 3
  private static let rowLimit = 2048, fitLimit = 256, fewRows = 64
  private static let mostFeatures = 3

  /// The leak of a set; `nil` if there is none.
  ///
  /// - Complexity: O(64 · features) if no feature explains four tenths of the target, and O(2048 · log 2048) for each that does.
  init?(_ set: LabelledSet) {
    guard let told = Targets(set), set.exampleCount >= Self.leastCount, set.featureCount >= 2 else {
      return nil
    }
    func spread(_ limit: Int) -> [Int] {
      let count = min(limit, set.exampleCount)
      return (0..<count).map { $0 * set.exampleCount / count }
    }
    let rows = spread(Self.rowLimit)
    let few = FeatureColumns(set, rows: spread(Self.fewRows), of: nil)
    let fewTargets = told.selecting(few.rows)
    // The first examples rule out most features, but never a leak.
    let candidates = few.indices.filter { fewTargets.share(of: few[$0]) > 0.4 }
    guard !candidates.isEmpty, few.isFinite else { return nil }
    let columns = FeatureColumns(set, rows: rows, of: candidates)
    guard columns.isFinite else { return nil }
    let targets = told.selecting(rows)
    if set.featureCount >= Self.leastWidth,
      let copy = Self.exactCopy(columns, targets, few) ?? Self.nearCopy(columns, targets)
    {
      (features, kind) = ([copy], .copy)
      return
    }
    let apart = Self.apart(columns, targets)
    if set.featureCount >= Self.leastWidth, !apart.isEmpty, apart.count <= Self.mostFeatures,
      2 * apart.count < set.featureCount
    {
      (features, kind) = (apart, .copy)
      return
    }
    guard let alone = Self.alone(set, columns, targets, few) else { return nil }
    (features, kind) = alone
  }

  // MARK: Copies

  /// The feature that has one value for each class.
  private static func exactCopy(
    _ columns: FeatureColumns, _ targets: Targets, _ few: FeatureColumns
  ) -> Int? {
    guard targets.classCount > 0, targets.classCount <= 64 else { return nil }
    let copies = columns.indices.filter { feature in
      var values: [Int: Double] = [:]
      for (value, label) in zip(columns[feature], targets.classes) {
        if let known = values.updateValue(value, forKey: label), known != value { return false }
      }
      return Set(values.values).count == targets.classCount
    }
    // If other features take as few values, the label may well be a function of one of them.
    guard copies.count == 1, few.indices.count(where: { isFewValued(few[$0]) }) <= 1 else {
      return nil
    }
    return copies[0]
  }

  /// The feature that determines nearly all of the target as a line, or as one value for each class with little spread, while every
  /// other one explains less than half: the label with some noise, or in another unit.
  private static func nearCopy(_ columns: FeatureColumns, _ targets: Targets) -> Int? {
    guard targets.classCount <= 16 else { return nil }
    // Measurements are never related so exactly: whatever the others explain, this one is the target.
    if targets.classCount == 0,
      let exact = columns.indices.first(where: {
        Correlation.squared(columns[$0], targets.values) > 1 - 1e-6 && !isFewValued(columns[$0])
      })
    {
      return exact
    }
    // For values, only the target in another unit counts: laws of physics and prices leave little, too.
    let needed = targets.classCount > 0 ? 0.97 : 1 - 1e-9
    var copy: Int?
    for feature in columns.indices {
      let told = targets.share(of: columns[feature])
      if told > needed, copy == nil {
        copy = feature
      } else if told > 0.5 {
        return nil
      }
    }
    // A feature of a few values may well be what the label is derived from.
    return copy.flatMap { isFewValued(columns[$0]) ? nil : $0 }
  }

  /// The features in which each class has an interval of its own, short next to the gaps between them, whatever the others tell:
  /// measurements of different classes come closer to each other than that.
  private static func apart(_ columns: FeatureColumns, _ targets: Targets) -> [Int] {
    guard targets.classCount > 0, targets.classCount <= 64 else { return [] }
    return columns.indices.filter { feature in
      let column = columns[feature]
      let none = (least: Double.infinity, most: -Double.infinity)
      var ranges = [(least: Double, most: Double)](repeating: none, count: targets.classCount)
      for (value, label) in zip(column, targets.classes) {
        ranges[label] = (min(ranges[label].least, value), max(ranges[label].most, value))
      }
      let sorted = ranges.filter { $0.least <= $0.most }.sorted { $0.least < $1.least }
      let gap = zip(sorted.dropFirst(), sorted).map { $0.least - $1.most }.min() ?? 0
      let longest = sorted.map { $0.most - $0.least }.max() ?? 0
      return gap > 2 * longest && gap > 0 && !isFewValued(column)
    }
  }

  private static func isFewValued(_ column: [Double]) -> Bool {
    Set(column.prefix(256)).count <= 3
  }

  // MARK: Next to the others

  private static func alone(
    _ set: LabelledSet, _ columns: FeatureColumns, _ targets: Targets, _ few: FeatureColumns
  ) -> (features: [Int], kind: Kind)? {
    guard
      targets.classCount == 2 || targets.classCount == 0 && set.featureCount >= leastWidth,
      targets.base > 0.03
    else {
      return nil
    }
    let found = columns.indices.compactMap { feature -> (feature: Int, error: Double)? in
      let error =
        targets.classCount == 2
        ? gap(columns[feature], targets.classes) : rest(columns[feature], targets)
      return error.map { (feature, $0) }
    }
    guard let first = found.first, found.count <= mostFeatures, found.count < set.featureCount
    else { return nil }
    let features = found.map(\.feature)
    // If all other features take only a few values each, the label may well be one of them.
    guard !few.indices.allSatisfy({ features.contains($0) || isFewValued(few[$0]) }) else {
      return nil
    }
    let count = set.exampleCount
    let chosen = Array(
      Key(seed: 0)["target leak"].permutation(count).prefix(fitLimit)
    ).sorted()
    let part = set.selecting(chosen)
    let table = FitTable(
      features: part.featureMatrix() as Tensor<Float>,
      targets: part.targetTensor() as Tensor<Float>, areClasses: targets.classCount > 0,
      cuttingOff: false, rows: Array(chosen.indices))
    guard table.columns > 0 else { return nil }
    let without = table.heldOutMistakes(ignoring: features)
    let isFarLess =
      targets.classCount == 2
      ? without > max(0.05, 4 * first.error) && without > 0.2 * targets.base
      : without > max(0.2, 10 * first.error)
    return isFarLess ? (features, .alone(error: first.error, errorWithout: without)) : nil
  }

  /// The mistakes of the best threshold between two classes, if they are few and the threshold lies in a gap; `nil` otherwise.
  private static func gap(_ column: [Double], _ classes: [Int]) -> Double? {
    let sorted = zip(column, classes).sorted { $0.0 < $1.0 }
    let count = sorted.count
    let all = sorted.count { $0.1 == 1 }
    var below = 0
    var best = (wrong: count, position: 0)
    for position in 1..<count {
      if sorted[position - 1].1 == 1 { below += 1 }
      guard sorted[position].0 > sorted[position - 1].0 else { continue }
      // No below and yes above, or vice versa.
      let wrong = min(
        below + (count - position) - (all - below), (position - below) + (all - below))
      if wrong < best.wrong { best = (wrong, position) }
    }
    let error = Double(best.wrong) / Double(count)
    guard error <= 0.03, best.position > 0 else { return nil }
    // The gap between the values one hundredth of the examples below the threshold and one hundredth above it.
    let margin = max(1, count / 100)
    let low = sorted[max(0, best.position - margin)].0
    let high = sorted[min(count - 1, best.position + margin - 1)].0
    let mean = column.reduce(0, +) / Double(count)
    let square = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    return (high - low) * (high - low) > 0.06 * square ? error : nil
  }

  /// The share of the targets that a line through the values, or through their ranks, leaves unexplained, if it is small; `nil`
  /// otherwise.
  private static func rest(_ column: [Double], _ targets: Targets) -> Double? {
    let error = 1 - targets.share(of: column)
    return error <= 0.02 ? error : nil
  }
}

extension TargetLeak {
  /// The targets of some examples: a class each, or a value.
  private struct Targets {
    /// The classes, numbered without gaps; empty for values.
    let classes: [Int]
    /// The different classes; 0 for values.
    let classCount: Int
    /// The values, and their positions in ascending order; empty for classes.
    let values: [Double], ranks: [Double]

    /// `nil` for several values per example, and for targets that do not vary.
    init?(_ set: LabelledSet) {
      switch set.targets {
      case .classes(let labels, _, _):
        let kinds = Set(labels).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(kinds, kinds.indices))
        guard kinds.count > 1 else { return nil }
        self.init(labels.map { numbers[$0] ?? 0 }, kinds.count, [])
      case .values(let array):
        guard array.count == set.exampleCount else { return nil }
        let values = array.doubles()
        guard let first = values.first, values.contains(where: { $0 != first }) else { return nil }
        self.init([], 0, values)
      }
    }

    private init(_ classes: [Int], _ classCount: Int, _ values: [Double]) {
      (self.classes, self.classCount, self.values) = (classes, classCount, values)
      ranks = Correlation.ranks(values)
    }

    func selecting(_ rows: [Int]) -> Targets {
      Targets(
        classes.isEmpty ? [] : rows.map { classes[$0] }, classCount,
        values.isEmpty ? [] : rows.map { values[$0] })
    }

    /// The mistakes of an answer that ignores the features.
    var base: Double {
      guard classCount > 0 else { return 1 }
      let counts = classes.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      return 1 - Double(counts.values.max() ?? 0) / Double(classes.count)
    }

    /// The share of a column's variance that lies between the classes, or the squared correlation with the values or with their
    /// ranks.
    func share(of column: [Double]) -> Double {
      guard classCount > 0 else {
        return max(
          Correlation.squared(column, values),
          Correlation.squared(Correlation.ranks(column), ranks))
      }
      let count = Double(column.count)
      let mean = column.reduce(0, +) / count
      var sums = [Double](repeating: 0, count: classCount)
      var counts = sums
      var square = 0.0
      for (value, label) in zip(column, classes) {
        sums[label] += value - mean
        counts[label] += 1
        square += (value - mean) * (value - mean)
      }
      guard square > 1e-12 * max(mean * mean * count, 1e-300) else { return 0 }
      return zip(sums, counts).reduce(0.0) { $1.1 > 0 ? $0 + $1.0 * $1.0 / $1.1 : $0 } / square
    }
  }

  /// Columns of some examples' features.
  private struct FeatureColumns {
    let rows: [Int]
    /// The features that have columns here.
    let indices: [Int]
    private let columns: [Int: [Double]]

    /// - Parameter features: The features; `nil` for all.
    init(_ set: LabelledSet, rows: [Int], of features: [Int]?) {
      self.rows = rows
      let width = set.featureCount
      let chosen = features ?? Array(0..<width)
      var found = chosen.map { _ in [Double]() }
      set.selecting(rows).forEachBlock { values in
        for (index, feature) in chosen.enumerated() {
          found[index].reserveCapacity(rows.count)
          for position in stride(from: feature, to: values.count, by: width) {
            found[index].append(values[position])
          }
        }
      }
      indices = chosen
      columns = Dictionary(uniqueKeysWithValues: zip(chosen, found))
    }

    subscript(feature: Int) -> [Double] { columns[feature] ?? [] }

    var isFinite: Bool { columns.values.allSatisfy { $0.allSatisfy(\.isFinite) } }
  }
}
