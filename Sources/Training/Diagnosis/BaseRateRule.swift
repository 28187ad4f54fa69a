/// Family 1: the network gives every example the same answer, the base rate of the labels.
///
/// The loss then is the entropy of the labels' rates: 0.6439737380528059 for 72 of 209. Three causes look alike in the loss
/// and are told apart by the gradients: exactly zero since a step (an update turned all units of a layer off), tiny from
/// the start (the initial scale), or healthy (there is nothing to learn from). Source: STUDIES.md 1, CASES.md 1 and 3.
struct BaseRateRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.standing == .baseRate else { return [] }
    var finding = cause(evidence)
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
      // Where the weights start so small that the biases outweigh them, any rate that moves anything turns whole layers
      // on and off: the scale is the cause, and the death its consequence.
      guard dead.since > 0, let law, law.isVanishing else { return dead.finding }
      var finding = law.finding
      finding.explanation +=
        "; next to nothing reaches the later layers, so the biases alone decide: all \(dead.units) units of layer "
        + "\(dead.layer) have been off since step \(dead.since)"
      return finding
    }
    if evidence.data.constantShare == 1 { return nothingToLearn(inputsVary: false) }
    if let law {
      let reach = evidence.firstOrderReach ?? 1
      if law.isVanishing && (evidence.answersAlike || reach < 0.1) { return law.finding }
      if law.isExploding { return law.finding }
    }
    if let killed = UnitsRule.killedUnits(in: evidence) { return killed }
    if let ratio = evidence.largestUpdateRatio, ratio > 1 {
      return LearningRateRule.tooLarge(evidence, "")
    }
    return nothingToLearn(inputsVary: true)
  }

  private func nothingToLearn(inputsVary: Bool) -> Finding {
    Finding(
      family: .baseRate, cause: .noSignalInInputs, symptom: "",
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

/// A layer all of whose units are off for every example, so that no gradient goes through it.
struct DeadLayer {
  let layer: String
  /// The first step at which its gradient was exactly zero.
  let since: Int
  let units: Int
  let rate: Double

  /// The first such layer: what comes after it may have died of it.
  init?(_ evidence: Evidence) {
    guard let end = evidence.end else { return nil }
    for place in end.activations
    where place.function == "relu" && place.units > 0 && place.dead.count == place.units {
      let records = evidence.gradients.filter {
        $0.name.hasPrefix(place.layer + ".")
          && !$0.name.dropFirst(place.layer.count + 1).contains(".")
      }
      guard let since = records.compactMap(\.zeroSince).min(),
        records.allSatisfy({ $0.zeroSince != nil })
      else { continue }
      layer = place.layer
      self.since = since
      units = place.units
      rate = evidence.settings.learningRate
      return
    }
    return nil
  }

  var finding: Finding {
    let isBorn = since == 0
    return Finding(
      family: .baseRate, cause: isBorn ? .bornDead : .updateKilledUnits, symptom: "",
      explanation: isBorn
        ? "all \(units) units of layer \(layer) are off for every example from the start, so its gradient is exactly "
          + "zero and nothing before it can change"
        : "all \(units) units of layer \(layer) are off for every example, and its gradient is exactly zero, since step "
          + "\(since): the update of step \(since - 1), at learning rate \(rate), was so large that it turned them off",
      layer: layer, step: since,
      evidence: [Finding.Number("zero gradient since step", Double(since))],
      remedy: isBorn
        ? "start from other weights, make the layer wider, or give it a skip"
        : "take a smaller learning rate; steps of a factor of 3 find the largest that learns")
  }
}
