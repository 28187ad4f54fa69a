import Findings
import Foundation

extension Finding.Cause {
  /// Batch normalization estimates its statistics from a few examples.
  public static let batchStatistics: Self = "batch-statistics"
}

/// Family 5: batch normalization on batches of a few examples. What a unit outputs in training then depends on which examples are
/// in the batch, and is another function than in inference.
struct BatchStatisticsRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .fit, .batchStatistics, "batch normalization estimates its statistics from a few examples")
  ]

  private static let few = 8
  /// So few that the noise is as large as the signal, whatever else is attainable.
  private static let fewest = 4

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .batchStatistics else { return [] }
    let count = evidence.exampleCount
    return [
      Treatment(
        "batches of 32", options: "\(Setting.batch) 32", .settings { $0.batchSize = min(32, count) }
      )
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let batch = min(evidence.settings.batchSize ?? evidence.exampleCount, evidence.exampleCount)
    guard evidence.facts.usesBatchStatistics, batch < Self.few,
      evidence.isInTrouble
        || evidence.leavesError
          && (batch <= Self.fewest || evidence.share > 2 * (evidence.attainable ?? 1))
    else { return [] }
    return [
      Finding(
        family: .fit, cause: .batchStatistics,
        symptom: "batch normalization computes mean and variance from only \(batch) examples",
        explanation: "with so few, they are mostly noise: "
          + String(
            format: "they vary by %.0f %% of a standard deviation from batch to batch",
            100 / Double(batch).squareRoot()),
        location: Finding.Location(step: 0),
        evidence: [Finding.Number("batch size", Double(batch))],
        remedy:
          "use batches of 32 or more and the same number of steps (\(Setting.batch) 32 \(Setting.steps) \(evidence.stepCount))"
      )
    ]
  }
}
