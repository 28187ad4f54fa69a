import Findings
import Foundation

extension Finding.Cause {
  /// Gradients are clipped so hard that nothing moves.
  public static let gradientClipped: Self = "gradient-clipped"
}

/// Family 4: a bound on the gradient's norm far below the norms that occur, for optimizers whose steps are as long as the gradient.
struct ClippingRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .learningRate, .gradientClipped, "gradients are clipped so hard that nothing moves")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .gradientClipped else { return [] }
    return [Treatment("no gradient clipping", .settings { $0.clipNorm = nil })]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let bound = evidence.settings.clipNorm, evidence.isInTrouble,
      evidence.optimizerKeepsScale
    else { return [] }
    let norms = evidence.gradientNorms.sorted()
    guard !norms.isEmpty else { return [] }
    let middle = norms[norms.count / 2]
    guard middle > 10 * bound else { return [] }
    return [
      Finding(
        family: .learningRate, cause: .gradientClipped,
        symptom: String(
          format: "gradients of norm %.3g are clipped to %.3g", middle, bound),
        explanation: String(
          format: "every step is %.3g times shorter than the learning rate asks for", middle / bound
        ),
        location: Finding.Location(step: 0),
        evidence: [
          Finding.Number("clip norm", bound), Finding.Number("gradient norm", middle),
        ],
        remedy: String(
          format:
            "set the clip norm above the usual gradient norm (\(Setting.clipNorm) %.2g), or do not clip",
          4 * middle))
    ]
  }
}
