import Findings
import Foundation

extension Finding.Cause {
  /// The run has too few updates to get anywhere.
  public static let tooFewSteps: Self = "too-few-steps"
  /// The loss was still falling.
  public static let stoppedTooEarly: Self = "stopped-too-early"
}

/// Family 5: a run that was still making progress when it ended; reported before anything is said about the size of the network.
///
/// The loss still falls from quarter to quarter, and going on in the same way would take a good part of it away; or the steps are
/// so short that nothing could have been reached. Reported by elimination, if other methods show that there is more to learn.
struct StepsRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.fit, .tooFewSteps, "the run has too few updates to get anywhere"),
    Finding.CauseMeaning(.fit, .stoppedTooEarly, "the loss was still falling"),
  ]

  /// Weights that have not moved by a fifth of their size have hardly changed.
  private static let shortWay = 0.2

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard [.tooFewSteps, .stoppedTooEarly].contains(finding.cause) else { return [] }
    // About a thousand steps at least, if there were few.
    let steps = max(1, evidence.stepCount)
    let factor = max(3, 1000 / steps)
    let longer = Treatment(
      factor == 3 ? "three times as many steps" : "\(factor) times as many steps",
      options: "\(Setting.steps) \(factor * steps)", .moreSteps(factor))
    guard let rate = evidence.customaryRate else { return [longer] }
    let faster = Treatment(
      longer.change + " at learning rate \(rate)",
      options: longer.options + " \(Setting.learningRate) \(rate)",
      .together([longer.kind, .settings { $0.learningRate = rate }]))
    return [faster, longer]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard earlier.isEmpty, evidence.outcome.failure == nil, evidence.standing != .diverged else {
      return []
    }
    let isFalling = evidence.fallsOn || evidence.isFalling
    let isSlow = evidence.travel < Self.shortWay || evidence.isSlow
    let isInTrouble = evidence.isInTrouble || evidence.isWithoutReference && evidence.leavesError
    // Stopped within the first quarter of the planned steps, while the loss was falling: this is reported even if the network does
    // no worse than other methods.
    let isCutShort =
      evidence.settings.earlyStopping.map { $0.patience <= 2 } ?? false && evidence.leavesError
      && 4 * evidence.stepCount < evidence.plannedSteps && isFalling
    guard isInTrouble || isCutShort || evidence.fallsShortWhileFalling else { return [] }
    // No number of steps helps a network that cannot express the answer.
    if evidence.isTooSmallForProduct { return [] }
    if !isCutShort, let large = SignalRule.largeStart(evidence) { return [large] }
    // Past the minimum of the dev loss, more steps only memorize.
    if let best = evidence.outcome.devCurve.min(by: { $0.loss < $1.loss }),
      let last = evidence.outcome.devCurve.last,
      evidence.above(last.loss) > 1.05 * evidence.above(best.loss),
      10 * best.step < 7 * evidence.stepCount, evidence.settings.earlyStopping == nil
    {
      return []
    }
    // If nothing sees a relation, and other examples show that the network only memorizes, more steps do not help.
    if evidence.seesNoRelation, let dev = evidence.outcome.dev ?? evidence.outcome.test,
      dev.loss > evidence.baseRate.loss
    {
      return []
    }
    let planned = evidence.plannedSteps
    if let stopping = evidence.settings.earlyStopping, evidence.stepCount < planned {
      // A run that has waited for long, or until the dev loss had clearly risen, stopped correctly.
      let curve = evidence.outcome.devCurve.map(\.loss)
      let hasRisen = curve.last ?? 0 > 1.1 * (curve.min() ?? 0)
      guard stopping.patience <= 2 || stopping.patience < 15 && !hasRisen else { return [] }
      let waited =
        stopping.patience == 1 ? "once" : "\(stopping.patience) times in a row"
      return [
        stoppedTooEarly(
          evidence,
          "training stopped at step \(evidence.stepCount) of \(planned), when the dev loss had not fallen \(waited)",
          "the dev loss fluctuates by chance, and training stopped too soon",
          "be more patient: \(Setting.earlyStopping) \(max(10, 3 * stopping.patience))")
      ]
    }
    if evidence.stepCount < 100, isFalling || isSlow { return [Self.tooFew(evidence)] }
    // At a customary rate more steps are missing rather than longer ones.
    if isSlow, evidence.stepCount < 1000, isFalling || evidence.fallsShortWhileFalling,
      evidence.customaryRate == nil
    {
      return [Self.tooFew(evidence)]
    }
    if isSlow {
      return [LearningRateRule.tooSmall(evidence)]
    }
    guard isFalling || !isInTrouble && evidence.fallsShortWhileFalling else { return [] }
    return [
      evidence.stepCount < 1000
        ? Self.tooFew(evidence)
        : stoppedTooEarly(
          evidence, Self.fall(evidence), "the run ended before the network had learned what it can",
          "train longer: \(Setting.steps) \(4 * evidence.stepCount)"
            + (evidence.customaryRate.map {
              " \(Setting.learningRate) \($0), which is the customary rate"
            } ?? ""))
    ]
  }

  private static func fall(_ evidence: Evidence) -> String {
    let quarters = evidence.losses.quarterMedians
    let loss = String(format: "the loss is %.4g", evidence.train.loss)
    guard quarters.count == 4 else { return loss }
    guard quarters[3] < quarters[2], !quarters[3].isNaN else {
      return String(
        format: "the loss has gone from %.4g in the first quarter of the run to %.4g in the last",
        quarters[0], quarters[3])
    }
    return String(
      format:
        "the loss is still falling: it was %.4g in the third quarter of the run and %.4g in the last",
      quarters[2], quarters[3])
  }

  static func tooFew(_ evidence: Evidence) -> Finding {
    Finding(
      family: .fit, cause: .tooFewSteps,
      symptom: fall(evidence)
        + "; the run had only \(evidence.stepCount == 1 ? "one update" : "\(evidence.stepCount) updates")",
      explanation: "so few updates cannot move the weights far enough",
      location: Finding.Location(step: evidence.stepCount),
      evidence: [
        Finding.Number("steps", Double(evidence.stepCount)),
        Finding.Number("loss", evidence.train.loss),
      ],
      remedy:
        "train longer, or in smaller batches (\(Setting.steps) \(max(2000, 5 * evidence.stepCount)))"
        + (evidence.customaryRate.map {
          ", and at a customary rate (\(Setting.learningRate) \($0))"
        } ?? ""))
  }

  private func stoppedTooEarly(
    _ evidence: Evidence, _ symptom: String, _ explanation: String, _ remedy: String
  ) -> Finding {
    Finding(
      family: .fit, cause: .stoppedTooEarly, symptom: symptom, explanation: explanation,
      location: Finding.Location(step: evidence.stepCount),
      evidence: [Finding.Number("loss", evidence.train.loss)], remedy: remedy)
  }
}

extension Evidence {
  /// Whether no other method could be tried.
  fileprivate var isWithoutReference: Bool { attainable == nil }
}
