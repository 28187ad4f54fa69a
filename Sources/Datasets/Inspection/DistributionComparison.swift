import Console

/// The comparison of two sets.
public struct DistributionComparison: Sendable, Hashable, Codable {
  /// A feature, or a summary of all features, in both sets.
  public struct Feature: Sendable, Hashable, Codable {
    /// `feature 3`, `mean of an example`, `target 0`.
    public let name: String
    /// The feature's index; nil for a summary of all features or a target.
    public let index: Int?
    /// The mean in each set.
    public let means: [Double]
    /// The standard deviation in each set.
    public let spreads: [Double]
    /// The largest difference between the two distribution functions, of the values or of their distances from the median.
    public let statistic: Double
    /// The probability of such a difference by chance, times the number of comparisons.
    public let probability: Double

    /// Whether the difference is beyond chance and large.
    public var differs: Bool {
      probability < DistributionCheck.significance
        && statistic >= DistributionCheck.slightStatistic
    }
  }

  /// The names of the two sets.
  public let sets: [String]
  /// The test of the class proportions; nil for values, or too few examples.
  public let classes: ChiSquared?
  /// Half the sum of the absolute differences in class shares: 0 for equal proportions, 1 for no class in
  /// common; nil for values.
  public let classDistance: Double?
  /// The features that differ most, most certain first.
  public let features: [Feature]
  /// The number of comparisons of features made between all sets.
  public let comparisonCount: Int
  /// The verdict.
  public let verdict: DistributionCheck.Verdict

  private enum CodingKeys: String, CodingKey {
    case sets, classes, features, verdict
    case classDistance = "class_distance"
    case comparisonCount = "comparison_count"
  }

  init(_ first: DistributionSample, _ second: DistributionSample, pairCount: Int) {
    sets = [first.name, second.name]
    let areClasses = !first.classCounts.isEmpty && !second.classCounts.isEmpty
    let test = areClasses ? ChiSquared(first.classCounts, second.classCounts) : nil
    classes = test
    classDistance = areClasses ? Self.distance(first.classCounts, second.classCounts) : nil
    let tested = Self.tests(first.features, second.features)
    let summaries = Self.tests(first.summaries, second.summaries)
    // Features that are constant and equal in both have nothing to compare.
    comparisonCount = (tested.count + summaries.count) * pairCount
    let kinds = [test != nil, !tested.isEmpty, !summaries.isEmpty].count { $0 }
    var features = tested.map { $0.feature(times: kinds * pairCount * tested.count) }
    features += summaries.map { $0.feature(times: kinds * pairCount * summaries.count) }
    features.sort {
      ($0.probability, -$0.statistic, $0.name) < ($1.probability, -$1.statistic, $1.name)
    }
    self.features = Array(features.prefix(DistributionCheck.toldFeatureCount))

    let limit = DistributionCheck.significance
    let isClassShift =
      test.map { $0.probability * Double(pairCount * kinds) < limit } ?? false
    let isLarge =
      isClassShift && (classDistance ?? 0) >= DistributionCheck.slightProportion
      || features.contains(where: \.differs)
    let isSlight = isClassShift || features.contains { $0.probability < limit }
    verdict = isLarge ? .different : isSlight ? .slight : .same
  }

  // MARK: Tests

  /// A column of both sets with the more certain of its two tests.
  private struct Tested {
    let columns: [DistributionSample.Column]
    let test: KolmogorovSmirnov

    /// - Parameter count: How many such columns of how many pairs were tested; for each, the values and their distances from the
    ///   median.
    func feature(times count: Int) -> Feature {
      let moments = columns.map { DistributionComparison.moments($0.shown ?? $0.values) }
      return Feature(
        name: columns[0].name, index: columns[0].index, means: moments.map(\.mean),
        spreads: moments.map(\.spread), statistic: test.statistic,
        probability: min(1, 2 * test.probability * Double(count)))
    }
  }

  private static func tests(
    _ first: [DistributionSample.Column], _ second: [DistributionSample.Column]
  ) -> [Tested] {
    zip(first, second).compactMap { a, b in
      guard let low = a.values.first, let other = b.values.first,
        low != other || a.values.last != low || b.values.last != low
      else { return nil }
      let plain = KolmogorovSmirnov(sorted: a.values, b.values)
      let middle = median(a.values, b.values)
      let folded = KolmogorovSmirnov(
        sorted: a.values.map { abs($0 - middle) }.sorted(),
        b.values.map { abs($0 - middle) }.sorted())
      return Tested(
        columns: [a, b], test: folded.probability < plain.probability ? folded : plain)
    }
  }

  /// The middle value of both samples, the lower of two.
  private static func median(_ a: [Double], _ b: [Double]) -> Double {
    var (i, j) = (0, 0)
    var value = 0.0
    for _ in 0...(a.count + b.count - 1) / 2 {
      if j == b.count || i < a.count && a[i] <= b[j] {
        value = a[i]
        i += 1
      } else {
        value = b[j]
        j += 1
      }
    }
    return value
  }

  private static func moments(_ values: [Double]) -> (mean: Double, spread: Double) {
    let count = Double(values.count)
    let unit = FeatureMoments.unit(ofLargest: values.reduce(0) { max($0, abs($1)) })
    let mean = values.reduce(0) { $0 + $1 * unit } / count
    let square = values.reduce(0) { $0 + ($1 * unit - mean) * ($1 * unit - mean) }
    return (mean / unit, (square / count).squareRoot() / unit)
  }

  private static func distance(_ first: [Int], _ second: [Int]) -> Double {
    let totals = (Double(first.reduce(0, +)), Double(second.reduce(0, +)))
    return zip(first, second).reduce(0) {
      $0 + abs(Double($1.0) / totals.0 - Double($1.1) / totals.1)
    } / 2
  }
}

extension DistributionComparison: CustomStringConvertible {
  /// The verdict and the numbers behind it.
  public var description: String {
    let pair = "\(sets[0]) and \(sets[1])"
    let head =
      switch verdict {
      case .same: "\(pair) look like samples from the same distribution"
      case .slight: "\(pair) differ slightly, but beyond chance"
      case .different: "\(pair) come from different distributions"
      }
    var reasons: [String] = []
    if let classes {
      let freedom =
        classes.degreesOfFreedom == 1
        ? "1 degree of freedom" : "\(classes.degreesOfFreedom) degrees of freedom"
      reasons.append(
        "class proportions: chi-square \(Self.text(classes.statistic)), \(freedom), "
          + "p = \(Self.text(classes.probability))")
    }
    let isTold = features.filter { $0.probability < DistributionCheck.significance }
    let shown = isTold.isEmpty ? features.prefix(1) : isTold.prefix(3)
    for feature in shown {
      reasons.append(
        (isTold.isEmpty ? "the most different is " : "") + "\(feature.name): means "
          + "\(Self.text(feature.means[0])) and \(Self.text(feature.means[1])), spreads "
          + "\(Self.text(feature.spreads[0])) and \(Self.text(feature.spreads[1])), KS "
          + "\(Self.text(feature.statistic)), p = \(Self.text(feature.probability)) "
          + "over \(comparisonCount) comparisons")
    }
    if verdict == .different {
      reasons.append("pool them and split again: plumb data split")
    }
    return ([head] + reasons).joined(separator: "\n  ")
  }

  /// Three digits, which are enough to see by how much.
  private static func text(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 3)
  }
}
