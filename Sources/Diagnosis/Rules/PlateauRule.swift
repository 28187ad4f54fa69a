import Findings
import Foundation

/// Family 4: a run that ends where it began, on a plateau: its gradient is small and not lost, and nothing holds it there but the
/// length of its steps.
///
/// Sigmoids on XOR are the classic example: all answers go to the base rate within a few hundred steps, and stay there for
/// thousands, because the units hardly differ and the gradient is as small as their differences. A larger rate crosses the plateau,
/// as `--explain` shows. Reported by elimination, if it is known that there is something to learn.
struct PlateauRule: DiagnosisRule {
  /// Updates of a hundredth of the weights are not short.
  private static let longUpdate = 0.01

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard earlier.isEmpty, evidence.standing == .baseRate, evidence.isInTrouble,
      evidence.seesRelation, !evidence.isTooSmallForProduct, let norm = evidence.gradientNorms.last,
      norm > 0,
      evidence.largestUpdateRatio.map({ $0 < Self.longUpdate }) ?? false
    else { return [] }
    return [
      Finding(
        family: .learningRate, cause: .learningRateTooSmall,
        symptom: String(
          format:
            "the network is still at the base rate after %d steps: its loss is %.4g, the base rate's %.4g",
          evidence.stepCount, evidence.train.loss, evidence.baseRate.loss),
        explanation: String(
          format:
            "it is on a plateau: no unit is dead, and the gradient has a norm of %.3g, along which steps at learning rate "
            + "\(evidence.settings.learningRate) get nowhere", norm),
        location: Finding.Location(step: 0),
        evidence: [
          Finding.Number("learning rate", evidence.settings.learningRate),
          Finding.Number("gradient norm", norm), Finding.Number("loss", evidence.train.loss),
        ],
        remedy:
          "use a larger learning rate (\(rate(evidence)))"
          + (evidence.optimizerKeepsScale
            ? ", or an optimizer with per-weight rates, such as Adam" : "")
      )
    ]
  }

  private func rate(_ evidence: Evidence) -> String {
    let own = evidence.settings.learningRate
    return Evidence.option(evidence.workingRate.map { max($0, 3 * own) } ?? 10 * own)
  }
}
