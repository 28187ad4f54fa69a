import Console
import Datasets
import Findings
import Foundation

/// What is wrong with a run, as far as its evidence shows: nothing for a healthy one.
public struct Diagnosis: Codable, Sendable, Hashable {
  /// The evidence behind the findings.
  public let evidence: Evidence
  /// The findings, the one that explains the most first.
  public var findings: [Finding]

  /// The findings of the rules on this evidence.
  ///
  /// - Parameters:
  ///   - evidence: What was observed of the run.
  ///   - rules: The rules, in order: each may use the findings of those before it.
  ///   - refuted: Causes that are ruled out; the findings are what the rules say without them.
  public init(
    _ evidence: Evidence, rules: [any DiagnosisRule] = Diagnosis.standardRules,
    without refuted: Set<Finding.Cause> = []
  ) {
    self.evidence = evidence
    findings = rules.reduce(into: []) { findings, rule in
      findings += rule.findings(in: evidence, after: findings)
        .filter { !refuted.contains($0.cause) }
    }
    findings = Self.joiningRemedies(findings, evidence)
    for index in findings.indices {
      findings[index].confidence = Calibration.confidence(in: findings[index].cause)
    }
  }

  /// The changes to a run that a finding suggests, the most promising first; empty if no run on the same data can
  /// show anything.
  static func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    for rule in standardRules {
      let treatments = rule.treatments(of: finding, in: evidence)
      if !treatments.isEmpty { return treatments }
    }
    return []
  }

  /// The rules of all families, in the order in which their findings are reported.
  public static let standardRules: [any DiagnosisRule] = [
    SingleClassRule(), LabelsAsValuesRule(), OutputRule(), MisplacedDropoutRule(),
    EqualWeightsRule(), DataRule(),
    TargetOutliersRule(), TargetsRule(), ClippingRule(), ScheduleRule(), MomentumRule(),
    EpsilonRule(), SmoothingRule(), BatchOrderRule(),
    BatchStatisticsRule(), AugmentationRule(), RepresentationRule(), SignalRule(), NumbersRule(),
    RegularizationRule(), LabelNoiseRule(), BaseRateRule(), LearningRateRule(), UnitsRule(),
    TargetLeakRule(), LabelsAsValuesRule(turn: .stuck), StepsRule(), PlateauRule(), FitRule(),
    LabelsAsValuesRule(turn: .last), SecondFaultRule(), LeakRule(),
  ]

  /// Every cause that a diagnosis can report, in the order of the rules, with its meaning.
  public static let causes = standardRules.flatMap(\.causes) + DataJudgement.causes

  /// The findings computed again from the evidence by the current rules; counterfactual runs are kept if a finding has the
  /// same cause at the same layer as the one they were made for.
  ///
  /// If the evidence lacks the judgement of the data, as in older versions, the stored findings about the data are repeated.
  public func derivedAgain() -> Diagnosis {
    var again =
      evidence.data.findings == nil ? derivedAround(findings) : Diagnosis(evidence)
    for index in again.findings.indices {
      let finding = again.findings[index]
      again.findings[index].counterfactual =
        findings.first {
          $0.cause == finding.cause && $0.location.layer == finding.location.layer
            && $0.counterfactual != nil
        }?.counterfactual
    }
    return again
  }

  /// The findings of the rules, with these findings about the data among them: those that came first stay first, so that they still
  /// explain what they explained before, and the others come last.
  private func derivedAround(_ told: [Finding]) -> Diagnosis {
    let causes = Set(DataJudgement.causes.map(\.cause))
    let first = told.prefix { causes.contains($0.cause) }
    let last = told.dropFirst(first.count).filter { causes.contains($0.cause) }
    let rules: [any DiagnosisRule] =
      [ToldRule(told: Array(first))] + Self.standardRules + [ToldRule(told: last)]
    var again = Diagnosis(evidence, rules: rules)
    let told = Set(first.map(\.cause))
    let others = again.findings.dropFirst(first.count).filter { !told.contains($0.cause) }
    again.findings.replaceSubrange(first.count..., with: others)
    return again
  }

  /// Whether there are no findings.
  public var isHealthy: Bool { findings.isEmpty }
}

extension Diagnosis: CustomStringConvertible {
  /// The findings as paragraphs.
  public var description: String {
    isHealthy ? "nothing found" : findings.map(\.description).joined(separator: "\n")
  }
}

extension Diagnosis {
  /// The JSON form, as in `diagnosis.json`. Numbers that are not finite are written as text.
  public func json() throws -> Data {
    let encoder = JSONEncoder.withNonFiniteNumbers(infinity: "infinity")
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return try encoder.encode(self)
  }

  /// The diagnosis from its JSON form.
  public init(json: Data) throws {
    let decoder = JSONDecoder.withNonFiniteNumbers(infinity: "infinity")
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Diagnosis.self, from: json)
  }
}
