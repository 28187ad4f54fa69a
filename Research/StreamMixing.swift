import Experiments
import Foundation
import Plots
import Plumbline

/// What happens to a signal in n residual streams mixed by a matrix in each layer.
struct StreamMixing: ClaimStudy {
  static let name = "stream-mixing"
  static let claim =
    "freely mixed streams multiply the signal's energy by 1 + nσ² per layer; 20 Sinkhorn iterations preserve the signal's "
    + "sums but not the gradient's; means of permutations preserve both"
  static let source =
    "hyper-connections: Zhu et al. 2024 (arXiv:2409.19606); doubly stochastic ones: Xie et al. 2025 (arXiv:2512.24880); the "
    + "energy's law derived here"
  static let derivation = """
    What happens to a signal in n residual streams mixed by a matrix in each layer. Matrices I + σG multiply its energy by 1 + nσ² \
    per layer, so free mixing explodes with depth. Matrices made doubly stochastic by Sinkhorn's iterations do not, \
    but truncated iterations that end with the rows leave all of their error in the columns: the signal's sums are exact, the \
    gradient's are not. Means of permutations have both exactly.
    """
  static let control = "rows and columns of the product exchanged, and σ of 1.2 times its value"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "7 s", full: "3 s")

  private static let streams = 4

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let n = Self.streams
    // The energy of 60 layers has a long tail.
    let count = effort.choose(quick: 12_000, full: 24_000)
    let depths = [15, 30, 60]
    let deviation = 0.1
    let excess = isControl ? 1.2 : 1
    let energies = try session.means("free", draws: count, key["free"]) { key in
      var product = Tensor<Double>.identity(n)
      var energies: [Double] = []
      for layer in 1...60 {
        let noise: Tensor<Double> = key[layer].normalTensor([n, n])
        product = matmul(Tensor.identity(n) + noise * (deviation * excess), product)
        if depths.contains(layer) { energies.append(product.squared().sum().scalar / Double(n)) }
      }
      return energies
    }
    let growth = MeasuredLaw(
      "free mixing", at: depths, law: { pow(1 + Double(n) * deviation * deviation, $0) },
      means: energies)
    var checks = growth.checks { "free mixing, \($0) layers: energy" }
    // Layers that share their logits up to a little noise, like the layers of a trained net.
    let isExchanged = isControl
    let sums = try session.value("sinkhorn") { [key] in
      [20, 50, 100].map { iterations in
        draws(count / 12) { draw in
          Self.sums(key["sinkhorn"][draw], isExchanged: isExchanged) {
            Self.sinkhorn($0, iterations: iterations)
          }
        }
      }
    }
    for (iterations, draws) in zip([20, 50, 100], sums) {
      checks.append(
        Check(
          "\(iterations) iterations, 30 layers: largest deviation of a row's sum from 1",
          .below, 1e-12, medianOf: draws.map { $0[0] }))
      // The deviation halves about as fast as the iterations grow: the published figures are of one set of logits.
      checks.append(
        Check(
          "\(iterations) iterations, 30 layers: deviation of a column's sum, its 99th percentile",
          .above, iterations == 20 ? 0.2 : 0.01,
          median: MedianInterval(overPartsOf: draws) { part in
            let values = part.map { $0[1] }.sorted()
            return values[min(values.count - 1, values.count * 99 / 100)]
          }))
    }
    let permutations = try session.sample("permutations", draws: 200, key["permutations"]) {
      Self.sums($0, isExchanged: false, Self.permutationMean)
    }
    checks.append(
      Check(
        "means of permutations, 30 layers: largest deviation of a row's or column's sum",
        .below, 1e-12, medianOf: permutations.map { max($0[0], $0[1]) }))
    let chart = Chart(
      title: "Freely mixed streams explode with depth",
      subtitle:
        "\(n) streams, I + \(deviation)·N(0, 1), \(count) draws, ±2 standard errors; dashed: the law",
      x: Axis("layers"), y: Axis("energy of the product", scale: .log10),
      series: growth.series(over: stride(from: 0, through: 60, by: 5)))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The largest deviations from 1 of the row sums and of the column sums of the product of 30 layers' matrices.
  private static func sums(
    _ key: Key, isExchanged: Bool, _ matrix: ([[Double]]) -> [[Double]]
  ) -> [Double] {
    let n = streams
    let base = key["base"].normal(n * n).map { 4 * $0 }
    var product = (0..<n).map { row in (0..<n).map { row == $0 ? 1.0 : 0 } }
    for layer in 0..<30 {
      let noise = key["layer"][layer].normal(n * n)
      let logits = (0..<n).map { row in
        (0..<n).map { base[row * n + $0] + 0.3 * noise[row * n + $0] }
      }
      let mixing = matrix(logits)
      product = (0..<n).map { row in
        (0..<n).map { column in (0..<n).reduce(0) { $0 + mixing[row][$1] * product[$1][column] } }
      }
    }
    let rows = product.map { abs($0.reduce(0, +) - 1) }.max() ?? 0
    let columns =
      (0..<n).map { column in
        abs(product.reduce(0) { $0 + $1[column] } - 1)
      }.max() ?? 0
    return isExchanged ? [columns, rows] : [rows, columns]
  }

  /// exp of the logits, its columns and then its rows divided by their sums, this many times.
  private static func sinkhorn(_ logits: [[Double]], iterations: Int) -> [[Double]] {
    let largest = logits.joined().max() ?? 0
    var matrix = logits.map { $0.map { exp($0 - largest) } }
    for _ in 0..<iterations {
      let columns = matrix[0].indices.map { column in matrix.reduce(0) { $0 + $1[column] } }
      matrix = matrix.map { zip($0, columns).map { $0 / $1 } }
      matrix = matrix.map { row in
        let sum = row.reduce(0, +)
        return row.map { $0 / sum }
      }
    }
    return matrix
  }

  /// The mean of all permutation matrices, weighted by the softmax of the sum of the logits that each picks.
  private static func permutationMean(_ logits: [[Double]]) -> [[Double]] {
    func orders(_ rest: [Int]) -> [[Int]] {
      rest.isEmpty
        ? [[]] : rest.flatMap { first in orders(rest.filter { $0 != first }).map { [first] + $0 } }
    }
    let all = orders(Array(logits.indices))
    let scores = all.map { $0.enumerated().reduce(0) { $0 + logits[$1.offset][$1.element] } }
    let largest = scores.max() ?? 0
    let weights = scores.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    var matrix = logits.map { $0.map { _ in 0.0 } }
    for (order, weight) in zip(all, weights) {
      for (row, column) in order.enumerated() { matrix[row][column] += weight / total }
    }
    return matrix
  }
}
