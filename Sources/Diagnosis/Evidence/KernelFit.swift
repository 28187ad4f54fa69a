import Foundation

/// A fit in closed form, judged on examples that it has not seen: ridge regression with a kernel, in two halves of the examples, each of
/// which answers for the other.
///
/// With the linear kernel this is the best affine function; with the arc-cosine kernel, applied twice, an infinitely wide network with two
/// hidden layers of ReLUs whose last layer is trained (Cho and Saul, Kernel methods for deep learning, 2009). No step size, no
/// initial scale and no luck is in it, so it tells what there is to learn apart from how a run went about it. Permuted targets
/// go through the same fit, and say what chance alone gives.
struct KernelFit {
  /// Which functions are fitted.
  enum Kernel: CaseIterable { case linear, wideNetwork }

  /// The answers on the half that was left out, `[examples, columns]`.
  let predictions: [Float]
  /// How strongly answers and targets go together, in standard deviations of what permuted targets give.
  let strength: Float

  /// The share of the mean diagonal that is added to it.
  private static var ridge: Float { 1e-2 }
  private static var permutationColumns: Int { 12 }

  /// The fit of `targets`, `[count, columns]` of mean 0, from `features`, `[count, width]` standardized.
  ///
  /// - Parameter order: The examples in an order that chance has made; every other one is in the same half.
  /// - Complexity: O(count³ + count² · (width + columns)).
  init(
    _ kernel: Kernel, features: [Float], width: Int, targets: [Float], columns: Int,
    order: [Int]
  ) {
    let count = order.count
    let halves = [
      order.indices.filter { $0 % 2 == 0 }.map { order[$0] },
      order.indices.filter { $0 % 2 == 1 }.map { order[$0] },
    ]
    let gram = Self.gram(kernel, features, width: width, count: count)
    // The targets and permutations of them side by side: one factorization serves all.
    let copies = max(2, Self.permutationColumns / columns)
    let total = columns * (copies + 1)
    var sides = [Float](repeating: 0, count: count * total)
    for row in 0..<count {
      for copy in 0...copies {
        // A rotation of an order that chance has made is a permutation that nothing knows of.
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
    // A few permutations may lie close to zero by chance: a correlation varies by 1/√n at least.
    let deviation = max(square.squareRoot(), 1 / Float(count).squareRoot())
    strength = correlations[0] / deviation
  }

  private static func rotated(_ row: Int, by shift: Int, _ order: [Int]) -> Int {
    // `order` is a permutation: the example that is `shift` further on in it than at position `row`.
    order[(row + shift) % order.count]
  }

  private static func gram(
    _ kernel: Kernel, _ features: [Float], width: Int, count: Int
  ) -> [Float] {
    var gram = [Float](repeating: 0, count: count * count)
    features.withUnsafeBufferPointer { features in
      for row in 0..<count {
        for other in 0...row {
          let product =
            dot(features, row * width, features, other * width, width) / Float(width) + 1
          gram[row * count + other] = product
          gram[other * count + row] = product
        }
      }
    }
    guard kernel == .wideNetwork else { return gram }
    for _ in 0..<2 { gram = arcCosine(gram, count) }
    return gram
  }

  /// E[2 relu(u) relu(v)] for normal u and v of these second moments, which keeps the diagonal.
  private static func arcCosine(_ gram: [Float], _ count: Int) -> [Float] {
    let lengths = (0..<count).map { gram[$0 * count + $0].squareRoot() }
    var result = gram
    for row in 0..<count {
      for other in 0..<row {
        let scale = lengths[row] * lengths[other]
        let cosine = max(-1, min(1, gram[row * count + other] / max(scale, 1e-30)))
        let sine = (1 - cosine * cosine).squareRoot()
        let value = scale * (sine + (Float.pi - acos(cosine)) * cosine) / .pi
        result[row * count + other] = value
        result[other * count + row] = value
      }
    }
    return result
  }

  /// Solves (K + ridge) a = targets on `known`, and writes K a for `asked`.
  private static func answer(
    for asked: [Int], from known: [Int], _ gram: [Float], _ count: Int, _ sides: [Float],
    _ total: Int, _ answers: inout [Float]
  ) {
    let size = known.count
    var factor = [Float](repeating: 0, count: size * size)
    var trace: Float = 0
    for row in 0..<size {
      for column in 0...row {
        factor[row * size + column] = gram[known[row] * count + known[column]]
      }
      trace += factor[row * size + row]
    }
    let added = ridge * trace / Float(max(size, 1))
    for row in 0..<size { factor[row * size + row] += added }
    var solution = [Float](repeating: 0, count: size * total)
    for row in 0..<size {
      for column in 0..<total {
        solution[row * total + column] = sides[known[row] * total + column]
      }
    }
    factorize(&factor, size)
    solve(factor, size, &solution, total)
    for row in asked {
      for position in 0..<size {
        let weight = gram[row * count + known[position]]
        for column in 0..<total {
          answers[row * total + column] += weight * solution[position * total + column]
        }
      }
    }
  }

  /// Cholesky's factor of a symmetric positive matrix, in its lower half.
  static func factorize(_ matrix: inout [Float], _ size: Int) {
    matrix.withUnsafeMutableBufferPointer { values in
      for row in 0..<size {
        for column in 0...row {
          let product = dot(
            UnsafeBufferPointer(values), row * size, UnsafeBufferPointer(values), column * size,
            column)
          let rest = values[row * size + column] - product
          values[row * size + column] =
            row == column
            ? max(rest, 1e-30).squareRoot() : rest / values[column * size + column]
        }
      }
    }
  }

  /// Solves L Lᵀ x = b for `total` columns side by side.
  static func solve(_ factor: [Float], _ size: Int, _ sides: inout [Float], _ total: Int) {
    sides.withUnsafeMutableBufferPointer { sides in
      factor.withUnsafeBufferPointer { factor in
        for row in 0..<size {
          for position in 0..<row {
            let weight = factor[row * size + position]
            for column in 0..<total {
              sides[row * total + column] -= weight * sides[position * total + column]
            }
          }
          for column in 0..<total { sides[row * total + column] /= factor[row * size + row] }
        }
        for row in (0..<size).reversed() {
          for column in 0..<total { sides[row * total + column] /= factor[row * size + row] }
          for position in 0..<row {
            let weight = factor[row * size + position]
            for column in 0..<total {
              sides[position * total + column] -= weight * sides[row * total + column]
            }
          }
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

  /// The product of two rows, eight numbers at a time.
  @inline(__always)
  private static func dot(
    _ a: UnsafeBufferPointer<Float>, _ i: Int, _ b: UnsafeBufferPointer<Float>, _ j: Int,
    _ count: Int
  ) -> Float {
    guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
    let (first, second) = (UnsafeRawPointer(a + i), UnsafeRawPointer(b + j))
    var sums = SIMD8<Float>.zero
    let whole = count & ~7
    for position in stride(from: 0, to: 4 * whole, by: 32) {
      sums.addProduct(
        first.loadUnaligned(fromByteOffset: position, as: SIMD8<Float>.self),
        second.loadUnaligned(fromByteOffset: position, as: SIMD8<Float>.self))
    }
    var sum = sums.sum()
    for position in whole..<count { sum += a[i + position] * b[j + position] }
    return sum
  }
}
