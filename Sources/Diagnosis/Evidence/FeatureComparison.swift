import Datasets
import Foundation
import Plumbline
import Training

/// The correlations of targets with single features, and with products of features, next to what chance gives for the most extreme of as many
/// comparisons.
struct FeatureComparison {
  private typealias Relation = FitReference.Relation

  private let table: FitTable
  /// The sum of squares of each target.
  private let squares: [Float]
  /// The product that is related to the targets most strongly, beyond reasonable doubt.
  private(set) var product: FitReference.FeatureProduct?
  /// The largest correlation of a feature with the order of many classes: each grade is rare, and each age, but they rise with a feature.
  /// `nil` for few classes.
  private(set) var order: Double?
  /// The same for three classes or more.
  private(set) var classOrder: Double?

  /// Products of two features are compared up to this many features, and this many products of all examples.
  private static let pairLimit = 64, productLimit = 40_000_000

  init(_ table: FitTable) {
    self.table = table
    squares =
      table.columns > 0
      ? Tensor([table.count, table.columns], table.targets).squared().sum(alongAxes: [0]).scalars
      : []
  }

  private var root: Double { Double(table.count).squareRoot() }

  /// How many standard deviations the most extreme of this many comparisons is beyond what chance gives for it, so that 1 is usual.
  private static func strength(_ deviations: Double, among count: Int) -> Double {
    deviations - expectedMaximum(of: count) + 1
  }

  /// The smallest correlation of a single feature that has this strength.
  func correlation(ofStrength strength: Double) -> Double {
    let deviations =
      strength - 1 + Self.expectedMaximum(of: table.width * table.comparedTargets)
    return min(1, deviations / max(root, 1))
  }

  /// About the largest absolute value of this many normal numbers.
  static func expectedMaximum(of count: Int) -> Double {
    (2 * log(2 * Double(max(count, 1)))).squareRoot()
  }

  /// The largest correlation of one of the compared targets with one of these columns, `[examples, n]` of standard deviation 1, and the
  /// index of that column.
  private func largestCorrelation(with values: Tensor<Float>) -> (value: Double, column: Int) {
    let width = values.shape[1]
    let targets = Tensor([table.count, table.columns], table.targets)
    let sums = matmul(targets, values, transposingFirst: true).scalars
    var largest: (value: Float, column: Int) = (0, 0)
    for target in 0..<table.comparedTargets where squares[target] > 0 {
      let scale = (squares[target] * Float(table.count)).squareRoot()
      for column in 0..<width {
        let value = abs(sums[target * width + column]) / scale
        if value > largest.value { largest = (value, column) }
      }
    }
    return (Double(largest.value), largest.column)
  }

  /// The largest correlation of a feature, and of a feature's distance from its mean, with a target.
  func singleFeatures() -> [FitReference.Relation] {
    guard table.columns > 0, table.count > 2 else { return [] }
    let shape: Shape = [table.count, table.width]
    let count = table.width * table.comparedTargets
    let largest = largestCorrelation(with: Tensor(shape, table.features)).value
    // Cut off at three deviations: otherwise a pixel that only one example has set would be as far from its mean as all others
    // together.
    var distances = table.features.map { min($0 * $0, 9) }
    FitTable.standardize(&distances, table.count, table.width, scaling: true)
    let largestDistance = largestCorrelation(with: Tensor(shape, distances)).value
    return [
      Relation(test: "a single feature", strength: Self.strength(largest * root, among: count)),
      Relation(
        test: "a feature's distance from its mean",
        strength: Self.strength(largestDistance * root, among: count)),
    ]
  }

  /// How strongly the order of many classes is related to a feature.
  mutating func orderOfClasses() -> FitReference.Relation? {
    guard table.areClasses, table.columns > 2, table.count > 2 else { return nil }
    var order = (0..<table.count).map { row -> Float in
      let targets = table.targets[row * table.columns..<(row + 1) * table.columns]
      return Float((targets.indices.max { targets[$0] < targets[$1] } ?? 0) - targets.startIndex)
    }
    FitTable.standardize(&order, table.count, 1, scaling: true)
    let sums = matmul(
      Tensor([1, table.count], order), Tensor([table.count, table.width], table.features)
    ).scalars
    let largest = sums.map { Double(abs($0)) / Double(table.count) }.max() ?? 0
    classOrder = largest
    guard table.columns > table.comparedTargets else { return nil }
    self.order = largest
    return Relation(
      test: "a single feature with the order of the classes",
      strength: Self.strength(largest * root, among: table.width))
  }

  /// The largest correlation of a product of two features with a target: that of an exclusive or, among others. `nil` for many features.
  mutating func pairs() -> FitReference.Relation? {
    let width = table.width
    let count = width * (width - 1) / 2
    guard table.columns > 0, table.count > 2, (2...Self.pairLimit).contains(width),
      count * table.count <= Self.productLimit
    else { return nil }
    var largest: (value: Double, pair: [Int], values: [Float]) = (0, [], [])
    for first in 0..<width - 1 {
      let others = width - 1 - first
      var products = [Float](repeating: 0, count: table.count * others)
      for row in 0..<table.count {
        for other in 0..<others {
          products[row * others + other] =
            table.features[row * width + first] * table.features[row * width + first + 1 + other]
        }
      }
      FitTable.standardize(&products, table.count, others, scaling: true)
      let found = largestCorrelation(with: Tensor([table.count, others], products))
      if found.value > largest.value {
        largest = (
          found.value, [first, first + 1 + found.column],
          (0..<table.count).map { products[$0 * others + found.column] }
        )
      }
    }
    let strength = Self.strength(largest.value * root, among: count * table.comparedTargets)
    note(largest.pair, of: table, values: largest.values, strength)
    return Relation(test: "a product of two features", strength: strength)
  }

  /// Keeps a product that is related to the targets, if it leaves less than the one before.
  private mutating func note(
    _ features: [Int], of table: FitTable, values: [Float], _ strength: Double
  ) {
    guard FitReference.isRelation(strength) else { return }
    let share = table.mistakes(ofAnswersBy: values)
    if share < product?.share ?? .infinity {
      product = FitReference.FeatureProduct(features: features, share: share)
    }
  }

  /// Of features that take two values each: the largest correlation of a target with a product of any of them, such as a parity, by
  /// the fast Walsh-Hadamard transform. `nil` for other features, and for more than 16.
  mutating func bits<Scalar: TrainableScalar>(
    of examples: Examples<Scalar>, _ loss: LossFunction
  ) -> FitReference.Relation? {
    let width = examples.features.count / examples.count
    guard width <= 16, examples.count >= 2 * width else { return nil }
    let count = examples.count
    var lower = [Scalar](repeating: .zero, count: width)
    var upper = lower
    var codes = [Int](repeating: 0, count: count)
    let isTwoValued = examples.features.withValues { values -> Bool in
      for feature in 0..<width {
        (lower[feature], upper[feature]) = (values[feature], values[feature])
        for row in 0..<count {
          let value = values[row * width + feature]
          lower[feature] = min(lower[feature], value)
          upper[feature] = max(upper[feature], value)
        }
        for row in 0..<count {
          let value = values[row * width + feature]
          guard value == lower[feature] || value == upper[feature] else { return false }
          if value != lower[feature] { codes[row] |= 1 << feature }
        }
      }
      return true
    }
    guard isTwoValued else { return nil }
    let table = FitTable(examples, loss: loss, rows: Array(0..<count))
    guard table.columns > 0 else { return nil }
    var largest: (value: Float, mask: Int) = (0, 0)
    for column in 0..<table.comparedTargets {
      var sums = [Float](repeating: 0, count: 1 << width)
      var square: Float = 0
      for row in 0..<count {
        let target = table.targets[row * table.columns + column]
        sums[codes[row]] += target
        square += target * target
      }
      guard square > 0 else { continue }
      var step = 1
      while step < sums.count {
        for start in stride(from: 0, to: sums.count, by: 2 * step) {
          for position in start..<start + step {
            (sums[position], sums[position + step]) = (
              sums[position] + sums[position + step], sums[position] - sums[position + step]
            )
          }
        }
        step *= 2
      }
      // The first is the sum of all targets, which have mean 0.
      for mask in 1..<sums.count where abs(sums[mask]) / square.squareRoot() > largest.value {
        largest = (abs(sums[mask]) / square.squareRoot(), mask)
      }
    }
    let strength = Self.strength(
      Double(largest.value), among: (1 << width) * table.comparedTargets)
    note(
      (0..<width).filter { largest.mask & 1 << $0 != 0 }, of: table,
      values: codes.map { ($0 & largest.mask).nonzeroBitCount.isMultiple(of: 2) ? 1 : -1 }, strength
    )
    return Relation(test: "a product of bits", strength: strength)
  }
}

extension FitTable {
  /// The number of targets, the first ones, that features are compared with.
  fileprivate var comparedTargets: Int { min(columns, 8) }

  /// The mistakes of the best affine function of one number for each example.
  fileprivate func mistakes(ofAnswersBy values: [Float]) -> Double {
    var values = values
    Self.standardize(&values, count, 1, scaling: true)
    let slopes = (0..<columns).map { column in
      (0..<count).reduce(Float(0)) { $0 + values[$1] * targets[$1 * columns + column] }
        / Float(max(count, 1))
    }
    return mistakes(of: (0..<count).flatMap { row in slopes.map { $0 * values[row] } })
  }
}
