import Findings

/// Findings that were made before and cannot be made again, since what they rested on was not stored.
struct ToldRule: DiagnosisRule {
  let told: [Finding]

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    told.filter { finding in !earlier.contains { $0.cause == finding.cause } }
  }
}
