import Console
import Datasets
import Findings
import Foundation

/// What is wrong with a run, as far as its evidence tells: nothing on a healthy one.
public struct Diagnosis: Codable, Sendable, Hashable {
  /// What the findings rest on.
  public let evidence: Evidence
  /// The findings, the one that explains most first.
  public var findings: [Finding]

  /// The findings of the rules on this evidence.
  ///
  /// - Parameters:
  ///   - evidence: What was seen of the run.
  ///   - rules: The rules, in order: each may know what those before it have found.
  ///   - refuted: Causes that are known not to be: what the rules say where those are out of the question.
  public init(
    _ evidence: Evidence, rules: [any DiagnosisRule] = Diagnosis.standardRules,
    without refuted: Set<Finding.Cause> = []
  ) {
    self.evidence = evidence
    findings = rules.reduce(into: []) { findings, rule in
      findings += rule.findings(in: evidence, after: findings)
        .filter { !refuted.contains($0.cause) }
    }
    for index in findings.indices {
      findings[index].confidence = Calibration.confidence(in: findings[index].cause)
    }
  }

  /// The changes of a run that a finding asks for, those first that are most likely to help; empty if no run of the same data can
  /// show anything.
  static func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    for rule in standardRules {
      let treatments = rule.treatments(of: finding, in: evidence)
      if !treatments.isEmpty { return treatments }
    }
    return []
  }

  /// The rules of all families, in the order in which their findings are told.
  public static let standardRules: [any DiagnosisRule] = [
    SingleClassRule(), LabelsAsValuesRule(), OutputRule(), MisplacedDropoutRule(),
    EqualWeightsRule(), DataRule(),
    TargetOutliersRule(), TargetsRule(), ClippingRule(), ScheduleRule(), MomentumRule(),
    EpsilonRule(), SmoothingRule(), BatchOrderRule(),
    BatchStatisticsRule(), AugmentationRule(), RepresentationRule(), SignalRule(), NumbersRule(),
    RegularizationRule(), LabelNoiseRule(), BaseRateRule(), LearningRateRule(), UnitsRule(),
    TargetLeakRule(), StepsRule(), PlateauRule(), FitRule(),
    LabelsAsValuesRule(isLast: true), LeakRule(),
  ]

  /// Every cause that a diagnosis can name, in the order of the rules, and what it means.
  public static let causes = standardRules.flatMap(\.causes) + DataJudgement.causes

  /// The findings made again from the evidence, by the rules of today; counterfactual runs are kept where a finding has the
  /// same cause at the same layer as the one that they were made for.
  ///
  /// Where the evidence lacks what the judge of data said, as older versions stored it, what was told of the data is told again.
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

  /// The findings of the rules around those of these findings that are the judge's of data: before the others where they were,
  /// so that they explain what they explained, else after them.
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

  /// Whether there is nothing to say.
  public var isHealthy: Bool { findings.isEmpty }
}

extension Diagnosis: CustomStringConvertible {
  /// The findings as paragraphs.
  public var description: String {
    isHealthy ? "nothing found" : findings.map(\.description).joined(separator: "\n")
  }
}

extension Diagnosis {
  /// The JSON form, as `diagnosis.json` holds it. Numbers that are not finite are written as text.
  public func json() throws -> Data {
    let encoder = JSONEncoder.withNonFiniteNumbers(infinity: "infinity")
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return try encoder.encode(self)
  }

  /// The diagnosis in a JSON form.
  public init(json: Data) throws {
    let decoder = JSONDecoder.withNonFiniteNumbers(infinity: "infinity")
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Diagnosis.self, from: json)
  }
}
