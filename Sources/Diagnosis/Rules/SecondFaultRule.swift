import Findings
import Foundation
import Training

/// Family 4 and 5: a rate or a number of steps that is so far off that no other remedy can show, beside another finding.
///
/// Whatever comes first has to be mended, and mending it alone shows nothing: a network with the right layers does not learn at a
/// millionth of the customary rate either.
struct SecondFaultRule: DiagnosisRule {
  /// A rate this many times below the customary one is not a choice.
  private static let farBelow = 30.0
  /// Fewer updates than this move nothing far, whatever else is mended.
  private static let fewSteps = 50
  /// Weights that have not moved by a fifth of their size have hardly changed.
  private static let shortWay = 0.2

  /// Causes that say something of the rate or of the length already.
  private static let ofSteps: Set<Finding.Cause> = [
    .learningRateTooSmall, .learningRateTooLarge, .updateKilledUnits, .momentumTooLarge,
    .tooFewSteps, .stoppedTooEarly, .saturation,
  ]
  /// Causes of runs that have learned their examples, or cannot.
  private static let ofOthers: Set<Finding.Cause> = [
    .highVariance, .stoppedTooLate, .duplicates, .repeatedExamples, .noSignalInInputs,
    .singleClass, .nonFiniteData, .highBias,
  ]

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let first = earlier.first, !Self.ofOthers.contains(first.cause),
      evidence.standing != .learned,
      !earlier.contains(where: { Self.ofSteps.contains($0.cause) })
    else { return [] }
    if evidence.isFarAboveCustomaryRate { return [tooLarge(evidence)] }
    let own = evidence.settings.learningRate
    let customary = evidence.settings.optimizer.rule.customaryRate
    if own > 0, customary > Self.farBelow * own,
      evidence.isSlow || evidence.travel < Self.shortWay
    {
      return [tooSmall(evidence, customary)]
    }
    if evidence.outcome.failure == nil, evidence.settings.earlyStopping == nil,
      evidence.plannedSteps < Self.fewSteps
    {
      return [StepsRule.tooFew(evidence)]
    }
    return []
  }

  private func tooLarge(_ evidence: Evidence) -> Finding {
    LearningRateRule.tooLarge(evidence, evidence.sizeOfUpdates)
  }

  private func tooSmall(_ evidence: Evidence, _ customary: Double) -> Finding {
    let own = evidence.settings.learningRate
    return Finding(
      family: .learningRate, cause: .learningRateTooSmall,
      symptom: String(
        format:
          "the learning rate, \(own), is %.0f times smaller than the customary one, and the weights have moved by %.2g %% of their norm in %d steps",
        customary / own, 100 * evidence.travel, evidence.stepCount),
      explanation:
        "with steps this short nothing else that is mended can show",
      location: Finding.Location(step: 0),
      evidence: [
        Finding.Number("learning rate", own), Finding.Number("customary rate", customary),
      ],
      remedy: "use the customary rate (\(Evidence.option(customary)))")
  }
}

extension Evidence {
  /// Whether the rate is a hundred times the customary one or more and updates are larger than the weights that they change: each step
  /// then replaces what was learned.
  var isFarAboveCustomaryRate: Bool {
    let customary = settings.optimizer.rule.customaryRate
    return settings.learningRate >= 99 * customary && largestUpdateRatio ?? 0 > 1
  }

  /// How large the largest update was, in words.
  var sizeOfUpdates: String {
    String(
      format: "an update is up to %.2g times as large as the weights that it changes",
      largestUpdateRatio ?? .nan)
  }

  /// The rate to use instead of one above the customary, once what else is wrong has been mended; `nil` for one that may stay.
  var calmerRate: Double? {
    let own = settings.learningRate
    let customary = settings.optimizer.rule.customaryRate
    return own > 2.9 * customary ? Self.stated(min(customary, own / 10)) : nil
  }
}
