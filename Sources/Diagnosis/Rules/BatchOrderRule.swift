import Findings
import Foundation

extension Finding.Cause {
  /// Batches follow the order of a sorted file.
  public static let sortedBatches: Self = "sorted-batches"
}

/// Family 6: a sorted file that is taken in its own order, so that each batch is of one class and undoes what the others taught.
struct BatchOrderRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.data, .sortedBatches, "batches follow the order of a sorted file")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .sortedBatches else { return [] }
    return [
      Treatment(
        "examples shuffled", options: "\(Setting.order) shuffled",
        .settings { $0.order = .shuffled })
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.settings.order == .sequential, let batch = evidence.settings.batchSize,
      batch < evidence.exampleCount, evidence.targets.sortedness > 0.5,
      evidence.isInTrouble
        || evidence.leavesError
          && (evidence.fallsOn || evidence.attainable.map { evidence.share > 1.15 * $0 } ?? false)
    else { return [] }
    return [
      Finding(
        family: .data, cause: .sortedBatches,
        symptom:
          "the examples are sorted by target, and batches of \(batch) are taken in that order",
        explanation:
          "each batch holds one kind of target and undoes what the others taught",
        location: Finding.Location(set: "train"),
        evidence: [Finding.Number("sortedness", evidence.targets.sortedness)],
        remedy: "reshuffle every epoch: \(Setting.order) shuffled")
    ]
  }
}
