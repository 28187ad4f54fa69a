import Console

/// What two sets have in common and where they differ.
public struct DistributionComparison: Sendable, Hashable, Codable {
  /// A feature, or what stands for all features, in both sets.
  public struct Feature: Sendable, Hashable, Codable {
    /// `feature 3`, `mean of an example`, `target 0`.
    public let name: String
    /// The mean in each set.
    public let means: [Double]
    /// The standard deviation in each set.
    public let spreads: [Double]
    /// The largest difference of the two distribution functions.
    public let statistic: Double
    /// The probability of such a difference by chance, times the number of all comparisons.
    public let probability: Double
  }

  /// The names of the two sets.
  public let sets: [String]
  /// The test of the class proportions; nil for values, or too few examples.
  public let classes: ChiSquared?
  /// Half the sum of the differences of the class shares: 0 for equal proportions, 1 for no class in
  /// common; nil for values.
  public let classDistance: Double?
  /// The features that were tested, the most different first.
  public let features: [Feature]
  /// How many comparisons the features' probabilities were multiplied by.
  public let comparisonCount: Int
  /// What it comes to.
  public let verdict: DistributionCheck.Verdict

  private enum CodingKeys: String, CodingKey {
    case sets, classes, features, verdict
    case classDistance = "class_distance"
    case comparisonCount = "comparison_count"
  }

  typealias Examined = (data: LabelledSet, moments: FeatureMoments)

  init(_ first: Examined, _ second: Examined, pairCount: Int) {
    sets = [first.data.name, second.data.name]
    let (counts, otherCounts) = (first.data.classCounts, second.data.classCounts)
    let test = counts.isEmpty ? nil : ChiSquared(counts, otherCounts)
    classes = test
    classDistance = counts.isEmpty ? nil : Self.distance(counts, otherCounts)

    let candidates = Self.candidates(first, second)
    // The features that are constant and equal in both have nothing to compare.
    let count = (candidates.count + candidates.extra.count) * pairCount
    comparisonCount = count
    let positions = candidates.positions
    let columns = zip(first.data.columns(positions), second.data.columns(positions))
    var features = zip(positions, columns).map { position, columns in
      Self.feature(first.data.featureName(position), columns.0, columns.1, count)
    }
    features += candidates.extra.map { Self.feature($0.name, $0.first, $0.second, count) }
    features.sort { ($0.statistic, $1.name) > ($1.statistic, $0.name) }
    self.features = features

    let limit = DistributionCheck.significance
    let isClassShift = test.map { $0.probability * Double(pairCount) < limit } ?? false
    let shifted = features.filter { $0.probability < limit }
    let isLarge =
      isClassShift && (classDistance ?? 0) >= DistributionCheck.slightProportion
      || shifted.contains { $0.statistic >= DistributionCheck.slightStatistic }
    verdict = isLarge ? .different : isClassShift || !shifted.isEmpty ? .slight : .same
  }

  private static func feature(
    _ name: String, _ first: [Double], _ second: [Double], _ count: Int
  ) -> Feature {
    let test = KolmogorovSmirnov(first, second)
    let moments = [Self.moments(first), Self.moments(second)]
    return Feature(
      name: name, means: moments.map(\.mean), spreads: moments.map(\.spread),
      statistic: test.statistic, probability: min(1, test.probability * Double(count)))
  }

  private static func moments(_ values: [Double]) -> (mean: Double, spread: Double) {
    let count = Double(values.count)
    let unit = FeatureMoments.unit(ofLargest: values.reduce(0) { max($0, abs($1)) })
    let mean = values.reduce(0) { $0 + $1 * unit } / count
    let square = values.reduce(0) { $0 + ($1 * unit - mean) * ($1 * unit - mean) }
    return (mean / unit, (square / count).squareRoot() / unit)
  }

  // MARK: What to test

  private typealias Extra = (name: String, first: [Double], second: [Double])

  /// The features that differ most in mean and spread, the number of those that vary at all, and what
  /// else is compared.
  private static func candidates(
    _ first: Examined, _ second: Examined
  ) -> (positions: [Int], count: Int, extra: [Extra]) {
    let (a, b) = (first.moments, second.moments)
    var scored: [(position: Int, score: Double)] = []
    for position in a.means.indices {
      let unit = FeatureMoments.unit(
        ofLargest: max(
          abs(a.means[position]), abs(b.means[position]), a.spreads[position], b.spreads[position]))
      let shift = abs(a.means[position] * unit - b.means[position] * unit)
      let (spread, other) = (a.spreads[position] * unit, b.spreads[position] * unit)
      let change = abs(spread - other)
      let scale = ((spread * spread + other * other) / 2).squareRoot()
      guard scale > 0 || shift > 0 else { continue }
      scored.append((position, scale > 0 ? (shift + change) / scale : .infinity))
    }
    let count = scored.count
    scored.sort { ($0.score, $1.position) > ($1.score, $0.position) }
    let positions = scored.prefix(DistributionCheck.testedFeatureCount).map(\.position)
    var extra: [Extra] = []
    if a.means.count > 1 {
      extra.append(("mean of an example", a.exampleMeans, b.exampleMeans))
      extra.append(("spread of an example", a.exampleSpreads, b.exampleSpreads))
    }
    if case .values(let values) = first.data.targets, case .values(let others) = second.data.targets
    {
      let width = values.count / max(1, first.data.exampleCount)
      let (values, others) = (values.doubles(), others.doubles())
      for output in 0..<width {
        func column(_ values: [Double]) -> [Double] {
          stride(from: output, to: values.count, by: width).map { values[$0] }
        }
        extra.append(("target \(output)", column(values), column(others)))
      }
    }
    return (positions, count, extra)
  }

  private static func distance(_ first: [Int], _ second: [Int]) -> Double {
    let totals = (Double(first.reduce(0, +)), Double(second.reduce(0, +)))
    return zip(first, second).reduce(0) {
      $0 + abs(Double($1.0) / totals.0 - Double($1.1) / totals.1)
    } / 2
  }
}

extension DistributionComparison: CustomStringConvertible {
  /// The verdict, and the numbers that it rests on.
  public var description: String {
    let pair = "\(sets[0]) and \(sets[1])"
    let head =
      switch verdict {
      case .same: "\(pair) look like samples of one distribution"
      case .slight: "\(pair) differ, beyond chance but little"
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
      reasons.append("put them together and split again: plumb data split")
    }
    return ([head] + reasons).joined(separator: "\n  ")
  }

  /// Three digits, which are enough to see by how much.
  private static func text(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 3)
  }
}
