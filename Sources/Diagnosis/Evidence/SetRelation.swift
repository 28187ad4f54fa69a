import Datasets
import Foundation
import Plumbline
import Training

/// Whether the relation of features and targets in the training set holds in another set, apart from any network.
///
/// A network that does worse there than an answer that ignores the features need not have memorized too much: the sets may
/// disagree on what there is to learn. A closed-form fit, which memorizes nothing, shows this; so does a feature that predicts the
/// targets of one set but not those of the other.
public struct SetRelation: Codable, Sendable, Hashable {
  /// The error on the other set of the better fit to training examples: the share of wrong answers, or of the variance.
  public let error: Double
  /// The same for the best answer to the training examples that ignores the features.
  public let base: Double
  /// The number of examples answered.
  public let count: Int
  /// The error on the other set if each class that the fit gives is read as the class that is most frequent among those examples; `nil` for
  /// values, and in records of earlier versions.
  public var relabelledError: Double?
  /// The feature that predicts the targets of the training set but not those of the other; `nil` if there is none, or several.
  public let broken: BrokenFeature?

  /// A feature that is related to the targets in one set only.
  public struct BrokenFeature: Codable, Sendable, Hashable {
    /// Its index, from 0.
    public let feature: Int
    /// Its correlation with its expected value by the training set's targets, in the training set and in the other.
    public let correlation: Double, otherCorrelation: Double
    /// The feature of the other set that is related to its targets as this one is to the training set's; `nil` if there is none.
    public var counterpart: Int?
  }

  /// Whether the features predict the targets of the other set.
  public var holds: Bool { error < 0.9 * base }

  /// Whether they do not: less than a hundredth of the cost of an answer that ignores the features is gained, beyond chance.
  public var fails: Bool {
    let deviation = (base * (1 - min(base, 0.75)) / Double(max(count, 1))).squareRoot()
    return error > 0.97 * base + deviation
  }

  private static var limit: Int { 256 }
  private static var comparedLimit: Int { 2000 }

  /// What training examples say about those of another set; `nil` if either has fewer than 20, values are not finite, or targets do
  /// not vary.
  ///
  /// - Complexity: O(256³ + examples · features).
  init?<Scalar: TrainableScalar>(
    of train: Examples<Scalar>, on other: Examples<Scalar>, loss: LossFunction, key: Key
  ) {
    func chosen(_ examples: Examples<Scalar>, _ limit: Int, _ name: String) -> Examples<Scalar> {
      let rows = Array(key[name].permutation(examples.count).prefix(limit)).sorted()
      return Examples(
        features: examples.features.selectingRows(rows).reshaped(to: [
          rows.count, examples.features.count / examples.count,
        ]), targets: examples.targets.selectingRows(rows))
    }
    guard train.count >= 20, other.count >= 20, train.features.isFinite, other.features.isFinite,
      train.targets.isFinite, other.targets.isFinite
    else { return nil }
    let known = chosen(train, Self.limit, "known")
    let asked = chosen(other, Self.limit, "asked")
    let both = Examples(
      features: .concatenate([known.features, asked.features]),
      targets: .concatenate([known.targets, asked.targets]))
    let table = FitTable(both, loss: loss, rows: Array(0..<both.count))
    guard table.columns > 0 else { return nil }
    let (first, rest) = (Array(0..<known.count), Array(known.count..<both.count))
    var relabelled = [Double]()
    func left(by features: [Float], relabelling: Bool = false) -> Double {
      let products = KernelFit.products(of: Tensor([both.count, table.width], features))
      return KernelFit.Kernel.allCases.map { kernel in
        let answers = KernelFit.answers(
          kernel, for: rest, from: first, products: products, targets: table.targets,
          columns: table.columns)
        if relabelling, table.areClasses {
          relabelled.append(Self.relabelledError(answers, table.targets, table.columns, rest))
        }
        return table.mistakes(of: answers, rows: rest)
      }.min() ?? 1
    }
    error = left(by: table.features, relabelling: true)
    relabelledError = relabelled.min()
    let ignorant = [Float](repeating: 0, count: table.targets.count)
    base = table.mistakes(of: ignorant, rows: rest)
    count = asked.count
    let width = train.targets.count / train.count
    let candidate =
      width == 1
      ? Self.brokenFeature(
        chosen(train, Self.comparedLimit, "train"), chosen(other, Self.comparedLimit, "other"),
        areClasses: loss.areClasses) : nil
    guard let candidate else {
      broken = nil
      return
    }
    if candidate.counterpart != nil {
      broken = candidate
      return
    }
    // If nothing holds without the feature either, the targets are different, not the feature.
    var others = table.features
    for row in 0..<both.count { others[row * table.width + candidate.feature] = 0 }
    broken = left(by: others) < 0.9 * base ? candidate : nil
  }

  /// The share of examples whose class is not the most frequent one among those of the same answer.
  private static func relabelledError(
    _ answers: [Float], _ targets: [Float], _ columns: Int, _ rows: [Int]
  ) -> Double {
    func kind(_ values: [Float], _ row: Int) -> Int {
      if columns == 1 { return values[row] > 0 ? 1 : 0 }
      let own = row * columns..<(row + 1) * columns
      return (own.max { values[$0] < values[$1] } ?? own.lowerBound) - own.lowerBound
    }
    var counts: [Int: [Int: Int]] = [:]
    for row in rows {
      counts[kind(answers, row), default: [:]][kind(targets, row), default: 0] += 1
    }
    let right = counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
    return 1 - Double(right) / Double(max(rows.count, 1))
  }

  private static func brokenFeature<Scalar: TrainableScalar>(
    _ train: Examples<Scalar>, _ other: Examples<Scalar>, areClasses: Bool
  ) -> BrokenFeature? {
    let width = train.features.count / train.count
    let (known, asked) = (train.targets.scalars.map(\.real), other.targets.scalars.map(\.real))
    // Means of a few examples each would correlate with anything.
    let kinds = areClasses ? Set(known).count : 1
    guard train.count >= max(50, 10 * kinds) else { return nil }
    let chance = 5 / (Double(max(other.count - 3, 1))).squareRoot()
    let found = (0..<width).compactMap { feature -> BrokenFeature? in
      let values = column(feature, train, width)
      // The feature's value that the target leads to expect: the mean of its class, or the target itself.
      var means: [Double: (sum: Double, count: Double)] = [:]
      if areClasses {
        for (value, target) in zip(values, known) {
          let own = means[target] ?? (0, 0)
          means[target] = (own.sum + value, own.count + 1)
        }
      }
      func expected(_ target: Double) -> Double {
        areClasses ? means[target].map { $0.sum / $0.count } ?? 0 : target
      }
      let correlation = Correlation.pearson(values, known.map(expected))
      guard abs(correlation) > 0.7 else { return nil }
      let rest = Correlation.pearson(column(feature, other, width), asked.map(expected))
      let sign = correlation < 0 ? -1.0 : 1
      guard abs(rest) < 0.4 * abs(correlation),
        atanh(min(abs(correlation), 0.9999)) - atanh(max(-0.99, sign * rest)) > chance
      else { return nil }
      // A column of the other set that plays this one's part, and does not play it here.
      let counterpart = (0..<width).filter { candidate in
        let there = Correlation.pearson(column(candidate, other, width), asked.map(expected))
        let here = Correlation.pearson(column(candidate, train, width), known.map(expected))
        return candidate != feature && abs(there - correlation) < 0.2
          && abs(here) < 0.7 * abs(correlation)
      }
      return BrokenFeature(
        feature: feature, correlation: correlation, otherCorrelation: rest,
        counterpart: counterpart.count == 1 ? counterpart[0] : nil)
    }
    return found.count == 1 ? found[0] : nil
  }

  private static func column<Scalar: TrainableScalar>(
    _ feature: Int, _ examples: Examples<Scalar>, _ width: Int
  ) -> [Double] {
    examples.features.withValues { values in
      (0..<examples.count).map { values[$0 * width + feature].real }
    }
  }
}
