import Datasets
import Findings
import Foundation
import Training

/// Family 6: problems in the data. Datasets inspects what a data file holds; this rule reports what explains a run.
struct DataRule: DiagnosisRule {
  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    if finding.cause == .imbalance {
      return evidence.settings.loss.classWeights.isEmpty
        ? [
          Treatment(
            "classes weighted equally", options: "\(Setting.classWeights) balanced",
            isDecisive: false,
            .balanced)
        ]
        : []
    }
    // Values that are wrong cannot be corrected by an option.
    guard finding.cause == .unscaledInputs, !DataEvidence.isOfOutliers(finding) else { return [] }
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
    // The size of a class number means nothing.
    let hasSizes = evidence.facts.otherLayers?.takeClasses != true
    var findings: [Finding] = []
    if evidence.outcome.failure == nil, let finding = data.finding(.nonFiniteData) {
      findings.append(finding)
    }
    // If a fit to their ranks does better, it is the few far values that hold the network back, and scaling does not help.
    let isHeldBack =
      evidence.fallsShort && (evidence.underfits || evidence.standing != .learned)
    let outliers = hasSizes && isHeldBack ? data.outliers : nil
    if var finding = outliers {
      finding.severity = .warning
      findings.append(finding)
    }
    // A run that learns all the same is left alone, unless it learns so slowly that it has not come to an end.
    if hasSizes, outliers == nil,
      evidence.standing != .learned || evidence.underfits
        || evidence.leavesError && evidence.isFalling,
      var finding = data.finding(.unscaledInputs)
    {
      if evidence.hasFarTargets {
        finding.remedy += ", and do the same with the targets (\(Setting.scaleTargets))"
      }
      findings.append(finding)
    }
    // Slow learning is the fault of the features if the network is slow and a fit to standardized features does better.
    // Targets that are far away keep a network from learning whatever the features' size.
    if hasSizes, outliers == nil, isHeldBack, !(data.scales.areSmall && evidence.hasFarTargets),
      var finding = data.note(.unscaledInputs)
    {
      finding.severity = .warning
      findings.append(finding)
    }
    if let finding = conflicts(evidence) { findings.append(finding) }
    if !Self.hasNotBegun(evidence),
      let finding = Self.imbalance(evidence) ?? Self.missedClasses(evidence)
    {
      findings.append(finding)
    }
    return findings
  }

  /// Identical examples with different labels, if they are most of what a network that does as well as others gets wrong.
  private func conflicts(_ evidence: Evidence) -> Finding? {
    guard let finding = evidence.data.finding(.conflictingLabels),
      let least = finding["least error"], let error = evidence.train.error, evidence.leavesError,
      least > 0.03, least > 0.5 * error,
      evidence.standing == .learned || evidence.standing == .stalled
    else { return nil }
    return finding
  }

  /// A class of which a third of the examples or more is missed by a network that has learned most of what there is to learn and gets few
  /// examples wrong in all: the error rate hides it. Where classes overlap, so that the frequent one is the right answer in most of the
  /// places where the rare one occurs, a network does not explain half of the entropy.
  private static func missedClasses(_ evidence: Evidence) -> Finding? {
    guard var finding = evidence.data.finding(.imbalance),
      let share = finding["largest share"], share > 0.8, let error = evidence.train.error,
      evidence.leavesError, evidence.settings.loss.classWeights.isEmpty,
      evidence.standing == .learned, evidence.progress > 0.5,
      let recalls = evidence.answers?.recalls,
      let most = recalls.max(by: { $0.count < $1.count }), most.share > 0.95
    else { return nil }
    let missed = recalls.filter { recall in
      recall.count >= 20 && recall.label != most.label
        // By one standard error: of a few dozen examples no more is known.
        && recall.share + (recall.share * (1 - recall.share) / Double(recall.count)).squareRoot()
          < 2.0 / 3
    }
    guard let worst = missed.min(by: { $0.share < $1.share }) else { return nil }
    finding.explanation += String(
      format:
        "; the error rate, %.1f %%, hides that only %.0f %% of the examples of class \(worst.label) are classified correctly",
      100 * error, 100 * worst.share)
    finding.evidence += [
      Finding.Number("error", error), Finding.Number("recall of the worst class", worst.share),
    ]
    return finding
  }

  /// Classes so uneven that naming the frequent one is nearly right, and a network that does hardly more.
  ///
  /// - Parameter isBeside: Whether something else has been found, which does not say that most examples of the rare classes are
  ///   missed.
  fileprivate static func imbalance(
    _ evidence: Evidence, besideOthers isBeside: Bool = false
  ) -> Finding? {
    guard var finding = evidence.data.finding(.imbalance),
      let share = finding["largest share"], share > 0.8, let error = evidence.train.error,
      let baseError = evidence.baseRate.error, error >= (isBeside ? 0.5 : 0.9) * baseError,
      baseError > 0,
      evidence.answers.map({ $0.otherRecall < (isBeside ? 0.5 : 0.2) }) ?? !isBeside,
      evidence.standing != .nonFinite,
      share > 0.9 || !evidence.seesNoRelation, !evidence.targets.isOneHot,
      isBeside || !knowsChances(evidence)
    else { return nil }
    finding.explanation +=
      ", so the error rate is uninformative, and \(isBeside ? "most" : "nearly all") examples of the other classes are misclassified"
    finding.evidence.append(Finding.Number("error", error))
    if !evidence.settings.loss.classWeights.isEmpty {
      finding.remedy =
        "get more examples of the rare classes, and train longer (\(Setting.steps) \(3 * evidence.stepCount))"
    }
    return finding
  }

  /// Whether the network does not even know which class is frequent, and how frequent it is, which is what it learns first: then the
  /// training has hardly begun.
  fileprivate static func hasNotBegun(_ evidence: Evidence) -> Bool {
    evidence.settings.loss.classWeights.isEmpty && evidence.standing != .diverged
      && evidence.above(evidence.train.loss) > 1.5 * evidence.above(evidence.baseRate.loss)
      && evidence.train.error ?? 0 > 1.5 * (evidence.baseRate.error ?? 1)
  }

  /// Whether the network distinguishes more likely from less likely examples of the rare classes, and nothing else does better:
  /// then none of them is more likely than not, and naming the frequent class is right.
  private static func knowsChances(_ evidence: Evidence) -> Bool {
    evidence.progress > 0.1 && evidence.attainable != nil && !evidence.fallsShort
      && evidence.settings.loss.classWeights.isEmpty && !evidence.fallsOn
  }
}

/// Family 6: faults that do not keep a network from learning and only flatter it; reported after everything else.
struct LeakRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // What keeps the training from beginning comes before the classes that it has not come to.
    let isTold = earlier.contains { $0.cause == .imbalance }
    let imbalance =
      isTold || earlier.isEmpty
      ? nil
      : DataRule.hasNotBegun(evidence)
        ? DataRule.imbalance(evidence) : DataRule.imbalance(evidence, besideOthers: true)
    // A training that has not begun says nothing of the classes yet, and its data are uneven all the same.
    let isUneven =
      imbalance == nil && !isTold && DataRule.hasNotBegun(evidence)
      && earlier.contains { [.learningRateTooSmall, .tooFewSteps].contains($0.cause) }
    let uneven = isUneven ? evidence.data.finding(.imbalance) : nil
    let told = Set(earlier.map(\.cause))
    return [
      evidence.data.finding(.duplicates), copies(evidence), missing(evidence),
      shift(evidence, earlier),
      imbalance, uneven.flatMap { $0["largest share"] ?? 0 > 0.8 ? $0 : nil },
    ].compactMap(\.self).filter { !told.contains($0.cause) }
  }

  /// Copies that are most of the training set: what was counted as examples are a few.
  private func copies(_ evidence: Evidence) -> Finding? {
    evidence.data.finding(.repeatedExamples).flatMap { $0["share"] ?? 0 > 0.5 ? $0 : nil }
  }

  /// Classes of other sets about which nothing can be learned, if they are more than a few examples.
  private func missing(_ evidence: Evidence) -> Finding? {
    evidence.data.finding(.missingClasses).flatMap { $0["examples elsewhere"] == nil ? nil : $0 }
  }

  /// Sets that differ, where the training does not learn for another reason yet: once it does, they keep it from being of use there.
  private func shift(_ evidence: Evidence, _ earlier: [Finding]) -> Finding? {
    guard evidence.standing != .learned, !earlier.isEmpty, evidence.outcome.failure == nil,
      var finding = evidence.data.finding(.differentDistributions)
    else { return nil }
    finding.family = .fit
    return finding
  }
}
