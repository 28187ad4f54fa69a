import Datasets
import Foundation
import Plumbline
import Training

/// What can be learned from the examples, according to methods that have no initial scale, rate or luck: the best affine function,
/// an infinitely wide network, single features, and products of bits.
///
/// What a network has not learned can be its own fault or that of the data. It is its own if one of these does better on examples
/// that it has not seen; only if all of them see nothing, and permuted targets look the same to them, is it reported that there is
/// no relation.
public struct FitReference: Codable, Sendable, Hashable {
  /// The share of wrong answers (mean squared error over the variance, for values) of the affine function and of the wide network
  /// on examples that they have not seen.
  public let linear: Double, wideNetwork: Double
  /// The same for the best answer that ignores the features.
  public let base: Double
  /// The training error of the best affine function; `nil` if not requested.
  public let linearTraining: Double?
  /// How strongly each test sees a relation, in standard deviations under chance, least likely first.
  public let relations: [Relation]
  /// The number of examples fitted, and of all.
  public let exampleCount: Int, allCount: Int
  /// Whether the targets are classes.
  public let areClasses: Bool

  /// The result of one test.
  public struct Relation: Codable, Sendable, Hashable {
    /// The test, in words.
    public let test: String
    /// The standard deviations by which the result exceeds what chance would give for the most extreme of this many comparisons.
    public let strength: Double
  }

  /// The strongest relation seen by any test.
  public var strength: Double { relations.map(\.strength).max() ?? 0 }

  /// Whether features and targets are related, beyond reasonable doubt.
  public var seesRelation: Bool { strength > 4 }
  /// Whether there is no evidence at all for a relation.
  public var seesNothing: Bool { strength < 2.5 }

  /// The better of the fits.
  public var best: Double { min(linear, wideNetwork) }

  /// How many examples are used: by the fits, and by the comparisons of single features.
  struct Limits: Sendable {
    let fit: Int, single: Int

    /// The same with at least this many examples for the fits: showing what an affine network cannot do takes more of them.
    func fit(atLeast count: Int) -> Limits { Limits(fit: max(fit, count), single: single) }
  }

  /// The references of at most `limits` examples; `nil` for fewer than 24, or targets that do not vary. All values have
  /// to be finite.
  ///
  /// - Parameter fitsAffine: Whether the best affine function is fitted to all chosen examples too.
  /// - Complexity: O(limits.fit³ + limits.single · features), and O(examples · features) where features are bits.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init?<Scalar: TrainableScalar>(
    of examples: Examples<Scalar>, loss: LossFunction, limits: Limits, fitsAffine: Bool, key: Key
  ) {
    let count = min(limits.fit, examples.count)
    guard count >= 24 else { return nil }
    // At random rather than evenly spaced: a file in which every second example is of one class would give halves of one class
    // each.
    let chosen = Array(key["examples"].permutation(examples.count).prefix(count)).sorted()
    let table = FitTable(examples, loss: loss, rows: chosen)
    guard table.columns > 0 else { return nil }
    areClasses = table.areClasses
    exampleCount = count
    allCount = examples.count
    base = table.base
    let order = key["halves"].permutation(count)
    let products = KernelFit.products(of: Tensor([count, table.width], table.features))
    func fit(_ kernel: KernelFit.Kernel) -> KernelFit {
      KernelFit(
        kernel, products: products, targets: table.targets, columns: table.columns, order: order)
    }
    let (affine, wide) = (fit(.linear), fit(.wideNetwork))
    linear = table.mistakes(of: affine.predictions)
    wideNetwork = table.mistakes(of: wide.predictions)
    linearTraining = fitsAffine ? table.mistakes(of: table.affineFit()) : nil
    var relations = [
      Relation(test: "a linear fit", strength: Double(affine.strength)),
      Relation(test: "a wide network", strength: Double(wide.strength)),
    ]
    let whole = count == examples.count ? table : nil
    relations += Self.singleFeatures(examples, loss, limits.single, whole, key)
    if let bits = Self.bits(examples, loss) { relations.append(bits) }
    self.relations = relations.sorted { $0.strength > $1.strength }
  }

  // MARK: Single features

  /// The largest correlation of a feature, or of its distance from its mean, with a target.
  private static func singleFeatures<Scalar: TrainableScalar>(
    _ examples: Examples<Scalar>, _ loss: LossFunction, _ most: Int, _ known: FitTable?, _ key: Key
  ) -> [Relation] {
    let width = examples.features.count / examples.count
    let table: FitTable
    if let known {
      table = known
    } else {
      let rows =
        examples.count <= most
        ? Array(0..<examples.count)
        : Array(key["single"].permutation(examples.count).prefix(most)).sorted()
      table = FitTable(examples, loss: loss, rows: rows)
    }
    let count = table.count
    guard table.columns > 0, count > 2 else { return [] }
    let features = Tensor([count, width], table.features)
    let targets = Tensor([count, table.columns], table.targets)
    let squares = targets.squared().sum(alongAxes: [0]).scalars
    /// The largest correlation of one of the first eight targets with one of these values, which have standard deviation 1.
    func largestCorrelation(with values: Tensor<Float>) -> Float {
      let sums = matmul(targets, values, transposingFirst: true).scalars
      return (0..<min(table.columns, 8)).filter { squares[$0] > 0 }.map { column in
        let largest = sums[column * width..<(column + 1) * width].reduce(0) { max($0, abs($1)) }
        return largest / (squares[column] * Float(count)).squareRoot()
      }.max() ?? 0
    }
    let largest = largestCorrelation(with: features)
    // Cut off at three deviations: otherwise a pixel that only one example has set would be as far from its mean as all others
    // together.
    var distances = table.features.map { min($0 * $0, 9) }
    FitTable.standardize(&distances, count, width, scaling: true)
    let largestDistance = largestCorrelation(with: Tensor([count, width], distances))
    let chance = expectedMaximum(of: width * min(table.columns, 8))
    let root = Double(count).squareRoot()
    return [
      Relation(test: "a single feature", strength: Double(largest) * root - chance + 1),
      Relation(
        test: "a feature's distance from its mean",
        strength: Double(largestDistance) * root - chance + 1),
    ]
  }

  /// About the largest absolute value of this many normal numbers.
  private static func expectedMaximum(of count: Int) -> Double {
    (2 * log(2 * Double(max(count, 1)))).squareRoot()
  }

  // MARK: Products of bits

  /// Of features that take two values each: the largest correlation of a target with a product of any of them, such as a parity, by
  /// the fast Walsh-Hadamard transform. `nil` for other features, and for more than 16.
  private static func bits<Scalar: TrainableScalar>(
    _ examples: Examples<Scalar>, _ loss: LossFunction
  ) -> Relation? {
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
    var largest: Float = 0
    for column in 0..<min(table.columns, 8) {
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
      let most = sums.dropFirst().map { abs($0) }.max() ?? 0
      largest = max(largest, most / square.squareRoot())
    }
    return Relation(
      test: "a product of bits",
      strength: Double(largest) - expectedMaximum(of: (1 << width) * min(table.columns, 8)) + 1)
  }
}

extension FitTable {
  /// The table of these examples, as a loss takes their targets.
  init<Scalar: TrainableScalar>(_ examples: Examples<Scalar>, loss: LossFunction, rows: [Int]) {
    self.init(
      features: examples.features, targets: examples.targets,
      areClasses: examples.targets.count == examples.count && loss.areClasses,
      // A loss that does not square errors is not dominated by targets that are far from the others.
      cuttingOff: loss != .meanSquaredError && loss.targets == .reals, rows: rows)
  }
}
