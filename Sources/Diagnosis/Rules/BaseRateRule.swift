import Findings
import Foundation

extension Finding.Cause {
  /// Inputs and targets have nothing to do with each other.
  public static let noSignalInInputs: Self = "no-signal-in-inputs"
  /// The inputs of all examples are the same.
  public static let constantInputs: Self = "constant-inputs"
  /// The units of a layer were off for every example from the start.
  public static let bornDead: Self = "born-dead"
}

/// Family 1: the network gives every example the same answer, the base rate of the labels.
///
/// The loss then is the entropy of the labels' rates: 0.6439737380528059 for 72 of 209. Three causes look alike in the loss
/// and are told apart by the gradients: exactly zero since a step (an update turned all units of a layer off), tiny from
/// the start (the initial scale), or healthy (there is nothing to learn from). Source: STUDIES.md 1, CASES.md 1 and 3.
struct BaseRateRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // What holds the network at the base rate has been told.
    let told: Set<Finding.Cause> = [.tooMuchRegularization, .targetsOutOfReach, .unscaledTargets]
    guard evidence.standing == .baseRate, !earlier.contains(where: { told.contains($0.cause) })
    else { return [] }
    var finding = cause(evidence)
    // By elimination only: nothing else may be known to be wrong.
    if finding.cause == .noSignalInInputs, !earlier.isEmpty { return [] }
    finding.family = .baseRate
    let loss = evidence.train.loss
    finding.symptom =
      evidence.answersAlike && loss > 1.05 * evidence.baseRate.loss
      ? "the network gives every example the same answer, and not yet the base rate of the labels: the loss is \(loss), and "
        + "the entropy of the labels' rates \(evidence.baseRate.loss)"
      : evidence.answersAlike
        ? "the network answers every example with the base rate of the labels: the loss is \(loss), and the entropy "
          + "of the labels' rates is \(evidence.baseRate.loss)"
        : "the network is no better than an answer that ignores the input: the loss is \(loss), that answer's "
          + "\(evidence.baseRate.loss)"
    finding.evidence =
      [
        Finding.Number("loss", loss), Finding.Number("base rate loss", evidence.baseRate.loss),
        Finding.Number("output spread", evidence.inferenceSpread),
      ] + finding.evidence
    return [finding]
  }

  private func cause(_ evidence: Evidence) -> Finding {
    let law = SignalLaw(evidence)
    if let dead = DeadLayer(evidence) {
      if dead.since == 0, let zero = zeroWeights(evidence) { return zero }
      // Where the weights start so small that the biases outweigh them, any rate that moves anything turns whole layers
      // on and off: the scale is the cause, and the death its consequence.
      guard dead.since > 0, let law, law.isVanishing else { return dead.finding }
      var finding = law.finding
      finding.explanation +=
        "; next to nothing reaches the later layers, so the biases alone decide: all \(dead.units) units of layer "
        + "\(dead.layer) have been off since step \(dead.since)"
      return finding
    }
    if evidence.data.scales.constantShare == 1 { return nothingToLearn(inputsVary: false) }
    if let law {
      let reach = evidence.firstOrderReach ?? 1
      if law.isVanishing && (evidence.answersAlike || reach < 0.1) { return law.finding }
      if law.isExploding { return law.finding }
    }
    if let killed = UnitsRule.killedUnits(in: evidence) { return killed }
    if let ratio = evidence.largestUpdateRatio, ratio > 1 {
      return LearningRateRule.tooLarge(evidence, "")
    }
    return evidence.neighbors?.seesSignal ?? false
      ? tooSimple(evidence) : nothingToLearn(inputsVary: true)
  }

  /// Weights that are all zero at the start: the cause, where nothing goes through them.
  private func zeroWeights(_ evidence: Evidence) -> Finding? {
    let weights = zip(evidence.start?.parameters ?? [], evidence.gradients)
      .filter { $1.shape.count >= 2 }
    let zero = weights.filter { $0.0.rootMeanSquare == 0 }.map(\.0.name)
    guard let first = zero.first else { return nil }
    let layer = first.lastIndex(of: ".").map { String(first[..<$0]) } ?? first
    return Finding(
      family: .baseRate, cause: .initialScaleTooSmall, symptom: "",
      explanation:
        "\(zero.count == weights.count ? "all weights" : "the weights of \(zero.joined(separator: ", "))") start at "
        + "zero: no signal goes through them, and no gradient comes back, so only the output's bias learns",
      location: Finding.Location(layer: layer, step: 0),
      evidence: [Finding.Number("initial weights that are zero", Double(zero.count))],
      remedy:
        "start from He's weights: random ones, so that the units of a layer differ from each other")
  }

  /// There is something to learn, and nothing else keeps the network from it.
  private func tooSimple(_ evidence: Evidence) -> Finding {
    let reference = evidence.neighbors
    return Finding(
      family: .baseRate, cause: .highBias, symptom: "",
      explanation:
        "the inputs do tell the targets, since nearest neighbours do better (\(Self.text(reference?.error)) where the base rate "
        + "has \(Self.text(reference?.baseError))), and the gradients are healthy: the network is too small or too simple "
        + "to express it",
      evidence: [
        Finding.Number("neighbours' error", reference?.error ?? .nan),
        Finding.Number("base rate error", reference?.baseError ?? .nan),
      ],
      remedy: "take hidden layers, or wider ones; where there are enough, train longer")
  }

  private static func text(_ value: Double?) -> String {
    value.map { String(format: "%.3g", $0) } ?? "?"
  }

  private func nothingToLearn(inputsVary: Bool) -> Finding {
    Finding(
      family: .baseRate, cause: inputsVary ? .noSignalInInputs : .constantInputs, symptom: "",
      explanation: inputsVary
        ? "the gradients are healthy from the first layer to the last, so the network could learn: what is missing is "
          + "a relation between inputs and labels"
        : "the inputs of all examples are the same",
      remedy: inputsVary
        ? "check that examples and labels are in the same order (shuffled apart?), and that a tiny set can be learned "
          + "by heart; no run of the same data can show it"
        : "check how the features were read")
  }
}

extension DeadLayer {
  var finding: Finding {
    let isBorn = since == 0
    return Finding(
      family: .baseRate, cause: isBorn ? .bornDead : .updateKilledUnits, symptom: "",
      explanation: isBorn
        ? "all \(units) units of layer \(layer) are off for every example from the start, so its gradient is exactly "
          + "zero and nothing before it can change"
        : "all \(units) units of layer \(layer) are off for every example, and its gradient is exactly zero, since step "
          + "\(since): the update of step \(since - 1), at learning rate \(rate), was so large that it turned them off",
      location: Finding.Location(layer: layer, step: since),
      evidence: [Finding.Number("zero gradient since step", Double(since))],
      remedy: isBorn
        ? "start from other weights, make the layer wider, or give it a skip"
        : "take a smaller learning rate; steps of a factor of 3 find the largest that learns")
  }
}
