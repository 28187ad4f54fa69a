import Diagnosis
import Findings
import Training

/// How well rules do on the own cases.
public struct CaseScore: Sendable {
  /// What was said of one run.
  public struct Row: Sendable {
    /// The run.
    public let specimen: CarriedOutCases.Specimen
    /// What was found.
    public let findings: [Finding]

    /// Whether the run has something wrong with it, and that came about.
    public var isBroken: Bool { specimen.truth != nil && !specimen.escaped }
    /// Whether a run was found to be broken.
    public var isDetected: Bool { !findings.isEmpty }
    /// Whether the first finding names what was done to the run.
    public var isCauseRight: Bool {
      guard let truth = specimen.truth, let first = findings.first else { return false }
      return truth.causes.contains(first.cause)
    }
    /// Whether the layer and the step are known, and told right.
    public var isLocalized: Bool? {
      guard let truth = specimen.truth, truth.layer != nil || specimen.onset != nil else {
        return nil
      }
      guard let finding = findings.first(where: { truth.causes.contains($0.cause) }) else {
        return false
      }
      return (truth.layer == nil || finding.location.layer == truth.layer)
        && (specimen.onset == nil || finding.location.step == specimen.onset)
    }
  }

  /// The name of the rules.
  public let name: String
  /// The runs.
  public let rows: [Row]

  /// What these rules make of the own cases.
  public init(_ name: String, _ rules: [any DiagnosisRule], on cases: CarriedOutCases) {
    self.name = name
    rows = cases.specimens.map {
      Row(specimen: $0, findings: Diagnosis($0.evidence, rules: rules).findings)
    }
  }

  /// All rules on the own cases: the diagnosis first, then those of other tools.
  public static func all(on cases: CarriedOutCases) -> [CaseScore] {
    [CaseScore("Plumbline", Diagnosis.standardRules, on: cases)]
      + OtherToolsRules.allCases.map { CaseScore($0.rawValue, [$0], on: cases) }
  }

  /// A number out of a number.
  public struct Share: Sendable, Hashable, CustomStringConvertible {
    /// How many, and of how many.
    public let count: Int, total: Int
    /// The share; 1 of none.
    public var value: Double { total == 0 ? 1 : Double(count) / Double(total) }
    /// As in "12/14".
    public var description: String { "\(count)/\(total)" }
  }

  private func share(_ rows: [Row], _ condition: (Row) -> Bool) -> Share {
    Share(count: rows.count(where: condition), total: rows.count)
  }

  /// The broken runs in which anything was found.
  public var detection: Share { share(rows.filter(\.isBroken), \.isDetected) }
  /// The broken runs of which the first finding names the right cause.
  public var cause: Share { share(rows.filter(\.isBroken), \.isCauseRight) }
  /// The broken runs with a known place that was told right.
  public var localization: Share {
    share(rows.filter { $0.isBroken && $0.isLocalized != nil }) { $0.isLocalized == true }
  }
  /// How often each cause was named first, and how often rightly, in runs of the own cases: what a confidence is made of.
  package var calibration: [Finding.Cause: Calibration.Count] {
    rows.filter { !$0.specimen.escaped }.reduce(into: [:]) { counts, row in
      guard let cause = row.findings.first?.cause else { return }
      counts[cause, default: Calibration.Count(right: 0, named: 0)].add(row.isCauseRight)
    }
  }

  /// The runs that were judged wrongly, for messages.
  package var failures: [String] {
    rows.filter { row in
      row.isBroken
        ? !row.isCauseRight || row.isLocalized == false
        : row.specimen.truth == nil && row.isDetected
    }.map { row in
      row.specimen.name + ": " + row.findings.map { "\($0.cause)" }.joined(separator: ", ")
    }
  }

  /// The healthy runs in which something was found.
  public var falseAlarms: Share { share(rows.filter { $0.specimen.truth == nil }, \.isDetected) }
}
