import Datasets
import Foundation
import Plumbline
import Training

/// How mistakes on unseen examples depend on confidence, for binary targets: what distinguishes flipped labels
/// from classes that overlap.
///
/// Where classes overlap, mistakes become rare away from the border: the most confident half of the examples has
/// half as many mistakes per example, or fewer. Labels flipped at random are wrong anywhere, so that this half has as
/// many as the other. Source: Bayes' error as the mean of min(p, 1 - p) over the examples, which is the same everywhere in the
/// second case.
public struct NoiseProfile: Codable, Sendable, Hashable {
  /// The share of wrong answers of the best method.
  public let error: Double
  /// The mistakes of the most confident half, and quarter, over those of all; the least of the
  /// methods that do about as well as the best.
  public let halfRatio: Double, quarterRatio: Double
  /// The number of examples answered.
  public let count: Int
  /// Whether a feature with few values is related to the label: then probabilities jump from value to value, and are constant in
  /// between.
  public let hasSteps: Bool

  /// Whether mistakes are as frequent where answers are confident, up to chance.
  ///
  /// - Parameter own: The mistakes in the half on which the network itself is most confident, over all of its mistakes.
  public func isFlat(own: Double) -> Bool {
    guard !hasSteps, quarterRatio > 0.62, halfRatio > 0.74 else { return false }
    // The worse a method does, the less it knows where it is right: for classes that hardly differ, confidence means nothing.
    return halfRatio + own > 1.6 + max(0, error - 0.3)
  }

  /// Whether so many mistakes are made where answers are confident that classes do not merely overlap: then the confident half would
  /// have half as many, or fewer, for each example.
  public var isSpread: Bool {
    guard !hasSteps, quarterRatio > 0.72, halfRatio > 0.78 else { return false }
    let half = error * Double(count) / 2
    let own = halfRatio * half
    return own - 1.645 * own.squareRoot() > 0.5 * half
  }

  private static var neighborCount: Int { 15 }
  /// With a smaller one, noise in the labels would be memorized.
  private static var ridge: Float { 0.3 }

  /// The profile of at most `limit` examples; `nil` for fewer than 200, for targets that are not 0 and 1, and values that are not
  /// finite.
  ///
  /// - Complexity: O(limit³ + limit² · features).
  init?<Scalar: TrainableScalar>(
    of examples: Examples<Scalar>, loss: LossFunction, limit: Int, key: Key
  ) {
    guard min(limit, examples.count) >= 200, examples.targets.count == examples.count,
      loss.areClasses, examples.features.isFinite
    else { return nil }
    let rows = Array(key["noise"].permutation(examples.count).prefix(limit)).sorted()
    let table = FitTable(examples, loss: loss, rows: rows)
    let labels = examples.targets.selectingRows(rows).scalars.map { $0.real > 0.5 }
    guard table.columns == 2 || table.columns == 1 else { return nil }
    let count = rows.count
    self.count = count
    let products = KernelFit.products(of: Tensor([count, table.width], table.features))
    let order = key["noise halves"].permutation(count)
    let halves = (0...1).map { part in order.indices.filter { $0 % 2 == part }.map { order[$0] } }
    let share = Float(labels.count { $0 }) / Float(count)
    let sides = labels.map { ($0 ? 1 : 0) - share }
    var profiles: [(error: Double, half: Double, quarter: Double)] = []
    for kernel in KernelFit.Kernel.allCases {
      var answers = [Float](repeating: 0, count: count)
      for part in 0...1 {
        let asked = halves[1 - part]
        let own = KernelFit.answers(
          kernel, for: asked, from: halves[part], products: products, targets: sides, columns: 1,
          ridge: Self.ridge)
        for row in asked { answers[row] = own[row] + share - 0.5 }
      }
      profiles.append(Self.profile(answers, labels))
    }
    profiles.append(Self.profile(Self.votes(products, labels), labels))
    let best = profiles.map(\.error).min() ?? 1
    let good = profiles.filter { $0.error < best + 0.03 }
    error = best
    halfRatio = good.map(\.half).min() ?? 0
    quarterRatio = good.map(\.quarter).min() ?? 0
    hasSteps = Self.hasSteps(table, labels)
  }

  /// The mistakes of answers whose sign is the class and whose size is the confidence.
  private static func profile(
    _ answers: [Float], _ labels: [Bool]
  ) -> (error: Double, half: Double, quarter: Double) {
    let count = answers.count
    let isWrong = answers.indices.map { (answers[$0] > 0) != labels[$0] }
    let order = answers.indices.sorted {
      (abs(answers[$1]), $0) < (abs(answers[$0]), $1)
    }
    func share(_ number: Int) -> Double {
      Double(order.prefix(number).count { isWrong[$0] }) / Double(max(number, 1))
    }
    let error = share(count)
    return (error, share(count / 2) / max(error, 1e-9), share(count / 4) / max(error, 1e-9))
  }

  /// The share of yes among the nearest neighbors of each example, its own label excepted, less one half.
  private static func votes(_ products: Tensor<Float>, _ labels: [Bool]) -> [Float] {
    let count = labels.count
    return products.withValues { products in
      (0..<count).map { row -> Float in
        var nearest = [(distance: Float, row: Int)](
          repeating: (.infinity, row), count: neighborCount)
        for other in 0..<count where other != row {
          let distance = products[other * count + other] - 2 * products[row * count + other]
          guard distance < nearest[neighborCount - 1].distance else { continue }
          var slot = neighborCount - 1
          while slot > 0, nearest[slot - 1].distance > distance {
            nearest[slot] = nearest[slot - 1]
            slot -= 1
          }
          nearest[slot] = (distance, other)
        }
        return Float(nearest.count { labels[$0.row] }) / Float(neighborCount) - 0.5
      }
    }
  }

  /// Whether a feature of at most five values has a different share of yes at some of them, beyond chance.
  private static func hasSteps(_ table: FitTable, _ labels: [Bool]) -> Bool {
    let share = Double(labels.count { $0 }) / Double(labels.count)
    return (0..<table.width).contains { feature in
      var counts: [Float: (yes: Double, all: Double)] = [:]
      for (row, label) in labels.enumerated() {
        let value = table.features[row * table.width + feature]
        let own = counts[value] ?? (0, 0)
        counts[value] = (own.yes + (label ? 1 : 0), own.all + 1)
        if counts.count > 5 { return false }
      }
      return counts.values.contains { yes, all in
        abs(yes - share * all) > 4 * (all * share * (1 - share)).squareRoot()
      }
    }
  }
}
