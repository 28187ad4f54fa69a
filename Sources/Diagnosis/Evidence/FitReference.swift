import Foundation
import Plumbline
import Training

/// What can be learned from the examples, as methods tell that have no initial scale, no rate and no luck: the best affine function, an
/// infinitely wide network, single features, and products of bits.
///
/// What a network has not learned can be its own fault or that of the data. It is its own where one of these does better on examples
/// that it has not seen; and only where all of them see nothing, and permuted targets look the same to them, is it said that there is
/// no relation.
public struct FitReference: Codable, Sendable, Hashable {
  /// The share of wrong answers (mean squared error over the variance, for values) of the affine function and of the wide network on
  /// examples that they have not seen.
  public let linear: Double, wideNetwork: Double
  /// The same of the best answer that ignores the features.
  public let base: Double
  /// What the best affine function leaves on the examples that it is fitted to; `nil` where nobody asked.
  public let linearTraining: Double?
  /// How strongly each test sees a relation, in standard deviations of what chance gives, least likely first.
  public let relations: [Relation]
  /// The examples that were fitted, and all.
  public let exampleCount: Int, allCount: Int
  /// Whether the targets are classes.
  public let areClasses: Bool

  /// What one test sees.
  public struct Relation: Codable, Sendable, Hashable {
    /// The test, in words.
    public let test: String
    /// The standard deviations beyond what is to be expected by chance of the most extreme of so many comparisons.
    public let strength: Double
  }

  /// The strongest relation that any test sees.
  public var strength: Double { relations.map(\.strength).max() ?? 0 }

  /// Whether features and targets have to do with each other, beyond reasonable doubt.
  public var seesRelation: Bool { strength > 4 }
  /// Whether nothing at all speaks for a relation.
  public var seesNothing: Bool { strength < 2.5 }

  /// The better one of the fits.
  public var best: Double { min(linear, wideNetwork) }

  /// How many examples are looked at: by the fits, and by the comparisons of single features.
  struct Limits: Sendable {
    let fit: Int, single: Int

    /// The same with this many examples for the fits where that is more: what an affine network cannot do takes more of them to see.
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
    // By chance and not evenly spaced: a file in which every second example is of one class would give halves of one class each.
    let chosen = Array(key["examples"].permutation(examples.count).prefix(count)).sorted()
    let table = Table(examples, loss: loss, rows: chosen)
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
    _ examples: Examples<Scalar>, _ loss: LossFunction, _ most: Int, _ known: Table?, _ key: Key
  ) -> [Relation] {
    let width = examples.features.count / examples.count
    let table: Table
    if let known {
      table = known
    } else {
      let rows =
        examples.count <= most
        ? Array(0..<examples.count)
        : Array(key["single"].permutation(examples.count).prefix(most)).sorted()
      table = Table(examples, loss: loss, rows: rows)
    }
    let count = table.count
    guard table.columns > 0, count > 2 else { return [] }
    let features = Tensor([count, width], table.features)
    let targets = Tensor([count, table.columns], table.targets)
    let squares = targets.squared().sum(alongAxes: [0]).scalars
    /// The largest correlation of one of the first eight targets with one of these, which have deviation 1.
    func largestCorrelation(with values: Tensor<Float>) -> Float {
      let sums = matmul(targets, values, transposingFirst: true).scalars
      return (0..<min(table.columns, 8)).filter { squares[$0] > 0 }.map { column in
        let largest = sums[column * width..<(column + 1) * width].reduce(0) { max($0, abs($1)) }
        return largest / (squares[column] * Float(count)).squareRoot()
      }.max() ?? 0
    }
    let largest = largestCorrelation(with: features)
    // Cut off at three deviations: the pixel that a single example has set would be as far from its mean as all others together.
    var distances = table.features.map { min($0 * $0, 9) }
    Table.standardize(&distances, count, width, scaling: true)
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

  /// About what the largest of so many normal numbers is, in absolute value.
  private static func expectedMaximum(of count: Int) -> Double {
    (2 * log(2 * Double(max(count, 1)))).squareRoot()
  }

  // MARK: Products of bits

  /// Of features that take two values each: the largest correlation of a target with a product of any of them, such as a parity,
  /// by the fast Walsh-Hadamard transform. `nil` for other features, and more than 16.
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
    let table = Table(examples, loss: loss, rows: Array(0..<count))
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
      // The sum of all is that of the targets, which have mean 0.
      let most = sums.dropFirst().map { abs($0) }.max() ?? 0
      largest = max(largest, most / square.squareRoot())
    }
    return Relation(
      test: "a product of bits",
      strength: Double(largest) - expectedMaximum(of: (1 << width) * min(table.columns, 8)) + 1)
  }
}

extension FitReference {
  /// Examples as rows of numbers: features standardized, targets of mean 0, a column for each class or value.
  struct Table {
    let count: Int, width: Int, columns: Int
    let areClasses: Bool
    let features: [Float], targets: [Float]
    /// What was subtracted from the columns of the targets, and the class of each example.
    private let means: [Float], labels: [Int]
    /// The mistakes of an answer that ignores the features.
    let base: Double

    init<Scalar: TrainableScalar>(
      _ examples: Examples<Scalar>, loss: LossFunction, rows: [Int]
    ) {
      count = rows.count
      width = examples.features.count / examples.count
      var values = examples.features.selectingRows(rows).scalars.map { Float($0.real) }
      Self.standardize(&values, rows.count, width, scaling: true)
      features = values
      let raw = examples.targets.selectingRows(rows).scalars.map { Float($0.real) }
      let given = raw.count / max(rows.count, 1)
      areClasses = given == 1 && loss.areClasses
      var columns: [Float]
      var number = given
      if areClasses {
        let kinds = Set(raw).sorted()
        let index = Dictionary(uniqueKeysWithValues: zip(kinds, kinds.indices))
        labels = raw.map { index[$0] ?? 0 }
        number = kinds.count
        guard number > 1, number <= max(64, rows.count / 4) else {
          (self.columns, targets, means, base) = (0, [], [], 0)
          return
        }
        columns = [Float](repeating: 0, count: rows.count * number)
        for (row, label) in labels.enumerated() { columns[row * number + label] = 1 }
        let most = labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }.values.max() ?? 0
        base = 1 - Double(most) / Double(max(rows.count, 1))
      } else {
        labels = []
        columns = raw
        base = 1
        // A loss that does not square what is far away does not care how far that is.
        if loss != .meanSquaredError, loss.targets == .reals {
          Self.cutOff(&columns, rows.count, given)
        }
      }
      means = Self.standardize(&columns, rows.count, number, scaling: !areClasses)
      self.columns = columns.contains { $0 != 0 } ? number : 0
      targets = columns
    }

    /// Subtracts the mean of each column, and divides by its deviation where that is asked for and there is one.
    @discardableResult
    static func standardize(
      _ values: inout [Float], _ rows: Int, _ width: Int, scaling: Bool
    ) -> [Float] {
      var means = [Double](repeating: 0, count: width)
      var squares = means
      for row in 0..<rows {
        for column in 0..<width { means[column] += Double(values[row * width + column]) }
      }
      for column in 0..<width { means[column] /= Double(max(rows, 1)) }
      for row in 0..<rows {
        for column in 0..<width {
          let difference = Double(values[row * width + column]) - means[column]
          squares[column] += difference * difference
        }
      }
      for column in 0..<width {
        let deviation = (squares[column] / Double(max(rows, 1))).squareRoot()
        // A deviation of rounding alone is none.
        let varies = deviation > 1e-6 * max(abs(means[column]), 1e-30)
        let factor = !scaling ? 1 : varies ? 1 / deviation : 0
        for row in 0..<rows {
          let position = row * width + column
          values[position] = Float((Double(values[position]) - means[column]) * factor)
        }
      }
      return means.map { Float($0) }
    }

    /// Moves what is farther from its column's median than ten times the median distance to there.
    static func cutOff(_ values: inout [Float], _ rows: Int, _ width: Int) {
      for column in 0..<width {
        let own = (0..<rows).map { values[$0 * width + column] }
        let median = own.sorted()[rows / 2]
        let distance = own.map { abs($0 - median) }.sorted()[rows / 2]
        guard distance > 0 else { continue }
        for row in 0..<rows {
          let position = row * width + column
          values[position] = min(
            max(values[position], median - 10 * distance), median + 10 * distance)
        }
      }
    }

    /// The share of wrong answers, or of the variance that is left, on all examples or these.
    func mistakes(of predictions: [Float], rows: [Int]? = nil) -> Double {
      guard predictions.count == targets.count else { return base }
      let rows = rows ?? Array(0..<count)
      guard areClasses else {
        var (error, variance) = (0.0, 0.0)
        for row in rows {
          for cell in row * columns..<(row + 1) * columns {
            let (prediction, target) = (predictions[cell], targets[cell])
            error += Double((prediction - target) * (prediction - target))
            variance += Double(target * target)
          }
        }
        return error / max(variance, 1e-300)
      }
      let wrong = rows.count { row in
        let answer = (0..<columns).max { a, b in
          predictions[row * columns + a] + means[a] < predictions[row * columns + b] + means[b]
        }
        return answer != labels[row]
      }
      return Double(wrong) / Double(max(rows.count, 1))
    }

    /// The answers of the best affine function, by least squares, on the examples themselves.
    func affineFit() -> [Float] {
      let size = width + 1
      // As many parameters as examples fit anything.
      guard size < count, width <= 512 else { return targets }
      var matrix = [Float](repeating: 0, count: size * size)
      var sides = [Float](repeating: 0, count: size * columns)
      func value(_ row: Int, _ position: Int) -> Float {
        position < width ? features[row * width + position] : 1
      }
      for row in 0..<count {
        for position in 0..<size {
          let left = value(row, position)
          for other in 0...position { matrix[position * size + other] += left * value(row, other) }
          for column in 0..<columns {
            sides[position * columns + column] += left * targets[row * columns + column]
          }
        }
      }
      for position in 0..<size { matrix[position * size + position] += 1e-4 * Float(count) }
      let solution = CholeskyFactor(matrix, size: size).solution(sides, columns: columns)
      return (0..<count).flatMap { row in
        (0..<columns).map { column in
          (0..<size).reduce(Float(0)) { $0 + value(row, $1) * solution[$1 * columns + column] }
        }
      }
    }
  }
}
