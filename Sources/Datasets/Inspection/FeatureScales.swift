import Plumbline

/// The scales of a training set's features, absolute and relative to each other.
///
/// He initialization expects inputs of mean square 1. A hundred times that is no longer harmless, nor is a ten-thousandth, nor an
/// offset compared with which the features hardly vary.
public struct FeatureScales: Sendable, Hashable, Codable {
  /// The root of the mean square of all features.
  public let size: Double
  /// The share of features with the same value in every example.
  public let constantShare: Double
  /// The largest standard deviation of a feature over the median one (the lower of two), among those that vary; 1 if
  /// none does. The smallest would not do: the rim of pictures hardly varies, which is harmless.
  public let spreadRatio: Double
  /// The distance of the features from zero relative to their variation: the root of their mean square over their mean
  /// variance; nil if none varies.
  public let offsetRatio: Double?
  /// The distance of a feature from zero over its standard deviation: the median over the features that vary and are not just 0 and
  /// 1; nil if there is none.
  public let middleOffset: Double?
  /// The indices of the widest feature and of the median one, if any varies.
  public let widest: Int?, middle: Int?
  /// The largest absolute value; `nil` in records of earlier versions.
  public let largest: Double?

  /// A root mean square outside these bounds counts as unscaled.
  public static let sizes = 0.01...10
  /// A larger ratio of spreads counts as unscaled.
  public static let largestSpreadRatio = 100.0
  /// A larger ratio of offset to spread counts as unscaled.
  public static let largestOffsetRatio = 30.0

  /// Above these, offsets and ratios of spreads slow learning down.
  public static let slowOffset = 4.0, slowSpreadRatio = 20.0
  /// Features all smaller than this, of a size below the other, slow learning down: the signal of the first layer is a tenth of what
  /// initial weights are made for, and so are the gradients of its weights. Sparse features are small on average only.
  public static let slowLargest = 0.3, slowSize = 0.1

  /// Whether usable features are so far from standardized that learning is slow: reported if other methods do better.
  public var slowLearning: Bool {
    middleOffset ?? 0 > Self.slowOffset || spreadRatio > Self.slowSpreadRatio || areSmall
  }

  /// Whether all features are small.
  public var areSmall: Bool {
    size < Self.sizes.lowerBound
      || size < Self.slowSize && largest.map { $0 < Self.slowLargest } ?? false
  }

  /// Whether features are as good as standardized.
  public var areNearlyStandard: Bool {
    (0.3...3).contains(size) && middleOffset ?? 0 <= 2 && spreadRatio <= 5
  }

  /// Whether a network will suffer from the scale of the features.
  public var areUnscaled: Bool {
    !Self.sizes.contains(size) || spreadRatio > Self.largestSpreadRatio
      || offsetRatio ?? 0 > Self.largestOffsetRatio
  }

  /// The examples of a set that are used.
  static func sample(of set: LabelledSet) -> LabelledSet {
    rows(count: set.exampleCount, width: set.featureCount).map { set.selecting($0) } ?? set
  }

  /// The examples that are used, evenly spread: at most 4,096, and for wide examples at most a quarter of a million values, which
  /// is enough to detect a ratio of a hundred; `nil` for all.
  private static func rows(count: Int, width: Int) -> [Int]? {
    let limit = min(4096, max(256, (1 << 18) / max(width, 1)))
    return count <= limit ? nil : (0..<limit).map { $0 * count / limit }
  }

  /// The scales of a set with at least one example, from up to 4,096 of them.
  ///
  /// - Complexity: O(number of features).
  public init(_ set: LabelledSet) {
    self.init(FeatureMoments(Self.sample(of: set)))
  }

  /// The scales of features, examples first, with at least one example.
  ///
  /// - Complexity: O(number of features).
  public init<Scalar: TensorScalar>(_ features: Tensor<Scalar>) {
    let count = features.shape[0]
    let rows = Self.rows(count: count, width: features.count / count)
    let chosen = rows.map { features.selectingRows($0) } ?? features
    self.init(FeatureMoments(LabelledSet(name: "features", chosen)))
  }

  init(_ moments: FeatureMoments) {
    let largest = zip(moments.means, moments.spreads).reduce(0) { max($0, abs($1.0), $1.1) }
    // Values whose squares would overflow are scaled down first.
    let unit = FeatureMoments.unit(ofLargest: largest)
    let means = moments.means.map { $0 * unit }
    let spreads = moments.spreads.map { $0 * unit }
    let width = Double(max(1, means.count))
    let variance = spreads.reduce(0) { $0 + $1 * $1 } / width
    let square = means.reduce(0) { $0 + $1 * $1 } / width + variance
    size = square.squareRoot() / unit
    self.largest = zip(moments.minima, moments.maxima).reduce(0) {
      max($0, abs($1.0), abs($1.1))
    }
    // A variance that is only rounding, compared with the other features' and with the feature's own size, does not count.
    let widestSpread = spreads.max() ?? 0
    let varying = spreads.indices.filter {
      spreads[$0] > max(widestSpread, abs(means[$0])) * 1e-6
    }.sorted { spreads[$0] < spreads[$1] }
    constantShare = 1 - Double(varying.count) / width
    widest = varying.last
    middle = varying.isEmpty ? nil : varying[(varying.count - 1) / 2]
    spreadRatio = middle.map { widestSpread / spreads[$0] } ?? 1
    offsetRatio = varying.isEmpty ? nil : (square / variance).squareRoot()
    let measured = varying.filter { moments.minima[$0] != 0 || moments.maxima[$0] != 1 }
    let offsets = measured.map { abs(means[$0]) / spreads[$0] }.sorted()
    middleOffset = offsets.isEmpty ? nil : offsets[(offsets.count - 1) / 2]
  }
}
