import Findings
import Foundation
import Plumbline
import Training

extension Finding.Cause {
  /// The epsilon of an adaptive optimizer outweighs the gradients.
  public static let epsilonTooLarge: Self = "epsilon-too-large"
}

/// Family 4: an epsilon above the size of the gradients, so that an optimizer which divides by that size divides by epsilon, and
/// its steps are shorter by that factor.
struct EpsilonRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .learningRate, .epsilonTooLarge,
      "the epsilon of an adaptive optimizer outweighs the gradients")
  ]

  private static let customary = 1e-8

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .epsilonTooLarge else { return [] }
    return [
      Treatment(
        "epsilon 1e-8", options: "\(Setting.epsilon) 1e-8",
        .settings { $0.optimizerOptions["epsilon"] = Self.customary })
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let epsilon = evidence.settings.optimizerOptions["epsilon"], evidence.isInTrouble,
      let size = gradientSize(evidence), epsilon > max(3 * size, Self.customary)
    else { return [] }
    return [
      Finding(
        family: .learningRate, cause: .epsilonTooLarge,
        symptom: String(
          format:
            "\(Setting.epsilon) %.3g outweighs gradients of size %.2g in the divisor of the update",
          epsilon,
          size),
        explanation: String(
          format: "steps are %.3g times shorter than the learning rate asks for", epsilon / size),
        location: Finding.Location(step: 0),
        evidence: [
          Finding.Number("epsilon", epsilon), Finding.Number("gradient size", size),
        ],
        remedy: "use the usual value: \(Setting.epsilon) 1e-8")
    ]
  }

  /// The root mean square of the gradients of the weights at the start, that of the matrix where it is largest.
  private func gradientSize(_ evidence: Evidence) -> Double? {
    zip(evidence.start?.parameters ?? [], evidence.gradients)
      .compactMap { $1.shape.count >= 2 ? $0.gradientRootMeanSquare : nil }
      .filter { $0 > 0 && $0.isFinite }.max()
  }
}
