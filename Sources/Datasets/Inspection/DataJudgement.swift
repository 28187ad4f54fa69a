import Findings

/// The judgement of data, for both `plumb data inspect` and the diagnosis of a training run.
///
/// ```swift
/// let judgement = DataJudgement(of: try LabelledSets(path: "cats.npz"))
/// for finding in judgement.findings { print(finding) }
/// ```
///
/// A diagnosis takes these findings as they are and adds what only a training run knows: whether the problem prevented learning,
/// and the effect of fixing it.
public struct DataJudgement: Sendable {
  /// Whether the sets look like samples of one distribution.
  public let distribution: DistributionCheck
  /// The size of the training set's features, and how they compare with each other.
  public let scales: FeatureScales
  /// The features whose variance a few of their values make.
  package let outlying: OutlyingCells
  /// All findings, most important first.
  public let findings: [Finding]

  /// Judges these sets.
  ///
  /// - Parameters:
  ///   - sets: The sets; the training set is judged, the others are compared with it.
  ///   - outputCount: The number of a network's outputs, to compare the labels with; nil if there is no network.
  /// - Complexity: O(number of features).
  public init(of sets: LabelledSets, outputCount: Int? = nil) {
    self.init(
      sets.all, columnNames: sets.preparation?.featureColumns, outputCount: outputCount)
  }

  /// Judges sets, the training set first, whose features are finite.
  ///
  /// - Parameters:
  ///   - labels: The same sets, if the features of `sets` are those of only a part of the examples.
  ///   - columnNames: The column that each feature comes from, as an option takes it; `nil` for arrays.
  package init(
    _ sets: [LabelledSet], labels: [LabelledSet]? = nil, columnNames: [String]? = nil,
    outputCount: Int? = nil
  ) {
    let (sets, labels) = (Self.withCommonClasses(sets), Self.withCommonClasses(labels ?? sets))
    let identical = IdenticalExamples(sets)
    let moments = FeatureMoments(FeatureScales.sample(of: sets[0]))
    distribution = DistributionCheck(sets, identical)
    scales = FeatureScales(moments)
    outlying = OutlyingCells(sets[0], moments)
    findings = Self.sorted(
      ClassFindings(labels, outputCount: outputCount).findings
        + FeatureFindings(sets[0], moments, scales).findings
        + [outlying.finding(sets[0])].compactMap(\.self)
        + LeakFindings(sets[0], columnNames: columnNames).findings
        + DuplicateFindings(sets, identical).findings + distribution.findings)
  }

  /// The sets, with as many classes as the set that has the most.
  private static func withCommonClasses(_ sets: [LabelledSet]) -> [LabelledSet] {
    let most = sets.compactMap(\.classCount).max() ?? 0
    return sets.map { set in
      guard case .classes(let labels, let count, let names) = set.targets, count < most else {
        return set
      }
      return LabelledSet(
        name: set.name, features: set.features, divisor: set.divisor,
        targets: .classes(labels, count: most, names: names), provenance: set.provenance,
        featureNames: set.featureNames)
    }
  }

  /// Values that are infinite or NaN.
  ///
  /// - Parameters:
  ///   - count: How many, out of how many.
  ///   - name: What holds them.
  package static func nonFinite(_ count: Int, of total: Int, in name: String) -> Finding {
    Finding(
      family: .data, cause: .nonFiniteData, severity: .error,
      symptom: "\(count) of \(total) values are infinite or not a number",
      explanation: "a single one makes every sum it enters non-finite",
      location: Finding.Location(quantity: name),
      evidence: [
        Finding.Number("count", Double(count)), Finding.Number("values", Double(total)),
      ],
      remedy: "remove those examples, or fill the values in: " + NonFiniteValues.filling(name))
  }

  /// What keeps a file from being labeled data, as findings: values that are not finite and labels
  /// that are not classes. Any other fault is an error, not a finding.
  public static func findings(in inspection: DataInspection) -> [Finding] {
    let nonFinite = inspection.entries.filter { $0.nonFiniteCount > 0 }.map { entry in
      Self.nonFinite(
        entry.nonFiniteCount, of: (entry.shape ?? []).reduce(1, *), in: entry.name)
    }
    guard nonFinite.isEmpty, inspection.refusalKind == Problem.Kind.outOfRange.rawValue,
      let refusal = inspection.refusal
    else { return nonFinite }
    // Of all that is out of range, only labels are left.
    return [
      Finding(
        family: .data, cause: .labelsOutOfRange, severity: .error, symptom: refusal,
        explanation: "", location: Finding.Location(detail: inspection.file),
        remedy: "correct the labels, or declare them as values: \(Setting.targets) values")
    ]
  }

  private static func sorted(_ findings: [Finding]) -> [Finding] {
    findings.enumerated().sorted {
      ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
    }.map(\.element)
  }

  /// Findings for people: what and where, why, and what to do, one line each.
  public static func text(_ findings: [Finding]) -> String {
    findings.map { finding in
      "\(finding.severity.rawValue): \(finding.location): \(finding.symptom)"
        + (finding.explanation.isEmpty ? "" : "\n  \(finding.explanation)")
        + "\n  \(finding.remedy)"
    }.joined(separator: "\n")
  }

  /// Positions as a list of readable length.
  static func list(_ positions: [String]) -> String {
    // The name of a feature may contain a comma: column 1, minute.
    let mark = positions.count > 1 && positions.contains { $0.contains(", ") } ? "; " : ", "
    let shown = positions.prefix(5).joined(separator: mark)
    return positions.count > 5 ? "\(shown) and \(positions.count - 5) more" : shown
  }
}

extension Finding.Cause {
  /// Values that are infinite or NaN.
  public static let nonFiniteData: Self = "non-finite-data"
}

extension DataJudgement {
  /// What keeps a file from being labeled data.
  static let ownCauses = [
    Finding.CauseMeaning(.data, .nonFiniteData, "values that are infinite or not a number")
  ]
}

extension DataJudgement {
  /// Every cause that findings in data can have.
  public static let causes =
    ownCauses + ClassFindings.causes + FeatureFindings.causes + LeakFindings.causes
    + DuplicateFindings.causes + DistributionCheck.causes
}
