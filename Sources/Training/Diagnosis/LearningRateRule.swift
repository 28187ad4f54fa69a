import Foundation

/// Family 4: a learning rate that is too large (the loss diverges or only oscillates) or too small (it hardly moves).
///
/// Gradient descent at rate η is stable where the largest eigenvalue of the Hessian, the sharpness, is below 2 / η. At the
/// edge it may oscillate and learn all the same (Cohen et al., arXiv:2103.00065), so oscillation is told only where no
/// progress is made.
struct LearningRateRule: DiagnosisRule {
  func findings(in evidence: Evidence) -> [Finding] {
    // A signal that explodes or vanishes by itself comes first.
    if let law = SignalLaw(evidence), law.isVanishing || law.isExploding { return [] }
    switch evidence.standing {
    case .diverged:
      return [
        tooLarge(
          evidence,
          "the loss rose from \(text(evidence.losses.minimum)) to \(text(evidence.train.loss))")
      ]
    case .stalled where oscillates(evidence):
      return [
        tooLarge(
          evidence,
          "the loss swings by \(text(evidence.losses.lastDeviation)) about \(text(evidence.losses.quarterMedians.last)) and has not become less since the middle of the run"
        )
      ]
    case .stalled where evidence.isSlow: return [tooSmall(evidence)]
    case .nonFinite, .baseRate, .stalled, .learned: return []
    }
  }

  private func oscillates(_ evidence: Evidence) -> Bool {
    let quarters = evidence.losses.quarterMedians
    guard quarters.count == 4, let best = evidence.losses.minimum else { return false }
    return quarters[3] > 0.95 * quarters[1]
      && evidence.losses.lastDeviation > 0.1 * quarters[3] && quarters[3] > 1.2 * best
  }

  private func text(_ value: Double?) -> String { value.map { String(format: "%.4g", $0) } ?? "?" }

  private func tooLarge(_ evidence: Evidence, _ symptom: String) -> Finding {
    let rate = evidence.settings.learningRate
    let sharpness = evidence.outcome.sharpness
    let beside = sharpness.map {
      "; the sharpness is \(text($0)) and gradient descent at this rate is stable below 2 / rate = \(text(2 / rate))"
    }
    return Finding(
      family: .learningRate, cause: .learningRateTooLarge, symptom: symptom,
      explanation: "steps at learning rate \(rate) go beyond the valley\(beside ?? "")",
      step: evidence.losses.minimumStep,
      evidence: [Finding.Number("learning rate", rate)]
        + (sharpness.map { [Finding.Number("sharpness", $0)] } ?? []) + ratios(evidence),
      remedy: "take a smaller learning rate; steps of a factor of 3 find the largest that learns")
  }

  private func tooSmall(_ evidence: Evidence) -> Finding {
    Finding(
      family: .learningRate, cause: .learningRateTooSmall,
      symptom:
        "the loss has hardly moved: from \(text(evidence.losses.first)) to \(text(evidence.train.loss)) in \(evidence.stepCount) steps",
      explanation:
        "the gradients are neither tiny nor lost on the way; the steps along them, at learning rate \(evidence.settings.learningRate), are too "
        + "short for so few of them",
      step: 0,
      evidence: [Finding.Number("learning rate", evidence.settings.learningRate)] + ratios(evidence)
        + (evidence.firstOrderReach.map { [Finding.Number("first-order reach", $0)] } ?? []),
      remedy:
        "take a larger learning rate; an update of about a thousandth of the weights is customary")
  }

  /// The largest update, in relation to what it changes: about 10⁻³ is customary.
  private func ratios(_ evidence: Evidence) -> [Finding.Number] {
    let ratios = evidence.probes.flatMap { $0.parameters.compactMap(\.updateRatio) }
    return ratios.max().map { [Finding.Number("largest update/weight ratio", $0)] } ?? []
  }
}
