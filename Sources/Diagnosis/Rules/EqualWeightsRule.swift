import Findings

extension Finding.Cause {
  /// The units of a layer start with the same weights.
  public static let equalInitialWeights: Self = "equal-initial-weights"
}

/// Family 2: units that start alike get the same gradients and stay alike, so that a layer is one unit.
struct EqualWeightsRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .signal, .equalInitialWeights, "the units of a layer start with the same weights")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    finding.cause == .equalInitialWeights ? evidence.weightTreatments : []
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let equal = evidence.facts.equalWeights
    guard let first = equal.first else { return [] }
    let areZero = isZero(first, evidence)
    // Weights that are all zero are reported as such if nothing comes through them; some of them may be deliberate, as in a branch.
    guard
      !areZero
        || evidence.standing != .learned && DeadLayer(evidence) == nil && allAreZero(evidence)
    else { return [] }
    let layer = first.lastIndex(of: ".").map { String(first[..<$0]) }
    return [
      Finding(
        family: .signal, cause: .equalInitialWeights, severity: .error,
        symptom:
          "all units of \(equal.count == 1 ? "a layer" : "\(equal.count) layers") start with the same weights"
          + (areZero ? ", which are zero" : ""),
        explanation:
          "identical units get the same gradient at every step and never differ: the layer acts as a single unit",
        location: Finding.Location(layer: layer, step: 0),
        evidence: [Finding.Number("layers of equal units", Double(equal.count))],
        remedy: "start from random weights (\(evidence.weightOption))")
    ]
  }

  private func allAreZero(_ evidence: Evidence) -> Bool {
    zip(evidence.start?.parameters ?? [], evidence.gradients)
      .filter { $1.shape.count >= 2 }.dropLast().allSatisfy { $0.0.rootMeanSquare == 0 }
  }

  private func isZero(_ name: String, _ evidence: Evidence) -> Bool {
    evidence.start?.parameters.first { $0.name == name }?.rootMeanSquare == 0
  }
}
