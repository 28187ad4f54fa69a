import Console
import Findings

/// Features most of whose values are close together compared with the spread that a few of them, or a long tail, make: a cell of a
/// million among values of about one, or sizes from a hundredth to a hundred.
///
/// Divided by that spread, half of the values lie within a tenth of one, and a network hardly tells them apart. Half of all normal values
/// lie within two thirds of a standard deviation from the median, and half of exponential ones within a half. Where more than half of
/// the values are the same, as in counts of words, the others are marks and not outliers.
package struct OutlyingCells: Sendable {
  /// A feature with such values.
  struct Feature: Sendable {
    let index: Int
    /// The root of the mean square about the median, over the median distance from it.
    let ratio: Double
    /// The examples of the values that are far from it, farthest first, at most five, and the farthest value.
    let rows: [Int], value: Double
    /// The median, and the median distance from it.
    let median: Double, distance: Double
    /// Whether no more than a hundredth of the values is far from the others, rather than a tail of many.
    let isOfFew: Bool
    let isPositive: Bool
  }

  let features: [Feature]

  /// The indices of the features.
  package var indices: [Int] { features.map(\.index) }

  /// A larger ratio of spread to median distance is noticed.
  private static let most = 10.0
  /// Normal values lie within seven median distances; a value is far beyond twenty.
  private static let far = 20.0

  /// The features of a set, of those that the moments do not rule out.
  ///
  /// - Complexity: O(examples · log examples) for each of them.
  init(_ set: LabelledSet, _ moments: FeatureMoments) {
    let count = set.exampleCount
    guard count >= 50, set.exampleShape.count == 1 else {
      features = []
      return
    }
    // A few dozen examples tell a ratio of ten from one below five.
    let rows = (0..<min(count, 127)).map { $0 * count / min(count, 127) }
    let sample = FeatureColumns(set.selecting(rows), Array(moments.means.indices))
    let candidates = moments.means.indices.filter { feature in
      let values = sample.columns[feature].sorted()
      let median = values[values.count / 2]
      let distance = values.map { abs($0 - median) }.sorted()[values.count / 2]
      return distance > 0 && moments.spreads[feature] > Self.most / 2 * distance
    }
    guard !candidates.isEmpty else {
      features = []
      return
    }
    let columns = FeatureColumns(set, candidates).columns
    features = zip(candidates, columns).compactMap { Self.feature($0, $1) }
  }

  private static func feature(_ index: Int, _ values: [Double]) -> Feature? {
    let sorted = values.sorted()
    let median = sorted[sorted.count / 2]
    let distances = values.map { abs($0 - median) }
    let order = distances.indices.sorted { (distances[$1], $0) < (distances[$0], $1) }
    let distance = distances[order[order.count / 2]]
    guard distance > 0, let unit = order.first.map({ distances[$0] }) else { return nil }
    // In units of the largest, so that no square overflows.
    func square(_ row: Int) -> Double { distances[row] / unit * distances[row] / unit }
    let mean = order.reduce(0) { $0 + square($1) } / Double(order.count)
    let ratio = mean.squareRoot() * unit / distance
    guard ratio > most else { return nil }
    let far = order.prefix { distances[$0] > self.far * distance }
    return Feature(
      index: index, ratio: ratio, rows: Array(far.prefix(5)), value: values[order[0]],
      median: median, distance: distance, isOfFew: 100 * far.count <= values.count + 99,
      isPositive: sorted[0] > 0)
  }

  /// What is said of them; `nil` if there are none.
  func finding(_ set: LabelledSet) -> Finding? {
    guard let worst = features.max(by: { $0.ratio < $1.ratio }) else { return nil }
    func text(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }
    let areFew = features.allSatisfy(\.isOfFew)
    let rows = features.flatMap { feature in
      feature.rows.prefix(features.count == 1 ? 5 : 2).map { row in
        "example \(row) in \(set.featureName(feature.index))"
      }
    }
    return Finding(
      family: .data, cause: .unscaledInputs, severity: .note,
      symptom:
        "half of the values of \(set.featureName(worst.index)) are within \(text(worst.distance)) of \(text(worst.median)), but its standard "
        + "deviation is \(text(worst.ratio)) times that: the farthest value is \(text(worst.value))",
      explanation:
        "divided by a spread that \(areFew ? "a few values make" : "a long tail makes"), most values hardly differ, and the network does not tell them "
        + "apart",
      location: Finding.Location(
        set: set.name, quantity: DataJudgement.list(features.map { set.featureName($0.index) })),
      evidence: [
        Finding.Number("spread over median distance", worst.ratio),
        Finding.Number("farthest value", worst.value),
        Finding.Number("features", Double(features.count)),
      ],
      remedy: areFew
        ? "check those values (\(DataJudgement.list(rows)), counted from 0): correct them, or remove the examples, and scale the features "
          + "afterwards"
        : features.allSatisfy(\.isPositive)
          ? "take the logarithm of these features, or their ranks, before they are scaled"
          : "bring the far values closer, by ranks or a cut, before the features are scaled")
  }
}

/// Some features of a set, column by column.
private struct FeatureColumns {
  private(set) var columns: [[Double]]

  init(_ set: LabelledSet, _ features: [Int]) {
    var columns = [[Double]](repeating: [], count: features.count)
    let width = set.featureCount
    set.forEachBlock { values in
      for start in stride(from: 0, to: values.count, by: width) {
        for (column, feature) in features.enumerated() {
          columns[column].append(values[start + feature])
        }
      }
    }
    self.columns = columns
  }
}
