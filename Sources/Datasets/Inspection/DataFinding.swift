import Findings

/// Something about data that a network will suffer from: what, where, how much, and what to do.
///
/// A plain value, to be printed, kept in a record, or shown beside the findings about a run.
public struct DataFinding: Sendable, Hashable, Codable {
  /// What sort of thing was found.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Features with one value in all training examples.
    case constantFeatures = "constant-features"
    /// Features of a size that gradient descent has trouble with, or of very different sizes.
    case unscaledFeatures = "unscaled-features"
    /// Classes with many more examples than others.
    case classImbalance = "class-imbalance"
    /// Classes without a training example.
    case missingClasses = "missing-classes"
    /// Identical examples within the training set.
    case duplicates
    /// Identical examples in two sets.
    case duplicatesAcrossSets = "duplicates-across-sets"
    /// Identical examples with different labels.
    case conflictingLabels = "conflicting-labels"
    /// Labels that are no class, or beyond a network's outputs.
    case labelsOutOfRange = "labels-out-of-range"
    /// Values that are infinite or not a number.
    case nonFiniteValues = "non-finite-values"
    /// Sets that come from different distributions.
    case differentDistributions = "different-distributions"
  }

  /// How much it matters.
  public enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Worth knowing; training can go well.
    case note
    /// Training or its result is likely to suffer.
    case warning
    /// The data cannot be used so.
    case error

    /// By how much it matters.
    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// What sort of thing was found.
  public let kind: Kind
  /// How much it matters.
  public let severity: Severity
  /// What is the case, in a sentence with its numbers.
  public let symptom: String
  /// Where: the set, and features, classes or examples in it.
  public let position: String
  /// The numbers that it rests on, by name in snake_case.
  public let evidence: [String: Double]
  /// What to do.
  public let remedy: String

  /// A finding of these parts; the texts are phrases without a full stop.
  public init(
    _ kind: Kind, _ severity: Severity, symptom: String, position: String,
    evidence: [String: Double], remedy: String
  ) {
    self.kind = kind
    self.severity = severity
    self.symptom = symptom
    self.position = position
    self.evidence = evidence
    self.remedy = remedy
  }
}

extension DataFinding: CustomStringConvertible {
  /// Two lines: what and where, and what to do.
  public var description: String {
    "\(severity.rawValue): \(position): \(symptom)\n  \(remedy)"
  }
}

// MARK: Looking for them

extension DataFinding {
  /// Everything found in these sets, what matters most first.
  ///
  /// - Parameters:
  ///   - outputCount: The number of a network's outputs, to compare the labels with; nil where no
  ///     network is meant.
  ///   - distribution: The check of these sets, where it was made already.
  /// - Complexity: O(number of features).
  public static func findings(
    in sets: LabelledSets, outputCount: Int? = nil, distribution: DistributionCheck? = nil
  ) -> [DataFinding] {
    let moments = FeatureMoments(sets.train)
    let duplicates = DuplicateFindings(sets.all)
    let findings =
      labels(sets.all, outputCount) + classes(sets.train) + features(sets.train, moments)
      + duplicates.findings + distributions(distribution ?? DistributionCheck(sets.all))
    return sorted(findings)
  }

  /// What keeps a file from being labelled data, as findings: values that are not finite and labels
  /// that are no class. Everything else that is wrong is an error and no finding.
  public static func findings(in inspection: DataInspection) -> [DataFinding] {
    let nonFinite = inspection.entries.filter { $0.nonFiniteCount > 0 }.map { entry in
      let total = (entry.shape ?? []).reduce(1, *)
      return DataFinding(
        .nonFiniteValues, .error,
        symptom: "\(entry.nonFiniteCount) of \(total) values are infinite or not a number",
        position: entry.name,
        evidence: ["count": Double(entry.nonFiniteCount), "values": Double(total)],
        remedy: "remove those examples, or fill the values in: "
          + "\(entry.name) = np.nan_to_num(\(entry.name))")
    }
    guard nonFinite.isEmpty, inspection.refusalKind == Problem.Kind.outOfRange.rawValue,
      let refusal = inspection.refusal
    else { return nonFinite }
    // Of all that is out of range, only labels are left.
    return [
      DataFinding(
        .labelsOutOfRange, .error, symptom: refusal, position: inspection.file, evidence: [:],
        remedy: "correct the labels, or say that they are values: --targets values")
    ]
  }

  static func sorted(_ findings: [DataFinding]) -> [DataFinding] {
    findings.enumerated().sorted {
      ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
    }.map(\.element)
  }

  private static func distributions(_ check: DistributionCheck) -> [DataFinding] {
    check.comparisons.filter { $0.verdict != .same }.map { comparison in
      let worst = comparison.features.first
      var evidence = ["comparisons": Double(comparison.comparisonCount)]
      evidence["largest_statistic"] = worst?.statistic
      evidence["smallest_probability"] = comparison.features.map(\.probability).min()
      evidence["class_probability"] = comparison.classes?.probability
      evidence["class_distance"] = comparison.classDistance
      let isLarge = comparison.verdict == .different
      return DataFinding(
        .differentDistributions, isLarge ? .warning : .note,
        symptom: isLarge
          ? "they do not look like samples of one distribution"
          : "they differ beyond chance, but little",
        position: comparison.sets.joined(separator: " and "), evidence: evidence,
        remedy: isLarge
          ? "put them together and split again (plumb data split), or collect the missing kind of "
            + "examples for training"
          : "nothing to do, unless the difference is known to matter")
    }
  }
}
