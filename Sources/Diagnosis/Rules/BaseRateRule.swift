import Findings
import Foundation

extension Finding.Cause {
  /// Inputs and targets are unrelated.
  public static let noSignalInInputs: Self = "no-signal-in-inputs"
  /// The units of a layer were off for every example from the start.
  public static let bornDead: Self = "born-dead"
}

/// Family 1: the network gives every example the same answer, the base rate of the labels.
///
/// The loss is then the entropy of the labels' rates: 0.6439737380528059 for 72 of 209. Three causes look alike in the loss
/// and are told apart by the gradients: exactly zero since a step (an update turned all units of a layer off), tiny from
/// the start (the initial scale), or healthy (there is nothing to learn from). Source: STUDIES.md 1, CASES.md 1 and 3.
struct BaseRateRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .baseRate, .noSignalInInputs, "inputs and targets are unrelated"),
    Finding.CauseMeaning(
      .baseRate, .bornDead, "the units of a layer were off for every example from the start"),
  ]

  /// Weights that have moved by a hundredth of their size.
  private static let shortWay = 0.01

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .bornDead else { return [] }
    return [
      Treatment(
        "leaky ReLUs", options: "\(Setting.activation) leaky-relu",
        .network { $0.withActivation(.leakyRelu) })
    ] + evidence.weightTreatments
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    if earlier.isEmpty, let unrelated = byChance(evidence) { return [unrelated] }
    // An earlier finding has said what holds the network at the base rate.
    guard evidence.standing == .baseRate, evidence.isInTrouble,
      earlier.allSatisfy({ $0.cause == .unscaledInputs })
    else { return [] }
    guard var finding = cause(evidence) else { return [] }
    // By elimination only: nothing else may be known to be wrong.
    if finding.cause == .noSignalInInputs, !earlier.isEmpty { return [] }
    finding.family = .baseRate
    let loss = evidence.train.loss
    // A finding about the data has its own symptom.
    if finding.symptom.isEmpty { finding.symptom = symptom(evidence) }
    finding.evidence =
      [
        Finding.Number("loss", loss), Finding.Number("base rate loss", evidence.baseRate.loss),
        Finding.Number("output spread", evidence.inferenceSpread),
      ] + finding.evidence
    return [finding]
  }

  /// What the network answers, and its loss compared with that of the best answer that ignores the input.
  private func symptom(_ evidence: Evidence) -> String {
    let isAboveBase =
      evidence.above(evidence.train.loss) > 1.05 * evidence.above(evidence.baseRate.loss)
    let (loss, base) = (
      String(format: "%.6g", evidence.train.loss), String(format: "%.6g", evidence.baseRate.loss)
    )
    guard evidence.answersAlike else {
      return
        "the network is no better than a constant prediction that ignores the input: its loss is \(loss), the constant's \(base)"
    }
    if evidence.settings.loss.areClasses {
      return isAboveBase
        ? "the network gives every example the same answer, and a worse one than the labels' frequencies: the loss is \(loss), and "
          + "the entropy of the label frequencies is \(base)"
        : "the network answers every example with the labels' base rate: the loss is \(loss), and the entropy "
          + "of the label frequencies is \(base)"
    }
    let least =
      evidence.settings.loss == .meanSquaredError
      ? "the variance of the targets" : "the lowest loss of any constant answer"
    guard isAboveBase, let range = evidence.end?.outputRange, range.count == 2 else {
      return
        "the network answers every example with the best constant: the loss is \(loss), and \(least) is \(base)"
    }
    return String(format: "the network answers every example with %.4g", range[1])
      + remark(on: range[1], evidence) + ": the loss is \(loss), and \(least) is \(base)"
  }

  /// A remark on a constant that is not the best one.
  private func remark(on value: Double, _ evidence: Evidence) -> String {
    if let reach = evidence.facts.reach, let function = evidence.facts.endings.last,
      [reach.lower, reach.upper].contains(where: { abs($0 - value) < 1e-3 })
    {
      return ", the limit of its \(function)"
    }
    guard abs(value) < 1e-3 * (evidence.data.targetMeanSquare ?? 0).squareRoot(),
      evidence.settings.loss == .meanSquaredError
    else { return "" }
    return ", so the loss is the mean square of the targets"
  }

  /// Labels that have nothing to do with the features, in a network that has begun to memorize them: its gain is not more than what
  /// this many parameters gain on noise.
  private func byChance(_ evidence: Evidence) -> Finding? {
    let gain = evidence.baseRate.loss - evidence.train.loss
    guard evidence.standing == .stalled, evidence.isWithoutRelation, let fits = evidence.fits,
      gain < Double(min(evidence.parameterCount, evidence.exampleCount))
        / (2 * Double(evidence.exampleCount))
    else { return nil }
    if let conflicts = conflicts(evidence) { return conflicts }
    return Self.noRelation(
      fits,
      String(
        format:
          "the loss is %.4g, and that of an answer that ignores the input %.4g: fitting random labels could gain as much",
        evidence.train.loss, evidence.baseRate.loss))
  }

  private func cause(_ evidence: Evidence) -> Finding? {
    if let constant = evidence.data.finding(.constantInputs) { return constant }
    let law = SignalLaw(evidence)
    if let dead = DeadLayer(evidence) {
      if dead.since == 0, let zero = zeroWeights(evidence) { return zero }
      // Weights that make the signal explode are too large for any rate.
      if dead.since > 0, let law, law.isExploding { return law.finding(evidence) }
      // Where the weights start so small that the biases outweigh them, any rate that moves anything turns whole layers
      // on and off: the scale is the cause, and the death its consequence.
      // An update that hardly changed the weights has turned nothing off that the signal had left on.
      guard dead.since > 0, let law,
        law.isVanishing || law.isCollapsing || evidence.travel < Self.shortWay
      else { return dead.finding(evidence) }
      var finding = law.finding(evidence)
      finding.explanation +=
        "; almost nothing that distinguishes inputs reaches the later layers, so the biases alone decide: all \(dead.units) units of layer "
        + "\(dead.layer) have been off since step \(dead.since)"
      return finding
    }
    if let ratio = evidence.largestUpdateRatio, ratio > 0.3, law?.hasHeScale ?? false {
      return LearningRateRule.tooLarge(evidence, "")
    }
    if let law {
      let reach = evidence.firstOrderReach ?? 1
      if law.isVanishing && (evidence.answersAlike || reach < 0.1) { return law.finding(evidence) }
      if law.isExploding { return law.finding(evidence) }
    }
    // Units die easily where all inputs look alike.
    if let law, law.isCollapsing, law.stations.count >= 12 { return law.finding(evidence) }
    if let killed = UnitsRule.killedUnits(in: evidence) { return killed }
    if let ratio = evidence.largestUpdateRatio, ratio > 1 {
      return LearningRateRule.tooLarge(evidence, "")
    }
    if evidence.seesNoRelation, let fits = evidence.fits {
      return conflicts(evidence) ?? Self.noRelation(fits, "")
    }
    return nil
  }

  /// Identical examples with different labels, where these alone keep an answer from being much better than one that ignores the
  /// features: a plainer reason than a missing relation.
  private func conflicts(_ evidence: Evidence) -> Finding? {
    guard let finding = evidence.data.finding(.conflictingLabels),
      let least = finding["least error"], let base = evidence.baseRate.error, least > 0.6 * base
    else { return nil }
    return finding
  }

  /// Weights that are all zero at the start: the cause, if nothing goes through them.
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
        "start from random weights (\(evidence.weightOption)), so that the units of a layer differ"
    )
  }

  /// No relation between features and targets, with what was tried and what it would have detected.
  static func noRelation(_ fits: FitReference, _ symptom: String) -> Finding {
    let visible =
      fits.visibleCorrelation.map {
        String(format: "; a feature's correlation of %.2g or more would have been detected", $0)
      } ?? ""
    return Finding(
      family: .baseRate, cause: .noSignalInInputs, symptom: symptom,
      explanation:
        "none of these tests finds a closer relation between the features and the targets than it finds after the targets are shuffled at random: "
        + fits.relations.map(\.test).sorted().joined(separator: ", ") + ", nearest neighbors"
        + visible,
      evidence: [
        Finding.Number("strongest relation, in standard deviations", fits.strength),
        Finding.Number("examples", Double(fits.allCount)),
      ],
      remedy:
        "check whether the examples and their labels are in the same order (they are not if each was shuffled by itself), whether the features have anything to "
        + "do with the targets, and whether many labels are wrong")
  }
}

extension DeadLayer {
  private func bornOfBiases(_ bias: Double, _ evidence: Evidence) -> Finding {
    Finding(
      family: .baseRate, cause: .bornDead, symptom: "",
      explanation: String(
        format:
          "the biases of layer \(layer) start at %.3g in root mean square and keep all of its \(units) units off for every example, so its gradient is "
          + "exactly zero and nothing before it can change", bias),
      location: Finding.Location(layer: layer, step: 0),
      evidence: [
        Finding.Number("zero gradient since step", 0), Finding.Number("initial biases", bias),
      ],
      remedy:
        "start from zero biases: omit \"bias\" from that layer in the file, or give an initialization option (\(evidence.weightOption))"
    )
  }

  func finding(_ evidence: Evidence) -> Finding {
    let isBorn = since == 0
    // With parameters from a file, these turn units off, not the function.
    let isGiven = evidence.outcome.startsFromParameters ?? false
    // Biases of zero turn no unit off.
    let bias =
      evidence.start?.parameters.first { $0.name == "\(layer).bias" }?.rootMeanSquare ?? 0
    if isBorn, !isGiven, bias > 1 { return bornOfBiases(bias, evidence) }
    return Finding(
      family: .baseRate, cause: isBorn ? .bornDead : .updateKilledUnits, symptom: "",
      explanation: isBorn
        ? "all \(units) units of layer \(layer) are off for every example from the start, so its gradient is exactly "
          + "zero and nothing before it can change"
        : "all \(units) units of layer \(layer) are off for every example, and its gradient is exactly zero, since step "
          + "\(since): the update of step \(since - 1), at learning rate \(rate), was so large that it turned them off",
      location: Finding.Location(layer: layer, step: since),
      evidence: [Finding.Number("zero gradient since step", Double(since))],
      remedy: isBorn && isGiven
        ? "start from random weights instead of the given ones (\(evidence.weightOption))"
        : isBorn
          ? "use leaky ReLUs, whose units cannot die (\(Setting.activation) leaky-relu), or make the layer wider"
          : "use a smaller learning rate (\(evidence.smallerRate)); reduce it by factors of 3 to find the largest that works"
    )
  }
}
