import Foundation

/// Family 3: dead and saturated units, by layer, with the step at which they died.
///
/// A few dead units are the rule in narrow networks and harm nobody: told is a layer that lost at least half of the units
/// which it had, or stands at least half in saturation while the network does not learn.
struct UnitsRule: DiagnosisRule {
  func findings(in evidence: Evidence) -> [Finding] {
    guard let start = evidence.start, let end = evidence.end, evidence.standing != .baseRate else {
      return []
    }
    var findings: [Finding] = []
    for (before, after) in zip(start.activations, end.activations) {
      // A unit of a narrow layer dies now and then; half of a layer, and three at least, do not.
      let killed = Set(after.dead).subtracting(before.dead).sorted()
      let alive = before.units - before.dead.count
      if after.function == "relu", killed.count >= 3, 2 * killed.count > alive {
        findings.append(dead(killed, after, evidence))
      }
      if after.saturatedShare > 0.5, evidence.standing != .learned {
        findings.append(saturated(before, after))
      }
    }
    return findings
  }

  private func dead(
    _ units: [Int], _ place: ProbeMeasurement.Activations, _ evidence: Evidence
  ) -> Finding {
    let record = evidence.gradients.first {
      $0.name.hasPrefix(place.layer + ".") && $0.unitsZeroSince?.count == place.units
    }
    let steps = units.compactMap { record?.unitsZeroSince?[$0] }.sorted()
    let since = steps.isEmpty ? nil : steps[steps.count / 2]
    return Finding(
      family: .units, cause: .updateKilledUnits,
      symptom:
        "\(units.count) of \(place.units) units behind layer \(place.layer) are off for every example",
      explanation: since.map {
        "half of them got no gradient from step \($0) on: the update of step \($0 - 1) was too large"
      }
        ?? "updates were so large that they turned the units off",
      layer: place.layer, units: units, step: since,
      evidence: [
        Finding.Number("dead share", Double(units.count) / Double(place.units)),
        Finding.Number("learning rate", evidence.settings.learningRate),
      ],
      remedy: "take a smaller learning rate, or a leaky ReLU, whose units cannot die")
  }

  private func saturated(
    _ before: ProbeMeasurement.Activations, _ after: ProbeMeasurement.Activations
  ) -> Finding {
    let isFromStart = before.saturatedShare > 0.5
    return Finding(
      family: .units, cause: .saturation,
      symptom: String(
        format:
          "%.0f %% of the values of \(after.function) behind layer \(after.layer) stand where it is flat",
        100 * after.saturatedShare),
      explanation: isFromStart
        ? "the initial weights, or the inputs, are so large that the function is flat from the start"
        : "updates have made the weights so large that the function is flat",
      layer: after.layer, step: isFromStart ? 0 : nil,
      evidence: [
        Finding.Number("saturated share", after.saturatedShare),
        Finding.Number("saturated share at the start", before.saturatedShare),
      ],
      remedy: isFromStart
        ? "standardize the inputs and start from weights of variance 1 / fan-in"
        : "take a smaller learning rate")
  }
}
