import Findings

/// A rule: finds one family of problems in the evidence of a run.
public protocol DiagnosisRule: Sendable {
  /// The causes that it introduces, each with its meaning; it may report those of other rules too.
  var causes: [Finding.CauseMeaning] { get }

  /// Its findings; none for a healthy run.
  ///
  /// - Parameters:
  ///   - evidence: What was observed of the run.
  ///   - earlier: The findings of the rules before it, which may explain what this one sees.
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding]

  /// The changes to the run that a finding of this rule suggests; empty for other rules' findings, and if nothing can be tried.
  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment]
}

extension DiagnosisRule {
  /// No causes.
  public var causes: [Finding.CauseMeaning] { [] }

  /// No treatments.
  public func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] { [] }
}
