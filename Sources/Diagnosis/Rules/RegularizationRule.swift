import Findings
import Foundation
import Networks
import Plumbline
import Training

extension Finding.Cause {
  /// Penalties, weight decay or dropout hold the network back.
  public static let tooMuchRegularization: Self = "too-much-regularization"
}

/// Family 5, before it is taken for something else: penalties, decay or dropout that keep the network from learning what it
/// could.
///
/// A penalty shows in weights that have shrunk, which training alone does not do; dropout above one half shows in more units
/// dropped than kept.
struct RegularizationRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .fit, .tooMuchRegularization, "penalties, weight decay or dropout hold the network back")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .tooMuchRegularization else { return [] }
    let isDropout = finding["dropout"] != nil
    guard !isDropout else {
      let rate = Self.modestDropout(evidence)
      return [
        Treatment(
          "less dropout", options: Self.dropoutOption(evidence),
          .network { network in
            network.changingLayers { form in
              guard var dropout = form as? DropoutForm else { return form }
              dropout.rate = min(dropout.rate, rate)
              return dropout
            }
          })
      ]
    }
    let penalties = penalties(evidence)
    let options = Self.options(penalties)
    return [
      Treatment(options, options: options, .settings { $0.set(penalties.map(\.modest)) }),
      Treatment("no penalties", .settings { $0.set(penalties.map { _ in 0 }) }),
    ]
  }

  /// The dropout to use instead of one that is too strong: none where a layer has few units.
  private static func modestDropout(_ evidence: Evidence) -> Double {
    isNarrow(evidence) ? 0 : 0.2
  }

  private static func dropoutOption(_ evidence: Evidence) -> String {
    "\(Setting.dropout) " + String(format: "%.2g", modestDropout(evidence))
  }

  private static func isNarrow(_ evidence: Evidence) -> Bool {
    evidence.facts.narrowest.map { $0 <= 12 } ?? false
  }

  /// A penalty of the run, and what to take instead.
  private struct Penalty: Sendable {
    let setting: Setting
    let value: Double
    let modest: Double
  }

  /// The strengths of ℓ¹, ℓ², and decay, in this order; 0 if there is none.
  private func penalties(_ evidence: Evidence) -> [Penalty] {
    let settings = evidence.settings
    // What is customary: a decay of 0.01, or a penalty that pulls like one of 0.001 on the mean over the examples.
    let usual = 0.001 * Double(evidence.exampleCount)
    let strengths: [(Setting, Double, Double)] = [
      (.l1, settings.l1, 0.1 * usual), (.l2, settings.l2, usual),
      (.weightDecay, settings.optimizerOptions.weightDecay ?? 0, 0.01),
    ]
    return strengths.map { setting, value, most in
      let modest = String(format: "%.2g", min(value / 100, most))
      return Penalty(setting: setting, value: value, modest: Double(modest) ?? 0)
    }
  }

  /// The modest strengths as options: `--l2 0.5`.
  private static func options(_ penalties: [Penalty]) -> String {
    penalties.filter { $0.value > 0 }
      .map { "\($0.setting) " + String(format: "%.2g", $0.modest) }.joined(separator: " ")
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // Weights that a penalty has halved are told beside whatever shortens the steps.
    guard earlier.allSatisfy({ $0.family == .learningRate }), evidence.outcome.failure == nil,
      evidence.underfits || isStuck(evidence) || evidence.leavesError && evidence.fallsShortOfFits
    else { return [] }
    guard earlier.isEmpty else {
      return [penalty(evidence)].compactMap(\.self).filter {
        $0["weights at the end"] ?? 0 < 0.5 * ($0["weights at the start"] ?? 0)
      }
    }
    if let finding = penalty(evidence) ?? dropout(evidence) { return [finding] }
    return []
  }

  private func isStuck(_ evidence: Evidence) -> Bool {
    evidence.standing == .stalled && evidence.neighbors?.seesSignal ?? false
  }

  private func penalty(_ evidence: Evidence) -> Finding? {
    let penalties = penalties(evidence)
    guard penalties.contains(where: { $0.value > 0 }),
      let before = size(evidence.start, evidence),
      let after = size(evidence.end, evidence),
      after < 0.5 * before || after < before && penaltiesDominate(evidence)
    else { return nil }
    let told = penalties.filter { $0.value > 0 }
      .map { "\($0.setting) " + String(format: "%.4g", $0.value) }.joined(separator: " and ")
    return finding(
      evidence,
      String(
        format:
          "the weights have shrunk from a root mean square of %.3g to %.3g, and the network ",
        before,
        after) + outcome(evidence),
      "\(told) pulls the weights to zero faster than the examples can hold them",
      [
        Finding.Number("weights at the start", before), Finding.Number("weights at the end", after),
      ],
      "reduce it until the examples outweigh it: \(Self.options(penalties))")
  }

  /// Whether most of the cost of the last steps is the penalty on the weights, which evaluations leave out.
  private func penaltiesDominate(_ evidence: Evidence) -> Bool {
    evidence.losses.quarterMedians.last.map {
      evidence.above($0) > 3 * evidence.above(evidence.train.loss)
    } ?? false
  }

  private func dropout(_ evidence: Evidence) -> Finding? {
    guard let rate = evidence.dropout, rate > 0.5 else { return nil }
    return finding(
      evidence,
      String(
        format: "%.0f %% of the units are dropped, and the network ", 100 * rate)
        + outcome(evidence),
      "what is left of a layer in each step is too little to carry the signal",
      [Finding.Number("dropout", rate)],
      "drop fewer units (\(Self.dropoutOption(evidence)))"
        + (Self.isNarrow(evidence)
          ? ", since a layer of this width can spare none" : ", or use wider layers")
    )
  }

  private func outcome(_ evidence: Evidence) -> String {
    evidence.train.error.map {
      String(format: "answers %.1f %% of its own examples wrongly", 100 * $0)
    }
      ?? String(
        format: "leaves %.1f %% of its own targets' variance", 100 * (1 - evidence.progress))
  }

  private func finding(
    _ evidence: Evidence, _ symptom: String, _ explanation: String, _ numbers: [Finding.Number],
    _ remedy: String
  ) -> Finding {
    Finding(
      family: .fit, cause: .tooMuchRegularization, symptom: symptom, explanation: explanation,
      evidence: numbers + [Finding.Number("loss", evidence.train.loss)], remedy: remedy)
  }

  /// The root mean square of all weights.
  private func size(_ probe: ProbeMeasurement?, _ evidence: Evidence) -> Double? {
    guard let probe else { return nil }
    var (sum, count) = (0.0, 0.0)
    for (parameter, record) in zip(probe.parameters, evidence.gradients)
    where record.shape.count >= 2 {
      let number = Double(record.shape.reduce(1, *))
      sum += parameter.rootMeanSquare * parameter.rootMeanSquare * number
      count += number
    }
    return count > 0 ? (sum / count).squareRoot() : nil
  }
}

extension TrainingSettings {
  /// Sets these strengths of ℓ¹, ℓ², and decay; a decay only if there is one.
  fileprivate mutating func set(_ strengths: [Double]) {
    (l1, l2) = (strengths[0], strengths[1])
    optimizerOptions.weightDecay = optimizerOptions.weightDecay.map { _ in strengths[2] }
  }
}
