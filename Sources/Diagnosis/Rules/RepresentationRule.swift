import Findings
import Foundation

extension Finding.Cause {
  /// No weights of this network can fit the targets.
  public static let cannotRepresent: Self = "cannot-represent"
}

/// Family 5: a network that has reached the best that its kind can do while another kind does better: it has no hidden function, or
/// a layer too narrow for what has to go through it.
struct RepresentationRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.fit, .cannotRepresent, "no weights of this network can fit the targets")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .cannotRepresent else { return [] }
    return evidence.facts.isAffine
      ? [
        Treatment(
          "two hidden layers of 32 ReLUs",
          options: Self.hiddenOptions(evidence),
          .network { $0.withHiddenLayer(32)?.withHiddenLayer(32) })
      ]
      : [Treatment("hidden layers of at least 16 units", .network { $0.widened(to: 16) })]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.leavesError, evidence.standing != .nonFinite, evidence.standing != .diverged,
      !earlier.contains(where: { $0.cause == .targetsOutOfReach || $0.cause == .singleClass })
    else { return [] }
    return [affine(evidence, after: earlier) ?? narrow(evidence)].compactMap { $0 }
  }

  private func affine(_ evidence: Evidence, after earlier: [Finding]) -> Finding? {
    guard evidence.facts.isAffine else { return nil }
    let isSmallWorld = evidence.isSmallWorld
    // Shared weights leave a network fewer functions than there are affine ones: of those it has the one that it has found.
    let isShared = evidence.facts.otherLayers != nil
    // The best affine function on these examples; a few of them are fitted here.
    let affine =
      isShared
      ? evidence.fits.map { min($0.linear, evidence.share) }
      : evidence.fits?.linearTraining ?? evidence.targets.affineShare
    // Hidden layers that add nothing to one layer were meant for more than that: it is enough that something does better.
    let isStack = evidence.gradients.count { $0.shape.count >= 2 } > 1
    guard let affine, evidence.fallsShort || isSmallWorld || isStack, affine > 0.05 else {
      return nil
    }
    let better = evidence.fits.map { $0.wideNetwork } ?? 0
    let best = isSmallWorld ? 0 : min(better, evidence.neighbors?.share ?? 1)
    guard best < (isStack ? 0.9 : 0.7) * affine,
      evidence.share < 1.3 * affine + 0.05 || evidence.train.error != nil || !earlier.isEmpty
    else { return nil }
    return finding(
      isShared
        ? "the network is an affine function of its inputs: it leaves \(percent(evidence.share)), and other methods leave "
          + "\(percent(best)) on examples that they have not seen"
        : "the network is an affine function of its inputs, and no such function fits the targets: the best one leaves "
          + percent(affine)
          + (earlier.isEmpty && evidence.share >= affine
            ? ", and the network \(percent(evidence.share))" : ""),
      "without a nonlinearity between them, any stack of layers is equivalent to one layer",
      nil,
      [
        Finding.Number("share left by the best affine function", affine),
        Finding.Number("share left by others", best),
      ],
      isShared
        ? "put an activation such as \"relu\" after each of these layers in the file; or use dense layers with one (\(Self.hiddenOptions(evidence)))"
        : "add a nonlinearity between the layers, and a hidden layer if there is none (\(Self.hiddenOptions(evidence)))"
    )
  }

  /// Two hidden layers, which take some steps to learn: the run's own number was enough for less.
  private static func hiddenOptions(_ evidence: Evidence) -> String {
    "\(evidence.layersOption([32, 32])) \(Setting.activation) relu"
      + (evidence.stepCount < 1500 ? " \(Setting.steps) \(max(2000, 3 * evidence.stepCount))" : "")
  }

  private func narrow(_ evidence: Evidence) -> Finding? {
    if let finding = single(evidence) { return finding }
    guard let width = evidence.facts.narrowest, evidence.fallsShort,
      let layer = evidence.facts.narrowestLayer,
      let kinds = evidence.targets.classCount.map({ $0 - 1 })
        ?? Optional(evidence.facts.outputCount),
      width <= 2, width < kinds
    else { return nil }
    return finding(
      "everything the network knows about an example goes through \(width) unit\(width == 1 ? "" : "s") of layer \(layer), but "
        + "\(kinds + 1) classes have to be told apart",
      "so few numbers do not carry what the later layers need", layer,
      [
        Finding.Number("units", Double(width)), Finding.Number("train error", evidence.share),
        Finding.Number("error of others", evidence.attainable ?? .nan),
      ],
      "widen that layer, and any other as narrow, to \(max(8, kinds + 1)) units or more"
        + (evidence.widerLayers(least: max(8, kinds + 1)).map { " (\($0))" } ?? ""))
  }

  /// One unit after several features: whatever follows is a function of one affine function of them.
  private func single(_ evidence: Evidence) -> Finding? {
    guard evidence.facts.narrowest == 1, evidence.fallsShort, !evidence.facts.activations.isEmpty,
      let layer = evidence.facts.narrowestLayer,
      let first = evidence.gradients.first(where: { $0.shape.count == 2 }),
      first.shape[0] > 1, first.shape[1] == 1, first.name.hasPrefix(layer + ".")
    else { return nil }
    return finding(
      "everything the network knows about an example is one number, the unit of layer \(layer), but other methods do better with \(first.shape[0]) features: "
        + "they leave \(percent(evidence.attainable ?? .nan)), the network \(percent(evidence.share))",
      "whatever comes after it is a function of a single weighted sum of the features", layer,
      [
        Finding.Number("units", 1), Finding.Number("train error", evidence.share),
        Finding.Number("error of others", evidence.attainable ?? .nan),
      ],
      "widen that layer, and any other as narrow, to 16 units or more"
        + (evidence.widerLayers(least: 16).map { " (\($0))" } ?? ""))
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  private func finding(
    _ symptom: String, _ explanation: String, _ layer: String?, _ numbers: [Finding.Number],
    _ remedy: String
  ) -> Finding {
    Finding(
      family: .fit, cause: .cannotRepresent, symptom: symptom, explanation: explanation,
      location: Finding.Location(layer: layer, step: 0), evidence: numbers, remedy: remedy)
  }
}
