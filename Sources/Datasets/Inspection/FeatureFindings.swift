import Console
import Findings

/// Findings about the features of a training set.
struct FeatureFindings {
  private let set: LabelledSet
  private let moments: FeatureMoments
  private let scales: FeatureScales

  init(_ set: LabelledSet, _ scales: FeatureScales) {
    self.set = set
    moments = FeatureMoments(set)
    self.scales = scales
  }

  var findings: [Finding] { [constants, unscaled].compactMap { $0 } }

  private var constants: Finding? {
    let constant = moments.means.indices.filter { moments.minima[$0] == moments.maxima[$0] }
    guard !constant.isEmpty, set.exampleCount > 1 else { return nil }
    let isAll = constant.count == moments.means.count
    // The borders of pictures are constant, and harmless.
    let isPicture = set.exampleShape.count > 1
    return Finding(
      family: .data, cause: .constantFeatures,
      severity: isAll ? .error : isPicture ? .note : .warning,
      symptom: isAll
        ? "all \(constant.count) features have one value in all examples"
        : "\(constant.count) of \(moments.means.count) features have one value in all examples",
      explanation: isAll
        ? "there is nothing to learn from" : "what does not vary tells no example from another",
      location: Finding.Location(
        set: set.name, quantity: DataJudgement.list(constant.map { set.featureName($0) })),
      evidence: [
        Finding.Number("count", Double(constant.count)),
        Finding.Number("features", Double(moments.means.count)),
      ],
      remedy: isAll
        ? "look at how the file was made"
        : isPicture
          ? "nothing to do; do not divide such features by their spread, which is 0"
          : "leave them out, and do not divide them by their spread, which is 0")
  }

  private var unscaled: Finding? {
    guard scales.areUnscaled, scales.constantShare < 1, let widest = scales.widest,
      let middle = scales.middle
    else { return nil }
    let isSmall = scales.size < FeatureScales.sizes.lowerBound
    let offset = scales.offsetRatio ?? 0
    let symptom =
      if isSmall || scales.size > FeatureScales.sizes.upperBound {
        "the features have a root mean square of \(Self.text(scales.size))"
      } else if scales.spreadRatio > FeatureScales.largestSpreadRatio {
        "spreads differ by a factor of \(Self.text(scales.spreadRatio)): \(Self.text(moments.spreads[widest])) in "
          + "\(set.featureName(widest)), \(Self.text(moments.spreads[middle])) in \(set.featureName(middle))"
      } else {
        "the features are \(Self.text(offset)) times as far from zero as they vary"
      }
    return Finding(
      family: .data, cause: .unscaledInputs,
      symptom: symptom,
      explanation: isSmall
        ? "the first layer's gradient shrinks with the features, so that the biases outrun the weights"
        : "the first layer's gradient grows with the features, so that no learning rate suits it and "
          + "the other layers, or the small features and the large ones",
      location: Finding.Location(set: set.name, quantity: set.featureName(widest)),
      evidence: [
        Finding.Number("size", scales.size),
        Finding.Number("largest spread", moments.spreads[widest]),
        Finding.Number("ratio of spreads", scales.spreadRatio),
        Finding.Number("ratio of offset to spread", offset),
      ],
      remedy:
        "subtract the training set's mean and divide by its standard deviation, the same numbers "
        + "for all sets (plumb train \(Setting.normalize) per-feature)")
  }

  private static func text(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 3)
  }
}

extension Finding.Cause {
  /// Features with one value in all training examples.
  public static let constantFeatures: Self = "constant-features"
  /// Features of a size that gradient descent has trouble with, or of very different sizes.
  public static let unscaledInputs: Self = "unscaled-inputs"
}

extension FeatureFindings {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(
      .data, .constantFeatures, "features with one value in all training examples"),
    Finding.CauseMeaning(
      .data, .unscaledInputs,
      "features of a size that gradient descent has trouble with, or of very different sizes"),
  ]
}
