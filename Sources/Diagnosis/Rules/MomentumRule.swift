import Findings
import Foundation
import Training

extension Finding.Cause {
  /// Steps persist for so long that they circle the valley.
  public static let momentumTooLarge: Self = "momentum-too-large"
}

/// Family 4: a momentum that sums the gradients of more than a hundred steps, so that the effective rate is a hundred times the
/// stated one and the steps remember where the loss was.
struct MomentumRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .learningRate, .momentumTooLarge, "steps persist for so long that they circle the valley")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .momentumTooLarge, let name = evidence.momentum?.name else { return [] }
    return [
      Treatment(
        "momentum 0.9", options: "--\(name) 0.9",
        .settings { settings in
          if name == "beta1" {
            settings.optimizerOptions.beta1 = 0.9
          } else {
            settings.optimizerOptions.momentum = 0.9
          }
        }),
      Treatment("a smaller learning rate", options: Setting.learningRate.option, .smallerRates),
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let (name, momentum) = evidence.momentum, momentum >= 0.985 else { return [] }
    // If the first steps still act at the end, the run cannot have settled.
    let isUnsettled = evidence.leavesError && (1 - momentum) * Double(evidence.stepCount) < 4
    // A momentum of 1 never forgets a step: such a run does not settle, wherever it happens to be at its end.
    let isEndless = momentum >= 1
    guard evidence.isInTrouble || isUnsettled || isEndless else { return [] }
    let customary = 0.9
    return [
      Finding(
        family: .learningRate, cause: .momentumTooLarge,
        symptom: isEndless
          ? "--\(name) \(momentum) sums the gradients of all steps and never forgets one"
          : String(
            format: "--\(name) %.5g sums the gradients of %.0f steps", momentum, 1 / (1 - momentum)),
        explanation:
          "the steps continue long after the gradient has turned, and circle the valley instead of descending into it",
        location: Finding.Location(step: 0),
        evidence: [
          Finding.Number("momentum", momentum),
          Finding.Number("learning rate", evidence.settings.learningRate),
        ], remedy: "use the usual value: --\(name) \(customary)")
    ]
  }
}
