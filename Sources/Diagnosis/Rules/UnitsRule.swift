import Findings
import Foundation
import Training

extension Finding.Cause {
  /// An update was so large that it turned units off for all examples.
  public static let updateKilledUnits: Self = "update-killed-units"
  /// Units are saturated: their function is flat there.
  public static let saturation: Self = "saturation"
}

/// Family 3: dead and saturated units, by layer, with the step at which they died.
///
/// A few dead units are normal in narrow networks and do no harm: a layer is reported if it lost at least half of the units that it
/// had, or is at least half saturated while the network does not learn.
struct UnitsRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .units, .updateKilledUnits,
      "an update was so large that it turned units off for all examples"),
    Finding.CauseMeaning(.units, .saturation, "units are saturated: their function is flat there"),
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    switch finding.cause {
    case .updateKilledUnits:
      return [
        Treatment("a smaller learning rate", options: Setting.learningRate.option, .smallerRates)
      ]
    case .saturation:
      return finding.location.step == 0
        ? [
          Treatment(
            "features standardized and new initial weights",
            .together([.features] + evidence.weightTreatments.map(\.kind).suffix(1)))
        ] + evidence.weightTreatments
        : [
          Treatment("a smaller learning rate", options: Setting.learningRate.option, .smallerRates)
        ]
    default: return []
    }
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let standing = evidence.standing
    guard standing == .stalled || standing == .learned || standing == .diverged,
      SignalLaw(evidence).map({ !$0.isExploding }) ?? true
    else { return [] }
    var killed = Self.killedUnits(in: evidence)
    // A network that learns all there is to learn has enough units.
    if standing == .learned, !evidence.isInTrouble { killed = nil }
    return [killed, Self.saturatedUnits(in: evidence)].compactMap { $0 }
  }

  /// The layer that lost the largest share of its units to updates.
  static func killedUnits(in evidence: Evidence) -> Finding? {
    guard let start = evidence.start, let end = evidence.end else { return nil }
    var worst: (share: Double, units: [Int], position: ProbeMeasurement.Activations)?
    for (before, after) in zip(start.activations, end.activations)
    where after.function.isZeroBelowZero {
      // A unit of a narrow layer dies now and then; half of a layer, and at least three units, do not.
      let killed = Set(after.dead).subtracting(before.dead).sorted()
      let share = Double(killed.count) / Double(max(before.units - before.dead.count, 1))
      if killed.count >= 3, share > 0.5, share > worst?.share ?? 0 {
        worst = (share, killed, after)
      }
    }
    return worst.map { dead($0.units, $0.position, evidence) }
  }

  static func saturatedUnits(in evidence: Evidence) -> Finding? {
    guard let start = evidence.start, let end = evidence.end, evidence.standing != .learned else {
      return nil
    }
    // Only large steps make weights too large. Others saturate units where a network has too few of them, since it needs sharp bends.
    let areLarge = evidence.largestUpdateRatio.map { $0 > 0.1 } ?? true
    let pairs = zip(start.activations, end.activations).filter {
      $1.saturatedShare > 0.5 && ($0.saturatedShare > 0.5 || areLarge)
    }
    return pairs.max { $0.1.saturatedShare < $1.1.saturatedShare }
      .map { saturated($0, $1, evidence) }
  }

  private static func dead(
    _ units: [Int], _ position: ProbeMeasurement.Activations, _ evidence: Evidence
  ) -> Finding {
    let record = evidence.gradients.first {
      $0.name.hasPrefix(position.layer + ".") && $0.unitsZeroSince?.count == position.units
    }
    let steps = units.compactMap { record?.unitsZeroSince?[$0] }.sorted()
    let since = steps.isEmpty ? nil : steps[steps.count / 2]
    return Finding(
      family: .units, cause: .updateKilledUnits,
      symptom:
        "\(units.count) of \(position.units) units after layer \(position.layer) are off for every example",
      explanation: since.map {
        "half of these \(units.count) have had no gradient since step \($0): the update of step \(max(0, $0 - 1)), at learning rate "
          + "\(evidence.settings.learningRate), was too large"
      } ?? "updates were so large that they turned the units off",
      location: Finding.Location(layer: position.layer, units: units, step: since),
      evidence: [
        Finding.Number("dead share", Double(units.count) / Double(position.units)),
        Finding.Number("learning rate", evidence.settings.learningRate),
      ],
      remedy:
        "use a smaller learning rate (\(evidence.smallerRate)), or leaky ReLUs, whose units cannot die"
    )
  }

  private static func saturated(
    _ before: ProbeMeasurement.Activations, _ after: ProbeMeasurement.Activations,
    _ evidence: Evidence
  ) -> Finding {
    let isFromStart = before.saturatedShare > 0.5
    return Finding(
      family: .units, cause: .saturation,
      symptom: String(
        format:
          "%.0f %% of the \(after.function) outputs after layer \(after.layer) are saturated",
        100 * after.saturatedShare),
      explanation: isFromStart
        ? "the initial weights or the inputs are so large that the function is saturated from the start"
        : "updates have made the weights so large that the function is saturated",
      location: Finding.Location(layer: after.layer, step: isFromStart ? 0 : nil),
      evidence: [
        Finding.Number("saturated share", after.saturatedShare),
        Finding.Number("saturated share at the start", before.saturatedShare),
      ],
      remedy: isFromStart
        ? "use smaller initial weights and inputs of size 1 ("
          + ([
            evidence.normalizeOption,
            evidence.normalizeOption == nil ? evidence.weightOption : evidence.otherWeightOption,
          ].compactMap(\.self)
            .joined(separator: " ")) + ")"
        : "use a smaller learning rate (\(evidence.smallerRate))")
  }
}
