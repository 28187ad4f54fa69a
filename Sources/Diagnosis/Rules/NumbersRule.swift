import Findings
import Training

extension Finding.Cause {
  /// A number overflowed its type.
  public static let overflow: Self = "overflow"
}

/// Family 7: the first value that was infinite or NaN: step, layer, operation, and what went in.
struct NumbersRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.numbers, .overflow, "a number overflowed its type")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .overflow else { return [] }
    return [
      Treatment("features standardized", options: "\(Setting.normalize) per-feature", .features)
    ]
      + evidence.weightTreatments
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let failure = evidence.outcome.failure else { return [] }
    // A signal that explodes by itself is reported by its own rule; this finding says where numbers overflowed.
    let isFromStart = failure.step == 0 || SignalLaw(evidence)?.isExploding ?? false
    let cause: Finding.Cause =
      evidence.data.nonFiniteCount > 0
      ? .nonFiniteData : isFromStart ? .overflow : .learningRateTooLarge
    return [
      Finding(
        family: .numbers, cause: cause, symptom: failure.description,
        explanation: isFromStart
          ? "the values were far too large before the first update"
          : "the loss was \(evidence.losses.last ?? .nan) the step before; the updates, at learning rate "
            + "\(evidence.settings.learningRate), made the values grow until one overflowed its type",
        location: Finding.Location(layer: failure.layer, step: failure.step),
        evidence: evidence.losses.minimum.map { [Finding.Number("smallest loss", $0)] } ?? [],
        remedy: evidence.data.finding(.nonFiniteData)?.remedy
          ?? (isFromStart
            ? "check the scale of inputs and initial weights ("
              + ([evidence.normalizeOption, evidence.weightOption].compactMap(\.self)
                .joined(separator: " ")) + ")"
            : "use a smaller learning rate (\(evidence.smallerRate))"
              + (evidence.settings.clipNorm == nil
                ? ", or clip the gradient (\(Setting.clipNorm) 1)" : ""))
      )
    ]
  }
}
