import Findings
import Foundation
import Training

extension Finding.Cause {
  /// Real targets far from the scale of a network's initial outputs.
  public static let unscaledTargets: Self = "unscaled-targets"
  /// Real targets beyond the range of the output function.
  public static let targetsOutOfReach: Self = "targets-out-of-reach"
}

/// Family 6, real targets: whether the network can output them at all, and whether they have a size that it can reach.
struct TargetsRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .data, .unscaledTargets,
      "real targets far from the scale of a network's initial outputs"),
    Finding.CauseMeaning(
      .data, .targetsOutOfReach,
      "real targets beyond the range of the output function"),
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    switch finding.cause {
    case .unscaledTargets:
      return [Treatment("targets standardized", options: Setting.scaleTargets.option, .targets)]
    case .targetsOutOfReach:
      let linear = Treatment(
        "a linear output", options: "\(Setting.output) linear", .network { $0.withoutEnding() })
      return evidence.hasFarTargets
        ? [
          Treatment(
            "a linear output and targets standardized",
            options: "\(Setting.output) linear \(Setting.scaleTargets)",
            .together([linear.kind, .targets]))
        ] : [linear]
    default: return []
    }
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.settings.loss.targets == .reals, let range = evidence.data.targetRange,
      range.count == 2, let square = evidence.data.targetMeanSquare
    else { return [] }
    // What no weights can reach is lost, whatever has been learned of the rest.
    if earlier.contains(where: { $0.cause == .outputLossMismatch }) { return [] }
    let floor = evidence.targets.lossFloor ?? 0
    if evidence.underfits || floor > 0.1 * evidence.baseRate.loss,
      let finding = outOfReach(evidence, range[0], range[1])
    {
      return [finding]
    }
    // The mean square of targets with a few far ones says nothing of the others.
    guard evidence.standing != .learned, evidence.hasFarTargets,
      !TargetOutliersRule.makeScale(of: evidence)
    else { return [] }
    return [unscaled(evidence, range[0], range[1], square)]
  }

  private func outOfReach(_ evidence: Evidence, _ least: Double, _ most: Double) -> Finding? {
    guard let reach = evidence.facts.reach, let function = evidence.facts.endings.last else {
      return nil
    }
    let beyond = max(0, reach.lower - least) + max(0, most - reach.upper)
    guard beyond > 0.1 * (most - least) else { return nil }
    let bound = reach.upper.isFinite ? String(format: "%.3g", reach.upper) : "infinity"
    return Finding(
      family: .data, cause: .targetsOutOfReach,
      symptom: String(
        format:
          "the targets range from %.4g to %.4g, but the network ends with \(function), which gives "
          + "%.3g to \(bound)", least, most, reach.lower),
      explanation:
        "no weights can reach what lies beyond; training only saturates the output function",
      location: Finding.Location(layer: evidence.end?.activations.last?.layer, step: 0),
      evidence: [
        Finding.Number("smallest target", least), Finding.Number("largest target", most),
        Finding.Number("loss", evidence.train.loss),
      ],
      remedy: evidence.hasFarTargets
        ? "end with a linear layer, and scale the targets (\(Setting.output) linear \(Setting.scaleTargets))"
        : "end with a linear layer (\(evidence.answerOptions(evidence.settings.loss))), or scale the targets into that range"
    )
  }

  private func unscaled(
    _ evidence: Evidence, _ least: Double, _ most: Double, _ square: Double
  ) -> Finding {
    Finding(
      family: .data, cause: .unscaledTargets,
      symptom: String(
        format:
          "the targets range from %.4g to %.4g, and the loss is %.4g while that of the best constant is %.4g",
        least, most, evidence.train.loss, evidence.baseRate.loss),
      explanation: square > 1
        ? "the network starts with outputs of about 1: the targets are far away for steps that suit "
          + "the weights, and the gradient grows with the targets"
        : "the network starts with outputs of about 1, and on that scale the targets hardly differ",
      location: Finding.Location(step: 0),
      evidence: [
        Finding.Number("target mean square", square), Finding.Number("loss", evidence.train.loss),
        Finding.Number("base rate loss", evidence.baseRate.loss),
      ],
      remedy:
        "subtract the targets' mean and divide by their standard deviation, both from the training set, and undo this on the answers "
        + "(\(Setting.scaleTargets))")
  }
}
