import Console
import Findings

/// Whether sets of examples look like samples of one distribution.
///
/// Each pair of sets is compared by class proportions (chi-square), by the examples as a whole (mean and spread of an
/// example, the brightness and the contrast of a picture; targets that are values) and by every feature. All comparisons
/// except that of the classes are two-sample Kolmogorov-Smirnov tests, of the values and of their distances from the
/// common median; for the mean and spread of an example, features are first standardized over all sets together. Such a test depends only on ranks: it is valid for heavy tails, for nearly constant features and for few
/// examples, and no shift or scale that is common to the sets changes it.
///
/// Each p-value is multiplied by the number of tests of its kind, of kinds and of pairs of sets (Bonferroni's correction),
/// so that sound data raise a false alarm in at most one check in two hundred. A difference can be significant and yet small,
/// as between two groups of writers, so the verdict says both.
/// - Complexity: O(n log n) for each feature, n the examples, of which a few thousand of each set are used.
public struct DistributionCheck: Sendable, Hashable, Codable {
  /// The verdict of the comparison.
  public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// No difference beyond chance.
    case same
    /// A difference beyond chance but small: no share of examples below a value differs by
    /// a tenth, and class proportions differ by less than a twentieth in total.
    case slight
    /// A difference beyond chance that matters.
    case different

    /// By size of the difference.
    public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The p-value, after correction, below which a difference counts as beyond chance: of two hundred
  /// checks of sound data one may raise a false alarm.
  public static let significance = 0.005
  static let slightStatistic = 0.1
  static let slightProportion = 0.05
  /// The number of features reported for each pair.
  static let toldFeatureCount = 20

  /// The comparisons of each pair of sets, in the order of the sets.
  public let comparisons: [DistributionComparison]

  /// The worst of the comparisons' verdicts.
  public var verdict: Verdict { comparisons.map(\.verdict).max() ?? .same }

  /// Compares each pair of these sets; a single set trivially agrees.
  ///
  /// Traps when the shapes of their examples differ.
  public init(_ sets: [LabelledSet]) {
    self.init(sets, sets.count > 1 ? IdenticalExamples(sets) : nil)
  }

  init(_ sets: [LabelledSet], _ identical: IdenticalExamples?) {
    for set in sets where set.exampleShape != sets[0].exampleShape {
      fatalError("examples of shapes \(sets[0].exampleShape) and \(set.exampleShape) are compared")
    }
    guard sets.count > 1 else {
      comparisons = []
      return
    }
    let samples = DistributionSample.samples(of: sets, identical)
    let pairCount = sets.count * (sets.count - 1) / 2
    var comparisons: [DistributionComparison] = []
    for second in samples.indices {
      for first in 0..<second {
        comparisons.append(
          DistributionComparison(samples[first], samples[second], pairCount: pairCount))
      }
    }
    self.comparisons = comparisons
  }

  /// The differences as findings.
  var findings: [Finding] {
    comparisons.filter { $0.verdict != .same }.map { comparison in
      let isLarge = comparison.verdict == .different
      let (first, second) = (comparison.sets[0], comparison.sets[1])
      let worst = comparison.features.first
      let feature = isLarge ? comparison.features.first(where: \.differs) : nil
      var evidence: [(String, Double?)] = [
        ("largest statistic", worst?.statistic),
        ("smallest probability", comparison.features.map(\.probability).min()),
        ("class probability", comparison.classes?.probability),
        ("class distance", comparison.classDistance),
      ]
      if let feature {
        evidence += [
          ("mean in \(first)", feature.means[0]), ("mean in \(second)", feature.means[1]),
          ("deviation in \(first)", feature.spreads[0]),
          ("deviation in \(second)", feature.spreads[1]),
        ]
      }
      return Finding(
        family: .data, cause: .differentDistributions, severity: isLarge ? .warning : .note,
        symptom: feature.map { Self.text($0, comparison.sets) }
          ?? (isLarge
            ? "class proportions differ between \(first) and \(second)"
            : "they differ slightly, but beyond chance"),
        explanation: isLarge
          ? "\(first) and \(second) do not come from the same distribution, so what was learned on one need not hold on the other"
          : "",
        location: Finding.Location(set: "\(first) and \(second)", quantity: feature?.name),
        evidence: evidence.compactMap { name, value in value.map { Finding.Number(name, $0) } },
        remedy: isLarge
          ? (feature == nil
            ? ""
            : "scale all sets by the statistics of the training set; if that is done already, ")
            + "pool the sets and split again (plumb data split), or collect the missing kind of examples for training"
          : "nothing to do, unless the difference is known to matter")
    }
  }

  private static func text(_ feature: DistributionComparison.Feature, _ sets: [String]) -> String {
    func moments(_ set: Int) -> String {
      "mean \(NumberFormat.significant(feature.means[set], digits: 4)) and standard deviation "
        + NumberFormat.significant(feature.spreads[set], digits: 4)
    }
    return "\(feature.name) has \(moments(0)) in \(sets[0]), but \(moments(1)) in \(sets[1])"
  }
}

extension DistributionCheck: CustomStringConvertible {
  /// A sentence or two for each pair of sets.
  public var description: String { comparisons.map(\.description).joined(separator: "\n") }
}

extension Finding.Cause {
  /// Sets that come from different distributions.
  public static let differentDistributions: Self = "different-distributions"
}

extension DistributionCheck {
  /// What it can find.
  static let causes = [
    Finding.CauseMeaning(
      .data, .differentDistributions, "sets that come from different distributions")
  ]
}
