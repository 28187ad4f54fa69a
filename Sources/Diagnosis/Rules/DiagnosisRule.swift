import Findings

/// A rule: finds one family of trouble in the evidence of a run.
public protocol DiagnosisRule: Sendable {
  /// What it finds; nothing on a healthy run.
  ///
  /// - Parameter earlier: What the rules before it have found, which may explain what this one sees.
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding]
}
