import Datasets
import Findings
import Plumbline
import Training

/// Properties of features and targets that can stop a network from learning.
public struct DataEvidence: Codable, Sendable, Hashable {
  /// The size of the training set's features, and how they compare with each other.
  public var scales: FeatureScales
  /// The mean square of all targets, and their minimum and maximum.
  public var targetMeanSquare: Double?, targetRange: [Double]?
  /// The features and targets that are infinite or NaN.
  public var nonFiniteCount: Int
  /// The features whose variance a few of their values make; `nil` in what older versions stored.
  public var outlyingFeatures: [Int]?
  /// The judgement of the data, as `plumb data inspect` prints it; `nil` in what older versions stored.
  public var findings: [Finding]?

  /// Up to this many feature values are judged; a training set with more, if it is the only set, is judged by a part of its
  /// examples.
  private static var valueLimit: Int { 1 << 18 }

  /// The data of a run, as judged by the inspection of data.
  ///
  /// - Parameters:
  ///   - train: What the network is trained on.
  ///   - dev: The set that settings are chosen by, if there is one.
  ///   - test: The set that the network is judged by, if there is one.
  ///   - loss: The loss, which says whether the targets are classes.
  ///   - columnNames: The column that each feature comes from, if they come from a table.
  /// - Complexity: O(values).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar: TrainableScalar>(
    train: Examples<Scalar>, dev: Examples<Scalar>? = nil, test: Examples<Scalar>? = nil,
    loss: LossFunction, columnNames: [String]? = nil
  ) {
    if train.targets.isFinite {
      targetMeanSquare = train.targets.meanSquare
      targetRange = [0 - (-train.targets).max().scalar.real, train.targets.max().scalar.real]
    }
    let given: [(name: String, set: Examples<Scalar>?)] = [
      ("train", train), ("dev", dev), ("test", test),
    ]
    let sets = given.compactMap { name, set in set.map { (name, $0) } }
    let nonFiniteCounts = sets.map { $1.nonFiniteCount }
    nonFiniteCount = nonFiniteCounts[0]
    guard nonFiniteCounts.allSatisfy({ $0 == 0 }) else {
      scales = FeatureScales(train.features)
      findings = zip(sets, nonFiniteCounts).compactMap { set, count in
        count > 0
          ? DataJudgement.nonFinite(
            count, of: set.1.features.count + set.1.targets.count, in: set.0) : nil
      }
      return
    }
    let isPart = sets.count == 1 && train.features.count > Self.valueLimit
    let whole = sets.map { name, set in
      LabelledSet(name: name, set, loss: loss, withFeatures: !isPart)
    }
    let judged =
      isPart ? [LabelledSet(name: "train", train.part(of: Self.valueLimit), loss: loss)] : whole
    let judgement = DataJudgement(judged, labels: whole, columnNames: columnNames)
    scales = judgement.scales
    findings = judgement.findings
    // A pixel is dark in most pictures and lit in the others, which is what it has to say.
    outlyingFeatures =
      train.pictures == nil ? Self.wide(judgement.outlying.indices, of: train.features) : []
  }

  /// The finding with this cause, if it is more than a note.
  func finding(_ cause: Finding.Cause) -> Finding? {
    findings?.first { $0.cause == cause && $0.severity > .note }
  }

  /// The note with this cause.
  func note(_ cause: Finding.Cause) -> Finding? {
    findings?.first { $0.cause == cause && $0.severity == .note && !Self.isOfOutliers($0) }
  }

  /// What is said of features whose variance a few of their values make; `nil` if none of them counts.
  var outliers: Finding? {
    outlyingFeatures?.isEmpty ?? true ? nil : findings?.first(where: Self.isOfOutliers)
  }

  /// Those of the features that vary at least half as much as the one that varies most: the rim of pictures is dark but for a few strokes,
  /// and says little whatever its values are.
  private static func wide<Scalar: TrainableScalar>(
    _ chosen: [Int], of features: Tensor<Scalar>
  ) -> [Int] {
    // Where many features are so, that is what they are like.
    guard !chosen.isEmpty, chosen.count <= 32 else { return [] }
    let count = features.shape[0]
    let rows = features.reshaped(to: [count, features.count / count])
    let spreads = (rows - rows.mean(alongAxes: [0], keepingAxes: true)).squared()
      .mean(alongAxes: [0]).scalars.map { $0.real.squareRoot() }
    let widest = spreads.max() ?? 0
    return chosen.filter { 2 * spreads[$0] >= widest }
  }

  /// Whether a finding is about such features.
  static func isOfOutliers(_ finding: Finding) -> Bool {
    finding["spread over median distance"] != nil
  }
}

extension Examples {
  fileprivate var nonFiniteCount: Int {
    features.isFinite && targets.isFinite
      ? 0 : features.scalars.count { !$0.isFinite } + targets.scalars.count { !$0.isFinite }
  }

  /// Examples with about this many values, evenly spread.
  fileprivate func part(of values: Int) -> Examples {
    let kept = max(256, values / max(1, features.count / count))
    guard kept < count else { return self }
    let rows = (0..<kept).map { $0 * count / kept }
    return Examples(
      features: features.selectingRows(rows), targets: targets.selectingRows(rows))
  }
}

extension LabelledSet {
  /// A set of examples as a loss takes them: class numbers and yes/no targets are classes.
  ///
  /// - Parameter withFeatures: Whether their features are copied too; else there are none.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate init<Scalar: TrainableScalar>(
    name: String, _ examples: Examples<Scalar>, loss: LossFunction, withFeatures: Bool = true
  ) {
    let count = examples.count
    var targets = Targets.values(NumericArray(examples.targets))
    if loss.areClasses, examples.targets.count == count {
      let numbers = examples.targets.scalars.map(\.real)
      if numbers.allSatisfy({ $0 >= 0 && $0 < 1e6 && $0 == $0.rounded() }) {
        let labels = numbers.map { Int($0) }
        targets = .classes(labels, count: (labels.max() ?? 0) + 1, names: nil)
      }
    }
    self.init(
      name: name,
      features: withFeatures
        ? NumericArray(examples.features) : NumericArray([count, 0], [Double]()),
      targets: targets, provenance: name)
  }
}
