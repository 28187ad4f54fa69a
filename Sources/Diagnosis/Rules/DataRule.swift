import Datasets
import Findings
import Foundation
import Training

/// Family 6: trouble that the data bring along. What a data file holds is inspected by Datasets; here is what explains
/// a run.
struct DataRule: DiagnosisRule {
  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    if finding.cause == .imbalance {
      return evidence.settings.loss.classWeights.isEmpty
        ? [
          Treatment(
            "classes that count alike", options: "\(Setting.classWeights) balanced",
            isDecisive: false,
            .balanced)
        ]
        : []
    }
    guard finding.cause == .unscaledInputs else { return [] }
    guard evidence.hasFarTargets else {
      return [
        Treatment("features standardized", options: "\(Setting.normalize) per-feature", .features)
      ]
    }
    return [
      Treatment(
        "features and targets standardized",
        options: "\(Setting.normalize) per-feature \(Setting.scaleTargets)",
        .together([.features, .targets]))
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let data = evidence.data
    var findings: [Finding] = []
    if data.nonFiniteCount > 0, evidence.outcome.failure == nil {
      findings.append(
        Finding(
          family: .data, cause: .nonFiniteData,
          symptom: "\(data.nonFiniteCount) features or targets are infinite or NaN",
          explanation: "a single one makes every sum that it enters not finite",
          evidence: [Finding.Number("non-finite values", Double(data.nonFiniteCount))],
          remedy: "take those examples out, or fill the values in"))
    }
    // What learns all the same is left in peace, unless it learns so slowly that it has not come to an end.
    if evidence.standing != .learned || evidence.underfits
      || evidence.leavesError && evidence.isFalling,
      data.scales.constantShare < 1, let finding = unscaled(data.scales, evidence.hasFarTargets)
    {
      findings.append(finding)
    }
    if let share = evidence.baseRate.largestShare, share > 0.8, let error = evidence.train.error,
      let baseError = evidence.baseRate.error, error >= 0.9 * baseError, baseError > 0,
      evidence.answers.map({ $0.otherRecall < 0.2 }) ?? true, evidence.standing != .nonFinite,
      share > 0.9 || !evidence.seesNoRelation, !evidence.targets.isOneHot, !knowsChances(evidence)
    {
      findings.append(
        Finding(
          family: .data, cause: .imbalance,
          symptom: String(
            format:
              "%.1f %% of the examples belong to one class, and nearly all of the others are answered wrongly",
            100 * share),
          explanation: "naming that class always is right so often that the error says nothing",
          evidence: [Finding.Number("largest share", share), Finding.Number("error", error)],
          remedy: evidence.settings.loss.classWeights.isEmpty
            ? "weight the rare classes (\(Setting.classWeights) balanced), and judge by the error of each class"
            : "get more examples of the rare classes, and train longer (\(Setting.steps) \(3 * evidence.stepCount))"
        ))
    }
    return findings
  }

  /// Whether the network tells more from less likely examples of the rare classes, and nothing else does better: then none of them is
  /// more likely than not, and naming the frequent class is right.
  private func knowsChances(_ evidence: Evidence) -> Bool {
    evidence.progress > 0.1 && evidence.attainable != nil && !evidence.fallsShort
      && evidence.settings.loss.classWeights.isEmpty && !evidence.fallsOn
  }

  private func unscaled(_ scales: FeatureScales, _ hasFarTargets: Bool) -> Finding? {
    guard scales.areUnscaled else { return nil }
    let (square, offset) = (scales.size * scales.size, scales.offsetRatio ?? 1)
    let isSmall = scales.size < FeatureScales.sizes.lowerBound
    return Finding(
      family: .data, cause: .unscaledInputs,
      symptom: String(
        format:
          "the features have a mean square of %.3g, and the widest spreads %.3g times as far as the middle one",
        square, scales.spreadRatio)
        + (offset > FeatureScales.largestOffsetRatio
          ? String(format: "; they are %.3g times as far from zero as they vary", offset) : ""),
      explanation: isSmall
        ? "the first layer's gradient shrinks with the features, so that the biases outrun the weights"
        : "the first layer's gradient grows with the features, so that no learning rate suits it and "
          + "the other layers, or the small features and the large ones",
      evidence: [
        Finding.Number("feature mean square", square),
        Finding.Number("ratio of spreads", scales.spreadRatio),
        Finding.Number("ratio of offset to spread", offset),
      ],
      remedy:
        "subtract each feature's mean and divide by its standard deviation, both of the training set "
        + (hasFarTargets
          ? "(\(Setting.normalize) per-feature), and do the same with the targets (\(Setting.scaleTargets))"
          : "(\(Setting.normalize) per-feature)"))
  }
}

/// Family 6, what does not keep a network from learning and only flatters it: told after everything else.
struct LeakRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let count = evidence.data.duplicates, count.isBeyondChance else { return [] }
    let duplicates = count.across
    return [
      Finding(
        family: .data, cause: .duplicates,
        symptom: duplicates == 1
          ? "one example of dev or test is among the training examples"
          : "\(duplicates) examples of dev or test are among the training examples",
        explanation: "what has been learned by heart counts as understood there",
        evidence: [Finding.Number("duplicates", Double(duplicates))],
        remedy: "take them out of the training set, or of the other")
    ]
  }
}
