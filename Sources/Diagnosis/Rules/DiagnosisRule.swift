import Findings

/// A rule: finds one family of trouble in the evidence of a run.
public protocol DiagnosisRule: Sendable {
  /// The causes that it is the first to name, each with what it means; it may name those of other rules too.
  var causes: [Finding.CauseMeaning] { get }

  /// What it finds; nothing on a healthy run.
  ///
  /// - Parameters:
  ///   - evidence: What was seen of the run.
  ///   - earlier: What the rules before it have found, which may explain what this one sees.
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding]

  /// The changes of the run that a finding of this rule asks for; empty for findings of others, and where nothing can be tried.
  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment]
}

extension DiagnosisRule {
  /// None of its own.
  public var causes: [Finding.CauseMeaning] { [] }

  /// Nothing can be tried.
  public func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] { [] }
}
