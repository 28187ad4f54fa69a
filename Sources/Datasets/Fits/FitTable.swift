import Foundation
import Plumbline

/// Examples as rows of numbers: features standardized, targets of mean 0, a column for each class or value.
package struct FitTable {
  package let count: Int, width: Int, columns: Int
  package let areClasses: Bool
  package let features: [Float], targets: [Float]
  /// What was subtracted from the columns of the targets, and the class of each example.
  private let means: [Float], labels: [Int]
  /// What a mistake about an example of each class counts; empty if all count alike.
  private let weights: [Float]
  /// The mistakes of an answer that ignores the features.
  package let base: Double

  /// The table of these rows; without columns if the targets do not vary, or there are too many classes.
  ///
  /// - Parameters:
  ///   - areClasses: Whether the targets, one for each example, are the numbers of classes.
  ///   - cuttingOff: Whether values count as no farther from the others than ten times the median distance.
  ///   - classWeights: What a mistake about an example of each class number counts; empty if all count alike.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init<Scalar: TensorScalar>(
    features given: Tensor<Scalar>, targets: Tensor<Scalar>, areClasses: Bool, cuttingOff: Bool,
    classWeights: [Double] = [], rows: [Int]
  ) {
    count = rows.count
    width = given.count / max(given.shape[0], 1)
    self.areClasses = areClasses
    var values = given.selectingRows(rows).scalars.map { Float($0.real) }
    Self.standardize(&values, rows.count, width, scaling: true)
    features = values
    let raw = targets.selectingRows(rows).scalars.map { Float($0.real) }
    var columns: [Float]
    var number = raw.count / max(rows.count, 1)
    if areClasses {
      let kinds = Set(raw).sorted()
      let index = Dictionary(uniqueKeysWithValues: zip(kinds, kinds.indices))
      labels = raw.map { index[$0] ?? 0 }
      number = kinds.count
      weights =
        classWeights.isEmpty
        ? []
        : kinds.map { kind in
          let own = Int(kind)
          return classWeights.indices.contains(own) ? Float(classWeights[own]) : 1
        }
      guard number > 1, number <= max(64, rows.count / 4) else {
        (self.columns, self.targets, means, base) = (0, [], [], 0)
        return
      }
      columns = [Float](repeating: 0, count: rows.count * number)
      for (row, label) in labels.enumerated() { columns[row * number + label] = 1 }
      var counts = [Double](repeating: 0, count: number)
      for label in labels { counts[label] += weights.isEmpty ? 1 : Double(weights[label]) }
      base = 1 - (counts.max() ?? 0) / max(counts.reduce(0, +), 1e-300)
    } else {
      labels = []
      weights = []
      columns = raw
      base = 1
      if cuttingOff { Self.cutOff(&columns, rows.count, number) }
    }
    means = Self.standardize(&columns, rows.count, number, scaling: !areClasses)
    self.columns = columns.contains { $0 != 0 } ? number : 0
    self.targets = columns
  }

  /// Subtracts the mean of each column, and divides by its deviation if that is requested and not zero.
  @discardableResult
  package static func standardize(
    _ values: inout [Float], _ rows: Int, _ width: Int, scaling: Bool
  ) -> [Float] {
    // Row by row through memory, and by pointers, so that the loops become vector instructions.
    values.withUnsafeMutableBufferPointer { values in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, 3 * width)) { scratch in
        scratch.initialize(repeating: 0)
        guard let cells = values.baseAddress, let means = scratch.baseAddress else {
          return [Float](repeating: 0, count: width)
        }
        let (squares, factors) = (means + width, means + 2 * width)
        for row in 0..<rows {
          let cells = cells + row * width
          for column in 0..<width { means[column] += Double(cells[column]) }
        }
        for column in 0..<width { means[column] /= Double(max(rows, 1)) }
        for row in 0..<rows {
          let cells = cells + row * width
          for column in 0..<width {
            let difference = Double(cells[column]) - means[column]
            squares[column] += difference * difference
          }
        }
        for column in 0..<width {
          let deviation = (squares[column] / Double(max(rows, 1))).squareRoot()
          // A deviation that is only rounding does not count.
          let varies = deviation > 1e-6 * max(abs(means[column]), 1e-30)
          factors[column] = !scaling ? 1 : varies ? 1 / deviation : 0
        }
        for row in 0..<rows {
          let cells = cells + row * width
          for column in 0..<width {
            cells[column] = Float((Double(cells[column]) - means[column]) * factors[column])
          }
        }
        return (0..<width).map { Float(means[$0]) }
      }
    }
  }

  /// Moves values that are farther from their column's median than ten times the median distance to exactly that distance.
  package static func cutOff(_ values: inout [Float], _ rows: Int, _ width: Int) {
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
  package func mistakes(of predictions: [Float], rows: [Int]? = nil) -> Double {
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
    // The share of a class, times its weight: what costs least on average.
    func value(_ row: Int, _ column: Int) -> Float {
      (predictions[row * columns + column] + means[column])
        * (weights.isEmpty ? 1 : weights[column])
    }
    var (wrong, all) = (0.0, 0.0)
    for row in rows {
      let answer = (0..<columns).max { value(row, $0) < value(row, $1) }
      let weight = weights.isEmpty ? 1 : Double(weights[labels[row]])
      all += weight
      if answer != labels[row] { wrong += weight }
    }
    return wrong / max(all, 1e-300)
  }

  /// The mistakes of closed-form fits on the half of the examples that they have not seen, for the better of both kernels.
  ///
  /// - Parameter ignored: Features that are withheld from them.
  package func heldOutMistakes(ignoring ignored: [Int] = []) -> Double {
    var own = features
    for row in 0..<count {
      for feature in ignored { own[row * width + feature] = 0 }
    }
    let products = KernelFit.products(of: Tensor([count, width], own))
    let halves = (0...1).map { part in (0..<count).filter { $0 % 2 == part } }
    return KernelFit.Kernel.allCases.map { kernel in
      let wrong = (0...1).map { part in
        let asked = halves[1 - part]
        let answers = KernelFit.answers(
          kernel, for: asked, from: halves[part], products: products, targets: targets,
          columns: columns)
        return mistakes(of: answers, rows: asked) * Double(asked.count)
      }
      return wrong.reduce(0, +) / Double(count)
    }.min() ?? 1
  }

  /// The answers of the best affine function, by least squares, on the examples themselves.
  package func affineFit() -> [Float] {
    let size = width + 1
    // As many parameters as examples can fit anything.
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
