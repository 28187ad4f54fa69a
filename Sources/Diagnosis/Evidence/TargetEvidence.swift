import Datasets
import Foundation
import Plumbline
import Training

/// Properties of the targets that can stop a network from learning them.
public struct TargetEvidence: Codable, Sendable, Hashable {
  /// The number of distinct classes; `nil` for values.
  public var classCount: Int?
  /// Whether there is more than one target.
  public var varies: Bool
  /// Whether each example has a 1 in one of three or more columns, and 0 in the others: mutually exclusive classes.
  public var isOneHot: Bool
  /// How well an example's target predicts the next one's in the file, beyond chance: 1 for a file sorted by class, 0 for one
  /// that was shuffled.
  public var sortedness: Double
  /// Whether equal features have equal targets, so that a network can memorize all; `nil` for more than 64 examples.
  public var isFunction: Bool?
  /// The error of the best affine function on fewer than 32 examples: the share of wrong answers, or of the variance.
  public var affineShare: Double?
  /// The smallest loss that any weights can reach, if the last function bounds the result.
  public var lossFloor: Double?
  /// The smallest possible cross-entropy for rows of shares, which is their own entropy if they sum to one; `nil` for other
  /// targets.
  public var shareEntropy: Double?
  /// The loss of answers that equal the targets, if they are counts: a likelihood has no zero. `nil` for other targets.
  public var perfectLoss: Double?
  /// Whether rows of several shares under a cross-entropy of classes do not sum to one, like multi-label targets.
  public var exceedsOneClass: Bool?
  /// How much augmentation changes the features, as mean square over their variance; `nil` without augmentation.
  public var augmentation: Double?
  /// The distinct values of real targets if these look like class numbers: two, or a few at equal distances that are about
  /// equally frequent, which counts and ratings are not; `nil` for others.
  public var levels: [Double]?
  /// The share of the most frequent of these values; `nil` without them, and in what older versions stored.
  public var levelShare: Double?
  /// The share of the variance of real targets that is due to the 1 % of them farthest from the median; `nil` for
  /// classes and fewer than 50.
  public var outlierShare: Double?
  /// The examples in that 1 %, numbered from 0, farthest first, at most five; `nil` if there is no such share.
  public var outlierRows: [Int]?
  /// The median of real targets, and the median distance from it; `nil` as above.
  public var median: Double?, medianDistance: Double?

  /// The targets of a run. Complexity: O(values).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: TrainableScalar>(
    _ examples: Examples<Scalar>, _ settings: TrainingSettings, facts: NetworkFacts
  ) {
    let count = examples.count
    let targets = examples.targets.scalars.map(\.real)
    let width = targets.count / max(count, 1)
    let areClasses = width == 1 && settings.loss.areClasses
    classCount = areClasses ? Set(targets).count : nil
    varies = width > 1 || targets.contains { $0 != targets[0] }
    isOneHot =
      width > 2
      && (0..<count).allSatisfy { row in
        let values = targets[row * width..<(row + 1) * width]
        return values.count { $0 == 1 } == 1 && values.count { $0 == 0 } == width - 1
      }
    if settings.loss.targets == .classes, width > 1 {
      shareEntropy = Self.entropy(ofShares: targets, width)
      exceedsOneClass = !examples.targets.areDistributions
    }
    if settings.loss.targets == .counts {
      // Of a rate r, r - t log r, which is least at r = t.
      let costs = targets.map { $0 > 0 ? $0 - $0 * log($0) : 0 }
      perfectLoss = costs.reduce(0, +) / Double(max(costs.count, 1))
    }
    sortedness = width == 1 ? Self.sortedness(targets, areClasses: areClasses) : 0
    if count <= 64 { isFunction = Self.isFunction(examples, targets, width) }
    if count < 32, facts.isAffine, varies {
      let table = FitTable(examples, loss: settings.loss, rows: Array(0..<count))
      if table.columns > 0 { affineShare = table.mistakes(of: table.affineFit()) }
    }
    if settings.loss.targets == .reals, width == 1 {
      levels = Self.levels(of: targets)
      levelShare = levels.map { levels in
        let most = levels.map { level in targets.count { $0 == level } }.max() ?? 0
        return Double(most) / Double(max(targets.count, 1))
      }
      measureOutliers(targets)
    }
    if let reach = facts.reach {
      lossFloor = Self.floor(targets, width, facts.outputCount, settings.loss, reach)
    }
    if let augmentation = settings.augmentation {
      let rows = Array(0..<min(count, 64))
      let features = examples.features.selectingRows(rows)
      let changed = augmentation.applied(
        to: features, layout: examples.pictures, examples: rows[...],
        key: settings.key["augmentation"][0])
      let mean = features.mean(alongAxes: [0], keepingAxes: true)
      self.augmentation =
        (changed - features).meanSquare / max((features - mean).meanSquare, 1e-300)
    }
  }

  private static func sortedness(_ targets: [Double], areClasses: Bool) -> Double {
    guard targets.count > 2 else { return 0 }
    let pairs = Double(targets.count - 1)
    if areClasses {
      let same = Double(zip(targets, targets.dropFirst()).count { $0 == $1 }) / pairs
      let counts = targets.reduce(into: [Double: Double]()) { $0[$1, default: 0] += 1 }
      let chance = counts.values.reduce(0) {
        $0 + $1 * $1 / Double(targets.count * targets.count)
      }
      return chance < 1 ? (same - chance) / (1 - chance) : 0
    }
    let mean = targets.reduce(0, +) / Double(targets.count)
    let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let product = zip(targets, targets.dropFirst()).reduce(0) {
      $0 + ($1.0 - mean) * ($1.1 - mean)
    }
    return variance > 0 ? product / variance : 0
  }

  private static func isFunction<Scalar: TrainableScalar>(
    _ examples: Examples<Scalar>, _ targets: [Double], _ width: Int
  ) -> Bool {
    let features = examples.features.scalars.map(\.real)
    let size = features.count / examples.count
    var known: [[Double]: [Double]] = [:]
    for row in 0..<examples.count {
      let key = Array(features[row * size..<(row + 1) * size])
      let target = Array(targets[row * width..<(row + 1) * width])
      if let other = known.updateValue(target, forKey: key), other != target { return false }
    }
    return true
  }

  /// The values if they look like class numbers.
  private static func levels(of targets: [Double]) -> [Double]? {
    guard targets.count >= 32 else { return nil }
    var counts: [Double: Int] = [:]
    for target in targets {
      counts[target, default: 0] += 1
      if counts.count > 20 { return nil }
    }
    let values = counts.keys.sorted()
    guard values.count >= 2 else { return nil }
    if values.count == 2 { return values }
    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
    let (least, most) = (steps.min() ?? 0, steps.max() ?? 0)
    let (rarest, commonest) = (counts.values.min() ?? 0, counts.values.max() ?? 0)
    return most < 1.001 * least && 2 * rarest >= commonest ? values : nil
  }

  /// What the hundredth of the targets that is farthest from the median contributes to the mean square from there.
  private mutating func measureOutliers(_ targets: [Double]) {
    guard targets.count >= 50, targets.allSatisfy(\.isFinite) else { return }
    let middle = targets.sorted()[targets.count / 2]
    let distances = targets.map { abs($0 - middle) }
    let order = distances.indices.sorted { (distances[$1], $0) < (distances[$0], $1) }
    let whole = distances.reduce(0) { $0 + $1 * $1 }
    guard whole > 0 else { return }
    let farthest = order.prefix((targets.count + 99) / 100)
    outlierShare = farthest.reduce(0) { $0 + distances[$1] * distances[$1] } / whole
    outlierRows = Array(farthest.prefix(5))
    (median, medianDistance) = (middle, distances[order[targets.count / 2]])
  }

  /// The mean over the rows of -Σ t log (t / Σ t): no softmax costs less.
  private static func entropy(ofShares targets: [Double], _ width: Int) -> Double {
    func term(_ x: Double) -> Double { x > 0 ? x * log(x) : 0 }
    let rows = stride(from: 0, to: targets.count, by: width).map { start -> Double in
      let row = targets[start..<start + width]
      return term(row.reduce(0, +)) - row.reduce(0) { $0 + term($1) }
    }
    return rows.reduce(0, +) / Double(max(rows.count, 1))
  }

  /// The mean over the examples of the smallest loss that a bounded output can have.
  private static func floor(
    _ targets: [Double], _ width: Int, _ outputs: Int, _ loss: LossFunction,
    _ reach: NetworkFacts.Reach
  ) -> Double? {
    let (lower, upper) = (reach.lower, reach.upper)
    switch loss.output {
    case .softmax:
      guard upper.isFinite, outputs > 1, width == 1 else { return 0 }
      return log(1 + Double(outputs - 1) * exp(lower - upper))
    case .sigmoid:
      let costs = targets.map { target -> Double in
        let best =
          target <= 0 ? -Double.infinity : target >= 1 ? .infinity : log(target / (1 - target))
        let logit = min(max(best, lower), upper)
        guard logit.isFinite else { return 0 }
        return log1p(exp(-abs(logit))) + max(logit, 0) - target * logit
      }
      return costs.reduce(0, +) / Double(max(targets.count, 1))
    case .linear where loss.targets == .shares:
      // A loss that only compares sides: as far on the right side as the bound lets an output be.
      let farthest = targets.map { $0 > 0.5 ? min(upper, 1e6) : max(lower, -1e6) }
      let shape = Shape([targets.count, 1])
      return loss(Tensor(shape, farthest), Tensor(shape, targets)).scalar
    case .linear where loss.targets == .reals:
      // What is nearest to a target costs least.
      let nearest = targets.map { min(max($0, lower), upper) }
      let shape = Shape([targets.count, 1])
      return loss(Tensor(shape, nearest), Tensor(shape, targets)).scalar
    default: return nil
    }
  }
}
