/// Whether sets of examples look like samples of one distribution.
///
/// Every two sets are compared by class proportions (chi-square) and by features (the two-sample test
/// of Kolmogorov and Smirnov). Features are looked through by mean and spread; those that differ most
/// are tested, and each p-value is multiplied by the number of all features and of all pairs of sets
/// (Bonferroni's correction), so that one feature of many that differs by chance is no finding.
/// Beside the features the mean and the spread of an example are compared, the brightness and the
/// contrast of a picture.
///
/// A difference can be certain and yet small, as between two groups of writers: so the verdict says
/// both.
/// - Complexity: O(number of features), and O(n log n) in the examples for each feature tested.
public struct DistributionCheck: Sendable, Hashable, Codable {
  /// What the comparison came to.
  public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// No difference beyond chance.
    case same
    /// A difference beyond chance and of little size: no share of examples below a value differs by
    /// a tenth, and class proportions differ by less than a twentieth in all.
    case slight
    /// A difference beyond chance that matters.
    case different

    /// By size of the difference.
    public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The p-value, after correction, below which a difference is taken as beyond chance: of a thousand
  /// checks of sound data one or two may raise a false alarm.
  public static let significance = 0.001
  static let slightStatistic = 0.1
  static let slightProportion = 0.05
  /// Features tested for each pair.
  static let testedFeatureCount = 20

  /// The comparisons of every two sets, in the order of the sets.
  public let comparisons: [DistributionComparison]

  /// The worst of the comparisons' verdicts.
  public var verdict: Verdict { comparisons.map(\.verdict).max() ?? .same }

  /// Compares these sets, every two of them; a set alone is the same as itself.
  ///
  /// Traps when the shapes of their examples differ.
  public init(_ sets: [LabelledSet]) {
    for set in sets where set.exampleShape != sets[0].exampleShape {
      fatalError("examples of shapes \(sets[0].exampleShape) and \(set.exampleShape) are compared")
    }
    let moments = sets.map { FeatureMoments($0) }
    let pairCount = sets.count * (sets.count - 1) / 2
    var comparisons: [DistributionComparison] = []
    for second in sets.indices {
      for first in 0..<second {
        comparisons.append(
          DistributionComparison(
            (sets[first], moments[first]), (sets[second], moments[second]), pairCount: pairCount))
      }
    }
    self.comparisons = comparisons
  }
}

extension DistributionCheck: CustomStringConvertible {
  /// A sentence or two for each pair of sets.
  public var description: String { comparisons.map(\.description).joined(separator: "\n") }
}
