import Findings
import Foundation
import Networks
import Plumbline

extension Finding.Cause {
  /// The last function and the loss do not go together.
  public static let outputLossMismatch: Self = "output-loss-mismatch"
}

/// Family 1, before anything is measured: a last function that the loss squashes once more, so that no weights can bring the loss
/// to zero, or answers that the loss cannot tell apart.
///
/// The floor is exact: a sigmoid below a sigmoid gives logits from 0 to 1, which cost an example of class 0 log 2 at least.
struct OutputRule: DiagnosisRule {
  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .outputLossMismatch, !evidence.facts.endings.isEmpty else { return [] }
    return [Treatment("no function behind the last layer", .network { $0.withoutEnding() })]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.settings.loss.areClasses else { return squared(evidence) }
    let facts = evidence.facts
    let loss = evidence.settings.loss.output == .softmax ? "softmax" : "sigmoid"
    if let floor = evidence.targets.lossFloor, let ending = facts.endings.last,
      floor > 0.02 * evidence.baseRate.loss
    {
      return [
        finding(
          String(
            format:
              "the network ends with \(ending), and the loss takes its result for logits: it cannot fall "
              + "below %.4g, where the base rate costs %.4g", floor, evidence.baseRate.loss),
          "\(ending) bounds what the \(loss) of the loss gets: "
            + (ending == "relu"
              ? "no answer is less likely than one half" : "no answer can be certain"),
          [
            Finding.Number("floor of the loss", floor),
            Finding.Number("base rate loss", evidence.baseRate.loss),
          ], "leave the last \(ending) out (--output \(loss)): the loss has its own \(loss)")
      ]
    }
    guard evidence.isInTrouble else { return [] }
    if facts.endings.last == "relu" {
      return [
        finding(
          "the network ends with a ReLU, and the loss takes its result for logits",
          "a class whose logit is cut off at 0 gets no gradient", [],
          "leave the last ReLU out (--output \(loss)): the loss has its own \(loss)")
      ]
    }
    if evidence.targets.isOneHot, evidence.settings.loss.output == .sigmoid,
      evidence.standing != .learned
    {
      return [
        finding(
          "each example is of one class, and every class is answered by a sigmoid of its own",
          "most targets are 0, so that the answer no to all is nearly right", [],
          "let the classes exclude each other: --output softmax")
      ]
    }
    return []
  }

  /// Classes under a squared error: its gradient vanishes where a wrong answer is certain.
  private func squared(_ evidence: Evidence) -> [Finding] {
    guard evidence.isInTrouble, evidence.targets.isOneHot,
      let ending = evidence.facts.endings.last, ["sigmoid", "softmax"].contains(ending)
    else { return [] }
    return [
      finding(
        "classes are answered by a \(ending) and judged by the squared error",
        "where a wrong answer is certain the slope of the \(ending), and with it the gradient, is next to zero",
        [],
        "take the loss that goes with it: --output \(ending == "softmax" ? "softmax" : "sigmoid")")
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
