import Plumbline
import Training

/// What features and targets are like, as far as it can stop a network from learning.
///
/// The seam to the inspection of data files: whoever knows more of a file's data can fill it in.
public struct DataEvidence: Codable, Sendable, Hashable {
  /// The mean square of all features, and the shares of features that are the same in every example, and that do not
  /// differ at all from each other.
  public var featureMeanSquare: Double
  /// The share of features with the same value in every example.
  public var constantShare: Double
  /// The largest standard deviation of a feature over the middle one (the lower of two), among those that vary. The
  /// smallest would not do: the rim of pictures varies next to nothing, and harms nobody.
  public var deviationRatio: Double
  /// How far the features stand from zero, in relation to how much they vary: the root of their mean square over their
  /// mean variance.
  public var offsetRatio: Double?
  /// The mean square of all targets, and their smallest and largest.
  public var targetMeanSquare: Double?, targetRange: [Double]?
  /// The features and targets that are infinite or NaN.
  public var nonFiniteCount: Int
  /// How many dev and test examples stand among the training examples too; `nil` where there are none to compare.
  public var duplicatesAcrossSets: Int?
  /// How many such duplicates chance alone brings: the share of training examples that stand among the others of their own
  /// set too, times the dev and test examples. Tables of few values repeat themselves everywhere, and nothing leaked.
  public var duplicatesExpected: Double?

  /// Where features of dev or test, in this order as far as there are such sets, differ from those of the training set:
  /// the largest difference of each set, where it is large.
  public var shifts: [Shift]?

  /// A feature whose mean or spread is another one in another set.
  public struct Shift: Codable, Sendable, Hashable {
    /// The place of the set, and of the feature.
    public let set: Int, feature: Int
    /// Mean and standard deviation in the training set and in the other.
    public let mean: Double, deviation: Double, otherMean: Double, otherDeviation: Double
  }

  /// The data of a run. At most 256 training examples are looked at; duplicates are looked for among all.
  /// Complexity: O(values).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar: TrainableScalar>(
    train: Examples<Scalar>, others: [Examples<Scalar>] = []
  ) {
    let count = min(train.count, 256)
    let rows = (0..<count).map { $0 * train.count / count }
    let features = train.features.selectingRows(rows)
    let mean = features.mean(alongAxes: [0], keepingAxes: true)
    let deviations = (features - mean).squared().mean(alongAxes: [0]).scalars.map(\.real)
    let largest = deviations.max() ?? 0
    // A variance of rounding alone is none: beside the other features', and beside the feature's own size.
    let means = mean.scalars.map(\.real)
    let varying = zip(deviations, means).filter { $0 > max(largest, $1 * $1) * 1e-12 }.map(\.0)
    featureMeanSquare = features.squared().mean().scalar.real
    constantShare = 1 - Double(varying.count) / Double(max(deviations.count, 1))
    let sorted = varying.sorted()
    deviationRatio =
      sorted.isEmpty ? 1 : (largest / sorted[(sorted.count - 1) / 2]).squareRoot()
    let variance = deviations.reduce(0, +) / Double(max(deviations.count, 1))
    if !varying.isEmpty { offsetRatio = (featureMeanSquare / variance).squareRoot() }
    if train.targets.isFinite {
      targetMeanSquare = train.targets.meanSquare
      targetRange = [-(-train.targets).max().scalar.real, train.targets.max().scalar.real]
    }
    nonFiniteCount =
      features.isFinite && train.targets.isFinite
      ? 0
      : features.scalars.count { !$0.isFinite } + train.targets.scalars.count { !$0.isFinite }
    guard !others.isEmpty else { return }
    shifts = Shift.largest(train.features, others.map(\.features))
    let own = train.features
    let fingerprints = Self.fingerprints(own)
    let known = Dictionary(grouping: fingerprints.indices) { fingerprints[$0] }
    let twins = fingerprints.indices.count { row in
      known[fingerprints[row]]?.contains { $0 != row && Self.areEqual(own, $0, own, row) } ?? false
    }
    duplicatesExpected =
      Double(twins) / Double(train.count) * Double(others.reduce(0) { $0 + $1.count })
    duplicatesAcrossSets = others.reduce(0) { sum, other in
      sum
        + Self.fingerprints(other.features).enumerated().count { row, fingerprint in
          known[fingerprint]?.contains { Self.areEqual(own, $0, other.features, row) } ?? false
        }
    }
  }

  /// Whether an example of one set is that of another, to the bit: equal fingerprints alone join nothing.
  private static func areEqual<Scalar: TrainableScalar>(
    _ features: Tensor<Scalar>, _ row: Int, _ others: Tensor<Scalar>, _ otherRow: Int
  ) -> Bool {
    let width = features.count / max(features.shape[0], 1)
    return features.withValues { values in
      others.withValues { others in
        (0..<width).allSatisfy { values[row * width + $0] == others[otherRow * width + $0] }
      }
    }
  }

  /// A number for each example that equal ones share.
  @inline(__always)
  private static func fingerprints<Scalar: TrainableScalar>(_ features: Tensor<Scalar>) -> [UInt64]
  {
    let width = features.count / max(features.shape[0], 1)
    return features.withValues { values in
      (0..<features.shape[0]).map { row in
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for place in row * width..<(row + 1) * width {
          hash = (hash ^ values[place].real.bitPattern) &* 0x100_0000_01B3
          // A Float's bits stand in the upper half of a Double's, and products move bits upwards only.
          hash ^= hash >> 32
        }
        return hash
      }
    }
  }
}
