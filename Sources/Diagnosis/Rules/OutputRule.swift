import Findings
import Foundation
import Networks
import Plumbline

extension Finding.Cause {
  /// The output function and the loss do not match.
  public static let outputLossMismatch: Self = "output-loss-mismatch"
}

/// Family 1, before anything is measured: a last function that the loss squashes once more, so that no weights can bring the loss
/// to zero, or answers that the loss cannot tell apart.
///
/// The floor is exact: a sigmoid below a sigmoid gives logits from 0 to 1, which cost an example of class 0 log 2 at least.
struct OutputRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .baseRate, .outputLossMismatch, "the output function and the loss do not match")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .outputLossMismatch else { return [] }
    if evidence.targets.exceedsOneClass == true {
      return [
        Treatment(
          "a yes/no output per label", options: evidence.answerOptions(.binaryCrossEntropy),
          .together([.network { $0.withoutEnding() }, .settings { $0.loss = .binaryCrossEntropy }]))
      ]
    }
    if evidence.targets.isOneHot {
      // Cross-entropies take rows of shares for classes, too.
      return [
        Treatment(
          "mutually exclusive classes", options: evidence.answerOptions(.crossEntropy),
          .together([.network { $0.withoutEnding() }, .settings { $0.loss = .crossEntropy }]))
      ]
    }
    if let levels = evidence.targets.levels {
      return [
        Treatment(
          "one output per class", options: evidence.classOptions(levels.count), .classes(levels)
        )
      ]
    }
    guard !evidence.facts.endings.isEmpty else { return [] }
    return [Treatment("no function after the last layer", .network { $0.withoutEnding() })]
  }

  /// What a function below the one of the loss makes impossible.
  private func bound(_ ending: Activation, _ facts: NetworkFacts) -> String {
    if ending == .softmax, facts.outputCount == 1 {
      return "the only output is 1 for every example"
    }
    return ending.isZeroBelowZero
      || facts.reach.map { $0.lower >= 0 && !$0.upper.isFinite } ?? false
      ? "no answer can have a probability below one half" : "no answer can be certain"
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.settings.loss.areClasses else { return squared(evidence) }
    if let several = severalLabels(evidence) { return [several] }
    let facts = evidence.facts
    let own = evidence.settings.loss.judged
    let loss = own.output == .linear ? own.rawValue : own.output.rawValue
    let remedy =
      "remove the last \(facts.endings.last?.title ?? "function") (\(evidence.answerOptions(own)))"
      + (own.output == .linear
        ? ": the loss takes unbounded outputs" : ": the loss applies its own \(loss)")
    if let floor = evidence.targets.lossFloor, let ending = facts.endings.last,
      floor > 0.02 * evidence.baseRate.loss
    {
      return [
        finding(
          String(
            format:
              "the network ends with \(ending), but the loss expects \(own.output == .linear ? "unbounded values" : "logits"): it cannot fall "
              + "below %.4g, where the base rate costs %.4g", floor, evidence.baseRate.loss),
          "\(ending) bounds the input of the \(loss)\(own.output == .linear ? "" : " in the loss"): "
            + bound(ending, facts),
          [
            Finding.Number("floor of the loss", floor),
            Finding.Number("base rate loss", evidence.baseRate.loss),
          ], remedy)
      ]
    }
    // Answers to exclusive classes one by one are judged by the largest of them, which is worse than it could be.
    if evidence.targets.isOneHot, own.output == .sigmoid,
      evidence.leavesError || evidence.isInTrouble
    {
      return [
        finding(
          "each example has one class, but every class has its own sigmoid",
          "most targets are 0, so answering no to everything is nearly right", [],
          "make the classes mutually exclusive (\(evidence.answerOptions(.crossEntropy)))")
      ]
    }
    guard facts.reach != nil, let ending = facts.endings.last,
      evidence.isInTrouble || ending.isZeroBelowZero && evidence.leavesError
    else { return [] }
    return [
      finding(
        "the network ends with \(ending), but the loss expects \(own.output == .linear ? "unbounded values" : "logits")",
        ending.isZeroBelowZero
          ? "a class whose logit is cut off at 0 gets no gradient"
          : "\(ending) distorts what the \(loss) should get unchanged", [], remedy)
    ]
  }

  /// Labels that do not exclude each other under a softmax, whose outputs sum to one.
  private func severalLabels(_ evidence: Evidence) -> Finding? {
    guard evidence.targets.exceedsOneClass == true, let floor = evidence.targets.shareEntropy else {
      return nil
    }
    return finding(
      String(
        format:
          "an example may have several labels or none, but softmax outputs sum to one: the loss cannot fall below %.4g, where the base "
          + "rate costs %.4g", floor, evidence.baseRate.loss),
      "the labels of an example compete for the same probability",
      [
        Finding.Number("floor of the loss", floor),
        Finding.Number("base rate loss", evidence.baseRate.loss),
      ],
      "give each label its own yes/no output (\(evidence.answerOptions(.binaryCrossEntropy)))"
    )
  }

  /// Classes under a squared error: its gradient vanishes where a wrong answer is certain.
  private func squared(_ evidence: Evidence) -> [Finding] {
    guard evidence.isInTrouble, let ending = evidence.facts.endings.last,
      [.sigmoid, .softmax].contains(ending)
    else { return [] }
    let floor = evidence.targets.lossFloor ?? 0
    if let levels = evidence.targets.levels, floor > 0.1 * evidence.baseRate.loss {
      return [
        finding(
          String(
            format:
              "the numbers of \(levels.count) classes, %.4g to %.4g, are compared with the output of a \(ending), "
              + "\(evidence.facts.outputCount == 1 && !ending.isElementwise ? "which is 1 for every example" : "0 to 1"): "
              + "the loss cannot fall below %.4g, where the base rate costs %.4g", levels[0],
            levels[levels.count - 1], floor, evidence.baseRate.loss),
          "no weights can give numbers outside that range",
          [
            Finding.Number("floor of the loss", floor),
            Finding.Number("base rate loss", evidence.baseRate.loss),
          ], "predict classes (\(evidence.classOptions(levels.count)))")
      ]
    }
    guard evidence.targets.isOneHot else { return [] }
    return [
      finding(
        "classes are predicted by a \(ending) and judged by the \(evidence.settings.loss == .meanSquaredError ? "squared error" : "loss \(evidence.settings.loss.rawValue)")",
        "where a wrong answer is certain, the slope of the \(ending), and with it the gradient, is nearly zero",
        [],
        "use the loss for classes (\(evidence.answerOptions(.crossEntropy)))")
    ]
  }

  private func finding(
    _ symptom: String, _ explanation: String, _ numbers: [Finding.Number], _ remedy: String
  ) -> Finding {
    Finding(
      family: .baseRate, cause: .outputLossMismatch, severity: .error, symptom: symptom,
      explanation: explanation, location: Finding.Location(step: 0), evidence: numbers,
      remedy: remedy)
  }
}
