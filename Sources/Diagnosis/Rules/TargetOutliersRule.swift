import Findings
import Foundation
import Plumbline
import Training

extension Finding.Cause {
  /// A few outlying targets dominate the loss.
  public static let targetOutliers: Self = "target-outliers"
}

/// Family 6, real targets: a hundredth of the targets accounts for most of their variance. A squared error is then about those few,
/// whatever becomes of the others; of normal targets, they account for an eighth.
struct TargetOutliersRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .data, .targetOutliers, "a few outlying targets dominate the loss")
  ]

  private static let most = 0.6

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    // Scaled by a variance that the few make, the others are too small for any loss: the run with the targets as they were cannot be
    // made from those.
    guard finding.cause == .targetOutliers, !Self.isFarFromOne(evidence),
      !Self.areStandardized(evidence),
      let huber = LossFunction(rawValue: "huber")
    else { return [] }
    return [
      Treatment(
        "Huber's loss", options: "\(Setting.output) linear \(Setting.loss) huber",
        isDecisive: false,
        .settings { $0.loss = huber })
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    if evidence.settings.loss == .meanSquaredError, let far = evidence.farTargets,
      let dev = evidence.outcome.dev, dev.loss > 2 * evidence.train.loss
    {
      return [Self.elsewhere(far, dev.loss, evidence)]
    }
    guard evidence.settings.loss == .meanSquaredError, let share = evidence.targets.outlierShare,
      share > Self.most, evidence.standing != .learned
    else { return [] }
    let range = evidence.data.targetRange ?? []
    return [
      Finding(
        family: .data, cause: .targetOutliers,
        symptom: String(
          format:
            "one in a hundred of the targets, which range from %.4g to %.4g, accounts for %.0f %% of their variance",
          range.first ?? .nan, range.last ?? .nan, 100 * share),
        explanation:
          "the squared error counts those few targets and hardly the others",
        location: Finding.Location(set: "train"),
        evidence: [Finding.Number("share of the variance", share)],
        remedy: remedy(evidence))
    ]
  }

  /// A few targets of the dev set far beyond all that the network was trained on.
  private static func elsewhere(
    _ far: FarTargets, _ loss: Double, _ evidence: Evidence
  ) -> Finding {
    let rows = far.rows.map(String.init).joined(separator: ", ")
    return Finding(
      family: .data, cause: .targetOutliers,
      symptom: String(
        format:
          "\(far.count) of the \(far.setCount) targets of dev \(far.count == 1 ? "is" : "are") as far as %.4g, while those of the training set range "
          + "from %.4g to %.4g: the loss is %.4g there, and %.4g on the training set", far.value,
        far.range[0], far.range[1], loss, evidence.train.loss),
      explanation: "the squared error of dev counts those few targets and hardly the others",
      location: Finding.Location(set: "dev"),
      evidence: [
        Finding.Number("farthest target", far.value), Finding.Number("dev loss", loss),
        Finding.Number("loss", evidence.train.loss),
      ],
      remedy:
        "check those targets, of the dev examples \(rows), counted from 0: correct or remove them, or judge the network by an error that "
        + "does not square")
  }

  /// Whether a few targets alone make the variance, and the others are of a size that a network outputs.
  static func makeScale(of evidence: Evidence) -> Bool {
    evidence.targets.outlierShare.map { $0 > most } ?? false && !isFarFromOne(evidence)
  }

  /// Whether the other targets are of a size that a network does not output: then no scale serves both them and the few.
  private static func isFarFromOne(_ evidence: Evidence) -> Bool {
    let targets = evidence.targets
    guard let median = targets.median, let distance = targets.medianDistance else { return false }
    return max(abs(median), distance) > 30
  }

  /// Whether the targets have been scaled to a mean square of 1.
  private static func areStandardized(_ evidence: Evidence) -> Bool {
    abs((evidence.data.targetMeanSquare ?? 0) - 1) < 1e-3
  }

  private func remedy(_ evidence: Evidence) -> String {
    let rows = evidence.targets.outlierRows ?? []
    let look =
      "check those targets"
      + (rows.isEmpty
        ? ""
        : ", of the training examples \(rows.map(String.init).joined(separator: ", ")), counted from 0")
    guard !Self.isFarFromOne(evidence) else {
      return look
        + ": correct or remove them; the others are of a different size, so no scaling of the targets suits both"
    }
    return look
      + ", and use a loss that does not square large errors (\(Setting.output) linear \(Setting.loss) huber); "
      + (Self.areStandardized(evidence)
        ? "leave the scaling of the targets out, since it uses their variance"
        : "do not scale the targets, since that uses their variance")
  }
}
