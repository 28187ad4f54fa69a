import Findings
import Foundation
import Training

extension Finding.Cause {
  /// Steps overshoot the valley.
  public static let learningRateTooLarge: Self = "learning-rate-too-large"
  /// Steps are too short to get anywhere in this many.
  public static let learningRateTooSmall: Self = "learning-rate-too-small"
}

/// Family 4: a learning rate that is too large (the loss diverges or only oscillates) or too small (it hardly moves).
///
/// Gradient descent at rate η is stable where the largest eigenvalue of the Hessian, the sharpness, is below 2 / η. At the
/// edge it may oscillate and learn all the same (Cohen et al., arXiv:2103.00065), so oscillation is reported only if no progress is
/// made.
struct LearningRateRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.learningRate, .learningRateTooLarge, "steps overshoot the valley"),
    Finding.CauseMeaning(
      .learningRate, .learningRateTooSmall, "steps are too short to get anywhere in this many"),
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    switch finding.cause {
    case .learningRateTooLarge:
      return [
        Treatment("a smaller learning rate", options: Setting.learningRate.option, .smallerRates)
      ]
    case .learningRateTooSmall:
      return [
        Treatment("a larger learning rate", options: Setting.learningRate.option, .largerRates)
      ]
    default: return []
    }
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // Batches of one kind of target each throw the loss up at any rate.
    guard evidence.isInTrouble, !earlier.contains(where: { $0.cause == .sortedBatches }) else {
      return []
    }
    // A signal that explodes or vanishes by itself comes first.
    if let law = SignalLaw(evidence),
      law.isExploding || law.isVanishing && evidence.standing != .diverged
    {
      return []
    }
    let best = Self.text(evidence.losses.quarterMedians.min())
    switch evidence.standing {
    case .diverged:
      return [
        Self.tooLarge(
          evidence,
          "the loss is \(Self.text(evidence.train.loss)) at the end; in the best quarter of the run it was \(best)"
        )
      ]
    case .stalled where evidence.isFarAboveCustomaryRate,
      .learned where evidence.underfits && evidence.isFarAboveCustomaryRate:
      return [Self.tooLarge(evidence, evidence.sizeOfUpdates)]
    case .stalled where oscillates(evidence),
      .learned where evidence.underfits && oscillates(evidence):
      return [
        Self.tooLarge(
          evidence,
          "the loss swings by \(Self.text(evidence.losses.lastDeviation)) about "
            + "\(Self.text(evidence.losses.quarterMedians.last)) and has not settled since the middle of the run"
        )
      ]
    case .nonFinite, .baseRate, .stalled, .learned: return []
    }
  }

  private func oscillates(_ evidence: Evidence) -> Bool {
    guard evidence.losses.swings(above: evidence.targets.perfectLoss ?? 0) else { return false }
    // Steps that hardly change the weights cannot swing the loss: what swings then is the batch. How much a batch makes the loss
    // swing is known; steps as large as a third of the weights need no other proof.
    let ratio = evidence.largestUpdateRatio ?? 0
    let batch = evidence.settings.batchSize.map { min($0, evidence.exampleCount) }
    let noise =
      batch.map { $0 < evidence.exampleCount ? 1 / Double($0).squareRoot() : 0 } ?? 0
    return ratio > 0.3
      || ratio > 1e-3
        && evidence.losses.lastDeviation > 2 * noise * (evidence.exampleLossDeviation ?? 0)
  }

  private static func text(_ value: Double?) -> String {
    value.map { String(format: "%.4g", $0) } ?? "?"
  }

  static func tooLarge(_ evidence: Evidence, _ symptom: String) -> Finding {
    let rate = evidence.settings.learningRate
    let sharpness = evidence.outcome.sharpness
    let addition = sharpness.map {
      "; the sharpness is \(text($0)) and gradient descent at this rate is stable below 2 / rate = \(text(2 / rate))"
    }
    return Finding(
      family: .learningRate, cause: .learningRateTooLarge, symptom: symptom,
      explanation: "steps at learning rate \(rate) overshoot the valley\(addition ?? "")",
      location: Finding.Location(step: evidence.losses.minimumStep),
      evidence: [Finding.Number("learning rate", rate)]
        + (sharpness.map { [Finding.Number("sharpness", $0)] } ?? []) + ratios(evidence),
      remedy:
        "use a smaller learning rate (\(evidence.smallerRate)); reduce it by factors of 3 to find the largest that works"
    )
  }

  static func tooSmall(_ evidence: Evidence) -> Finding {
    // Of the same examples: one batch says little of the others.
    let (first, last) = (evidence.start?.loss, evidence.end?.loss ?? evidence.train.loss)
    let way = "from \(text(first)) to \(text(last))"
    let change = first.map { evidence.above(last) / evidence.above($0) } ?? 1
    let symptom =
      change < 0.9
      ? String(
        format: "the weights have moved by %.2g %% of their norm in %d steps, and the loss %@",
        100 * evidence.travel, evidence.stepCount, way)
      : change > 1.02
        ? "the loss has hardly moved: it is \(text(last)) after \(evidence.stepCount) steps"
          + (first.map { ", and was \(text($0)) at the start" } ?? "")
        : "the loss has hardly moved: \(way) in \(evidence.stepCount) steps"
    return Finding(
      family: .learningRate, cause: .learningRateTooSmall,
      symptom: symptom,
      explanation:
        "the gradients are neither tiny nor lost on the way back, but the steps, at learning rate \(evidence.settings.learningRate), are too "
        + "short to get anywhere in this many",
      location: Finding.Location(step: 0),
      evidence: [Finding.Number("learning rate", evidence.settings.learningRate)] + ratios(evidence)
        + (evidence.firstOrderReach.map { [Finding.Number("first-order reach", $0)] } ?? []),
      remedy:
        "use a larger learning rate (\(evidence.largerRate)); updates are usually about a thousandth of the weights"
    )
  }

  /// The largest update, in relation to what it changes: about 10⁻³ is customary.
  private static func ratios(_ evidence: Evidence) -> [Finding.Number] {
    evidence.largestUpdateRatio.map { [Finding.Number("largest update/weight ratio", $0)] } ?? []
  }
}
