import Console
import Findings
import Foundation

/// Findings about the features of a training set.
struct FeatureFindings {
  private let set: LabelledSet
  /// The moments of the examples that ``FeatureScales`` uses.
  private let moments: FeatureMoments
  private let scales: FeatureScales

  init(_ set: LabelledSet, _ moments: FeatureMoments, _ scales: FeatureScales) {
    self.set = set
    self.moments = moments
    self.scales = scales
  }

  var findings: [Finding] { [constants, unscaled].compactMap { $0 } }

  private var constants: Finding? {
    guard set.exampleCount > 1 else { return nil }
    // A spread that is only rounding does not count if nothing else varies either.
    let constant =
      scales.constantShare == 1 ? Array(moments.means.indices) : set.constantFeatures(of: moments)
    guard !constant.isEmpty else { return nil }
    let isAll = constant.count == moments.means.count
    // The borders of pictures are constant, and harmless.
    let isPicture = set.exampleShape.count > 1
    return Finding(
      family: .data, cause: isAll ? .constantInputs : .constantFeatures,
      severity: isAll ? .error : isPicture ? .note : .warning,
      symptom: isAll
        ? "the inputs of all examples are the same"
        : "\(constant.count) of \(moments.means.count) features are constant across all examples",
      explanation: isAll
        ? "there is nothing to learn from" : "a constant feature cannot distinguish examples",
      location: Finding.Location(
        set: set.name, quantity: DataJudgement.list(constant.map { set.featureName($0) })),
      evidence: [
        Finding.Number("count", Double(constant.count)),
        Finding.Number("features", Double(moments.means.count)),
      ],
      remedy: isAll
        ? "check how the file was made and read (plumb data inspect)"
        : isPicture
          ? "nothing to do; do not divide such features by their standard deviation, which is 0"
          : "drop them, and do not divide them by their standard deviation, which is 0")
  }

  private var unscaled: Finding? {
    // Pixels of a dark picture vary little, which is harmless.
    let isSlow = scales.slowLearning && set.exampleShape.count == 1
    guard scales.areUnscaled || isSlow, scales.constantShare < 1, let widest = scales.widest,
      let middle = scales.middle
    else { return nil }
    let isSlowOnly = !scales.areUnscaled
    let isSmall =
      scales.size < FeatureScales.sizes.lowerBound
      || isSlowOnly && scales.areSmall && scales.spreadRatio <= FeatureScales.slowSpreadRatio
    let offset = scales.offsetRatio ?? 0
    let isUneven =
      scales.spreadRatio > FeatureScales.largestSpreadRatio
      || offset <= FeatureScales.largestOffsetRatio
        && scales.spreadRatio > FeatureScales.slowSpreadRatio
    // The features that the symptom is about.
    var concerned = [widest]
    let symptom: String
    if isSmall || scales.size > FeatureScales.sizes.upperBound {
      concerned = largest
      symptom =
        "the features have a root mean square of \(Self.text(scales.size))"
        + (moments.means.count > 1 && !isSmall
          ? " (\(set.featureName(concerned[0])): \(Self.text(size(concerned[0]))))"
          : "")
    } else if isUneven {
      symptom =
        "standard deviations differ by a factor of \(Self.text(scales.spreadRatio)): \(Self.text(moments.spreads[widest])) in "
        + "\(set.featureName(widest)), \(Self.text(moments.spreads[middle])) in \(set.featureName(middle))"
    } else if offset > FeatureScales.largestOffsetRatio {
      concerned = largest
      symptom =
        "the features' means are \(Self.text(offset)) times their standard deviations"
    } else {
      concerned = farthest
      symptom =
        "half of the features have means of at least \(Self.text(scales.middleOffset ?? 0)) times their standard deviations"
    }
    return Finding(
      family: .data, cause: .unscaledInputs,
      // A scale that only slows learning down is a fault only if other methods do better.
      severity: scales.areUnscaled ? .warning : .note,
      symptom: symptom,
      explanation: isSmall
        ? "the first layer's gradient shrinks with the features, so the biases outrun the weights"
        : "the first layer's gradient grows with the features, so no learning rate suits both it and "
          + "the other layers, or both small and large features",
      location: Finding.Location(
        set: set.name, quantity: DataJudgement.list(concerned.map { set.featureName($0) })),
      evidence: [
        Finding.Number("size", scales.size),
        Finding.Number("largest spread", moments.spreads[widest]),
        Finding.Number("ratio of spreads", scales.spreadRatio),
        Finding.Number("ratio of offset to spread", offset),
        Finding.Number("middle offset", scales.middleOffset ?? 0),
      ],
      remedy:
        "subtract each feature's mean and divide by its standard deviation, computed on the training set and used for all "
        + "sets (\(Setting.normalize) per-feature)")
  }

  /// The root mean square of a feature.
  private func size(_ feature: Int) -> Double {
    hypot(moments.means[feature], moments.spreads[feature])
  }

  /// The feature of the largest root mean square, and those of at least half of it, the largest first.
  private var largest: [Int] {
    let sizes = moments.means.indices.map(size)
    let most = sizes.max() ?? 0
    return sizes.indices.filter { sizes[$0] >= most / 2 }.sorted {
      (sizes[$1], $0) < (sizes[$0], $1)
    }
  }

  /// The features that are as far from zero, compared with their spread, as the middle one, the farthest first.
  private var farthest: [Int] {
    let offsets = moments.means.indices.map { feature in
      let spread = moments.spreads[feature]
      let isMark = moments.minima[feature] == 0 && moments.maxima[feature] == 1
      return spread > 0 && !isMark ? abs(moments.means[feature]) / spread : 0
    }
    return offsets.indices.filter { offsets[$0] > 0 && offsets[$0] >= scales.middleOffset ?? 0 }
      .sorted { (offsets[$1], $0) < (offsets[$0], $1) }
  }

  private static func text(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 3)
  }
}

extension LabelledSet {
  /// The features with one value in all examples, among those that have one in the examples behind these moments.
  ///
  /// - Complexity: O(examples · such features).
  fileprivate func constantFeatures(of moments: FeatureMoments) -> [Int] {
    var candidates = moments.means.indices.filter { moments.minima[$0] == moments.maxima[$0] }
    guard !candidates.isEmpty else { return [] }
    let width = featureCount
    forEachBlock { values in
      candidates.removeAll { feature in
        let constant = moments.minima[feature]
        return stride(from: feature, to: values.count, by: width).contains {
          values[$0] != constant
        }
      }
    }
    return candidates
  }
}

extension Finding.Cause {
  /// Features that are constant across all training examples.
  public static let constantFeatures: Self = "constant-features"
  /// The inputs of all examples are the same.
  public static let constantInputs: Self = "constant-inputs"
  /// Features whose scale, or differences in scale, hamper gradient descent.
  public static let unscaledInputs: Self = "unscaled-inputs"
}

extension FeatureFindings {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(
      .data, .constantFeatures, "features that are constant across all training examples"),
    Finding.CauseMeaning(.data, .constantInputs, "the inputs of all examples are the same"),
    Finding.CauseMeaning(
      .data, .unscaledInputs,
      "features whose scale, or differences in scale, hamper gradient descent"),
  ]
}
