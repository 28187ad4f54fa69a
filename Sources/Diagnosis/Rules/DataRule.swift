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
    // The size of a class number means nothing.
    let hasSizes = evidence.facts.otherLayers?.takeClasses != true
    var findings: [Finding] = []
    if evidence.outcome.failure == nil, let finding = data.finding(.nonFiniteData) {
      findings.append(finding)
    }
    // A run that learns all the same is left alone, unless it learns so slowly that it has not come to an end.
    if hasSizes,
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
    if hasSizes, evidence.fallsShort, evidence.underfits || evidence.standing != .learned,
      var finding = data.note(.unscaledInputs)
    {
      finding.severity = .warning
      findings.append(finding)
    }
    if !Self.hasNotBegun(evidence), let finding = Self.imbalance(evidence) {
      findings.append(finding)
    }
    return findings
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
      && evidence.train.loss > 1.5 * evidence.baseRate.loss
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
    return [evidence.data.finding(.duplicates), imbalance].compactMap(\.self)
  }
}
