import Datasets
import Plumbline
import Training

/// What features and targets are like, as far as it can stop a network from learning.
public struct DataEvidence: Codable, Sendable, Hashable {
  /// The size of the training set's features, and how they compare with each other.
  public var scales: FeatureScales
  /// The mean square of all targets, and their smallest and largest.
  public var targetMeanSquare: Double?, targetRange: [Double]?
  /// The features and targets that are infinite or NaN.
  public var nonFiniteCount: Int
  /// The dev and test examples that are among the training examples too; `nil` where there are none to compare.
  public var duplicates: DuplicateCount?
  /// How many classes have examples in dev or test and none in the training set, and how many examples those are; `nil` where there are
  /// none, or no classes.
  public var missingClasses: Int?, examplesOfMissingClasses: Int?
  /// Where features of dev or test, in this order as far as there are such sets, differ from those of the training set:
  /// the largest difference of each set, where it is large.
  public var shifts: [Shift]?

  /// A feature whose mean or spread is another one in another set.
  public struct Shift: Codable, Sendable, Hashable {
    /// The index of the set among the others, and of the feature; nil for what stands for all features.
    public let set: Int, feature: Int?
    /// What differs: `feature 3`, `mean of an example`.
    public let name: String
    /// Mean and standard deviation in the training set and in the other.
    public let mean: Double, deviation: Double, otherMean: Double, otherDeviation: Double
  }

  /// The data of a run, as the inspection of data judges them.
  ///
  /// - Parameter areClasses: Whether the targets are class numbers.
  /// - Complexity: O(values).
  public init<Scalar: TrainableScalar>(
    train: Examples<Scalar>, others: [Examples<Scalar>] = [], areClasses: Bool = false
  ) {
    scales = FeatureScales(train.features)
    if train.targets.isFinite {
      targetMeanSquare = train.targets.meanSquare
      targetRange = [0 - (-train.targets).max().scalar.real, train.targets.max().scalar.real]
    }
    nonFiniteCount =
      train.features.isFinite && train.targets.isFinite
      ? 0
      : train.features.scalars.count { !$0.isFinite } + train.targets.scalars.count { !$0.isFinite }
    guard !others.isEmpty, ([train] + others).allSatisfy({ $0.features.isFinite }) else { return }
    let sets = zip(["train", "dev", "test"], [train] + others).map { name, examples in
      LabelledSet(name: name, examples.features)
    }
    shifts = DistributionCheck(sets).comparisons.compactMap { comparison in
      guard comparison.sets[0] == "train",
        let feature = comparison.features.first(where: \.differs),
        let set = sets.firstIndex(where: { $0.name == comparison.sets[1] })
      else { return nil }
      return Shift(
        set: set - 1, feature: feature.index, name: feature.name, mean: feature.means[0],
        deviation: feature.spreads[0], otherMean: feature.means[1],
        otherDeviation: feature.spreads[1])
    }
    duplicates = DuplicateCount(sets[0], Array(sets.dropFirst()))
    guard areClasses else { return }
    let known = Set(train.targets.scalars.map(\.real))
    let unknown = others.flatMap { $0.targets.scalars.map(\.real) }.filter { !known.contains($0) }
    if !unknown.isEmpty {
      (missingClasses, examplesOfMissingClasses) = (Set(unknown).count, unknown.count)
    }
  }
}
