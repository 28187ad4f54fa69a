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
    // What the run has already is no remedy.
    return
      (evidence.normalizeOption.map { [Treatment("features standardized", options: $0, .features)] }
      ?? [])
      + (evidence.otherWeightOption == nil ? [] : evidence.weightTreatments)
      + (Self.growsExponentially(evidence)
        ? [
          Treatment(
            "ReLUs for exponentials", options: "\(Setting.activation) relu",
            .network { $0.withActivation(.relu) })
        ] : [])
  }

  /// Whether a hidden function grows exponentially, which overflows soon at any scale.
  private static func growsExponentially(_ evidence: Evidence) -> Bool {
    evidence.facts.activations.contains(.exponential)
  }

  /// The engine's sentence with four digits where it has all, and without its words.
  private static func plain(_ description: String) -> String {
    description
      .replacing(/-?\d+\.\d+(e[+-]?\d+)?/) { match in
        Double(match.output.0).map { String(format: "%.4g", $0) } ?? String(match.output.0)
      }
      .replacing("a non-finite value", with: "the first value that is infinite or not a number")
      .replacing("; inputs: ", with: ", from values of these ranges: ")
  }

  /// What to do about values that were too large before the first update.
  private static func remedy(_ evidence: Evidence, after earlier: [Finding]) -> String {
    if let signal = earlier.first(where: { $0.family == .signal }) { return signal.remedy }
    if growsExponentially(evidence) {
      return
        "use another activation (\(Setting.activation) relu): an exponential of an exponential overflows"
    }
    let options = [evidence.normalizeOption, evidence.otherWeightOption].compactMap(\.self)
    return "check the scale of inputs and initial weights"
      + (options.isEmpty
        ? ", or use fewer layers (\(evidence.depthOption))"
        : " (\(options.joined(separator: " ")))")
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
        family: .numbers, cause: cause, symptom: Self.plain(failure.description),
        explanation: isFromStart
          ? "the values were far too large before the first update"
          : String(format: "the loss was %.4g the step before; ", evidence.losses.last ?? .nan)
            + "the updates, at learning rate "
            + "\(evidence.settings.learningRate), made the values grow until one overflowed its type",
        location: Finding.Location(layer: failure.layer, step: failure.step),
        evidence: evidence.losses.minimum.map { [Finding.Number("smallest loss", $0)] } ?? [],
        remedy: evidence.data.finding(.nonFiniteData)?.remedy
          ?? (isFromStart
            ? Self.remedy(evidence, after: earlier)
            : "use a smaller learning rate (\(evidence.smallerRate))"
              + (evidence.settings.clipNorm == nil
                ? ", or clip the gradient (\(Setting.clipNorm) 1)" : ""))
      )
    ]
  }
}
