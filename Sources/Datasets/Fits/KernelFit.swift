import Foundation
import Plumbline

/// A fit in closed form, judged on examples that it has not seen: ridge regression with a kernel, fitted on each of two halves of
/// the examples to predict the other.
///
/// With the linear kernel this is the best affine function; with the arc-cosine kernel, applied twice, an infinitely wide network
/// with two hidden layers of ReLUs whose last layer is trained (Cho and Saul, Kernel methods for deep learning, 2009). It involves
/// no step size, initial scale or luck, so it shows what there is to learn, independent of how a run went about it. Permuted
/// targets go through the same fit, and show what chance alone gives.
package struct KernelFit {
  /// Which functions are fitted.
  package enum Kernel: CaseIterable { case linear, wideNetwork }

  /// The answers on the half that was left out, `[examples, columns]`.
  package let predictions: [Float]
  /// How strongly answers and targets are correlated, in standard deviations of what permuted targets give.
  package let strength: Float

  /// The share of the mean diagonal that is added to it.
  package static var ridge: Float { 1e-2 }
  private static var permutationColumns: Int { 12 }

  /// The fit of `targets`, `[count, columns]` of mean 0, from examples with these products.
  ///
  /// - Parameters:
  ///   - products: What ``products(of:)`` gives.
  ///   - order: The examples in a random order; every other one is in the same half.
  /// - Complexity: O(count³ + count² · columns).
  package init(
    _ kernel: Kernel, products: Tensor<Float>, targets: [Float], columns: Int, order: [Int]
  ) {
    let count = order.count
    let halves = [
      order.indices.filter { $0 % 2 == 0 }.map { order[$0] },
      order.indices.filter { $0 % 2 == 1 }.map { order[$0] },
    ]
    var gram = products.scalars
    if kernel == .wideNetwork { for _ in 0..<2 { Self.replaceByArcCosine(&gram, count) } }
    // The targets and permutations of them side by side: one factorization serves them all.
    let copies = max(2, Self.permutationColumns / columns)
    let total = columns * (copies + 1)
    var sides = [Float](repeating: 0, count: count * total)
    for row in 0..<count {
      for copy in 0...copies {
        // A rotation of a random order is a permutation that is independent of everything else.
        let position = copy == 0 ? row : Self.rotated(row, by: copy * count / (copies + 1), order)
        for column in 0..<columns {
          sides[row * total + copy * columns + column] = targets[position * columns + column]
        }
      }
    }
    var answers = [Float](repeating: 0, count: count * total)
    for side in 0...1 {
      Self.answer(for: halves[1 - side], from: halves[side], gram, count, sides, total, &answers)
    }
    let correlations = (0...copies).map { copy in
      Self.correlation(answers, sides, columns: copy * columns..<(copy + 1) * columns, of: total)
    }
    predictions = (0..<count).flatMap { row in
      (0..<columns).map { answers[row * total + $0] }
    }
    let square = correlations.dropFirst().reduce(0) { $0 + $1 * $1 } / Float(copies)
    // A few permutations may lie close to zero by chance: a correlation varies by at least 1/√n.
    let deviation = max(square.squareRoot(), 1 / Float(count).squareRoot())
    strength = correlations[0] / deviation
  }

  private static func rotated(_ row: Int, by shift: Int, _ order: [Int]) -> Int {
    // `order` is a permutation: the example that is `shift` positions after position `row` in it.
    order[(row + shift) % order.count]
  }

  /// The products of the examples with each other over their width, and 1 for a bias, `[count, count]`.
  ///
  /// - Parameter features: Standardized, `[count, width]`.
  package static func products(of features: Tensor<Float>) -> Tensor<Float> {
    matmul(features, features, transposingSecond: true) / Double(features.shape[1]) + 1
  }

  /// E[2 relu(u) relu(v)] for normal u and v of these second moments, which keeps the diagonal.
  private static func replaceByArcCosine(_ gram: inout [Float], _ count: Int) {
    let lengths = (0..<count).map { gram[$0 * count + $0].squareRoot() }
    gram.withUnsafeMutableBufferPointer { gram in
      lengths.withUnsafeBufferPointer { lengths in
        for row in 0..<count {
          for start in stride(from: 0, to: row, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, row - start)
            let scale = lengths[row] * Self.lanes(lengths, start, lanes)
            let product = Self.lanes(UnsafeBufferPointer(gram), row * count + start, lanes)
            let values = arcCosine(product, scale.replacing(with: 1e-30, where: scale .< 1e-30))
            for lane in 0..<lanes {
              gram[row * count + start + lane] = values[lane]
              gram[(start + lane) * count + row] = values[lane]
            }
          }
        }
      }
    }
  }

  /// This many values from here on as a vector, and zeros after them.
  private static func lanes(
    _ values: UnsafeBufferPointer<Float>, _ start: Int, _ count: Int
  ) -> Lanes {
    guard count == Lanes.scalarCount else {
      return (0..<count).reduce(into: Lanes.zero) { $0[$1] = values[start + $1] }
    }
    return UnsafeRawBufferPointer(values).loadUnaligned(
      fromByteOffset: start * MemoryLayout<Float>.stride, as: Lanes.self)
  }

  typealias Lanes = SIMD8<Float>

  /// E[2 relu(u) relu(v)] for normal u and v with this product and product of deviations.
  static func arcCosine(_ product: Lanes, _ scale: Lanes) -> Lanes {
    let cosine = (product / scale).clamped(
      lowerBound: Lanes(repeating: -1), upperBound: Lanes(repeating: 1))
    let sine = (1 - cosine * cosine).squareRoot()
    // The angle to 2e-8, in vector instructions: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.4.46.
    let size = cosine.replacing(with: -cosine, where: cosine .< 0)
    var series = Lanes(repeating: -0.001_262_491_1)
    for coefficient: Float in [
      0.006_670_090_1, -0.017_088_125_6, 0.030_891_881_0, -0.050_174_304_6, 0.088_978_987_4,
      -0.214_598_801_6, 1.570_796_305_0,
    ] {
      series = series * size + coefficient
    }
    let acute = (1 - size).squareRoot() * series
    // π minus the angle.
    let supplement = acute.replacing(with: .pi - acute, where: cosine .>= 0)
    return scale * (sine + supplement * cosine) / .pi
  }

  /// What the examples `known` say about the examples `asked`: rows for all examples; those of `asked` hold answers.
  ///
  /// - Parameters:
  ///   - products: What ``products(of:)`` gives.
  ///   - targets: `[examples, columns]` of mean 0.
  ///   - ridge: The share of the mean diagonal that is added to it.
  package static func answers(
    _ kernel: Kernel, for asked: [Int], from known: [Int], products: Tensor<Float>,
    targets: [Float], columns: Int, ridge: Float = KernelFit.ridge
  ) -> [Float] {
    let count = products.shape[0]
    var gram = products.scalars
    if kernel == .wideNetwork { for _ in 0..<2 { replaceByArcCosine(&gram, count) } }
    var answers = [Float](repeating: 0, count: count * columns)
    answer(for: asked, from: known, gram, count, targets, columns, &answers, ridge: ridge)
    return answers
  }

  /// Solves (K + ridge) a = targets on `known`, and writes K a for `asked`.
  private static func answer(
    for asked: [Int], from known: [Int], _ gram: [Float], _ count: Int, _ sides: [Float],
    _ total: Int, _ answers: inout [Float], ridge: Float = KernelFit.ridge
  ) {
    let size = known.count
    var matrix = [Float](repeating: 0, count: size * size)
    var trace: Float = 0
    for row in 0..<size {
      for column in 0...row {
        matrix[row * size + column] = gram[known[row] * count + known[column]]
      }
      trace += matrix[row * size + row]
    }
    let added = ridge * trace / Float(max(size, 1))
    for row in 0..<size { matrix[row * size + row] += added }
    let solution = CholeskyFactor(matrix, size: size).solution(
      known.flatMap { sides[$0 * total..<($0 + 1) * total] }, columns: total)
    let weights = asked.flatMap { row in known.map { gram[row * count + $0] } }
    matmul(Tensor([asked.count, size], weights), Tensor([size, total], solution)).withValues {
      products in
      for (row, example) in asked.enumerated() {
        for column in 0..<total {
          answers[example * total + column] = products[row * total + column]
        }
      }
    }
  }

  /// The correlation of answers and targets over all cells of these columns.
  private static func correlation(
    _ answers: [Float], _ sides: [Float], columns: Range<Int>, of total: Int
  ) -> Float {
    var (product, answer, side): (Float, Float, Float) = (0, 0, 0)
    for start in stride(from: 0, to: answers.count, by: total) {
      for column in columns {
        let (a, b) = (answers[start + column], sides[start + column])
        product += a * b
        answer += a * a
        side += b * b
      }
    }
    return answer > 0 && side > 0 ? product / (answer * side).squareRoot() : 0
  }
}
