import Plumbline
import Training

/// A feature, or a few that say the same, by which two classes are told apart with a gap between them, where all the others tell far less.
///
/// A threshold on it is right nearly always, and hardly any example lies near that threshold. What is measured before the label is known
/// seldom does so alone; what is written down after it often does: a date of leaving, a state, a score that was made of the label.
public struct Separation: Codable, Sendable, Hashable {
  /// The features, from 0; of a column of text each of its texts is one.
  public let features: [Int]
  /// The share that the best threshold on the first of them gets wrong.
  public let error: Double
  /// The same of fits in closed form of all other features, on examples that they have not seen, and of an answer that ignores all of them.
  public let errorWithout: Double, base: Double

  private static var limit: Int { 256 }
  private static var mostFeatures: Int { 3 }
  private static var largestError: Double { 0.03 }

  /// The separation of a yes or no; `nil` where no feature gives one, or others do about as well.
  ///
  /// - Complexity: O(64 · features) where no feature tells half of the label, and O(examples · log examples) for each that does.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init?<Scalar: TrainableScalar>(
    _ labels: [Bool], _ examples: Examples<Scalar>, loss: LossFunction, key: Key
  ) {
    let count = examples.count
    let width = examples.features.count / count
    guard count >= 50, width >= 2, examples.features.isFinite else { return nil }
    let yes = Double(labels.count { $0 }) / Double(count)
    base = min(yes, 1 - yes)
    guard base > 0.03 else { return nil }
    let few = (0..<64).map { $0 * count / 64 }
    let rows = (0..<min(count, 2000)).map { $0 * count / min(count, 2000) }
    let found = examples.features.withValues { values in
      (0..<width).compactMap { feature -> (feature: Int, error: Double)? in
        func column(_ rows: [Int]) -> [(value: Double, isYes: Bool)] {
          rows.map { (values[$0 * width + feature].real, labels[$0]) }
        }
        guard Self.shareBetween(column(few)) > 0.4 else { return nil }
        return Self.gap(column(rows)).map { (feature, $0) }
      }
    }
    guard let first = found.first, found.count <= Self.mostFeatures, found.count < width else {
      return nil
    }
    // Where all other features take a few values each, the label may well be one of them.
    let isOfBits = examples.features.withValues { values in
      (0..<width).allSatisfy { feature in
        found.contains { $0.feature == feature }
          || Set(few.map { values[$0 * width + feature].real }).count <= 3
      }
    }
    guard !isOfBits else { return nil }
    features = found.map(\.feature)
    error = first.error
    let chosen = Array(key["separation"].permutation(count).prefix(Self.limit)).sorted()
    let table = FitReference.Table(examples, loss: loss, rows: chosen)
    guard table.columns > 0 else { return nil }
    var others = table.features
    for row in chosen.indices {
      for feature in features { others[row * width + feature] = 0 }
    }
    let products = KernelFit.products(of: Tensor([chosen.count, width], others))
    let halves = (0...1).map { part in chosen.indices.filter { $0 % 2 == part } }
    errorWithout =
      KernelFit.Kernel.allCases.map { kernel in
        let wrong = (0...1).map { part in
          let asked = halves[1 - part]
          let answers = KernelFit.answers(
            kernel, for: asked, from: halves[part], products: products, targets: table.targets,
            columns: table.columns)
          return table.mistakes(of: answers, rows: asked) * Double(asked.count)
        }
        return wrong.reduce(0, +) / Double(chosen.count)
      }.min() ?? 1
    guard errorWithout > max(0.05, 4 * error), errorWithout > 0.2 * base else { return nil }
  }

  /// The share of a feature's variance that lies between the two classes.
  private static func shareBetween(_ column: [(value: Double, isYes: Bool)]) -> Double {
    let count = Double(column.count)
    let mean = column.reduce(0) { $0 + $1.value } / count
    let yes = column.filter(\.isYes).map(\.value)
    guard !yes.isEmpty, yes.count < column.count else { return 1 }
    let square = column.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    let difference = yes.reduce(0, +) / Double(yes.count) - mean
    let share = Double(yes.count) / count
    return square > 0 ? count * difference * difference * share / (1 - share) / square : 0
  }

  /// What the best threshold gets wrong, where it is next to nothing and a gap is around it; `nil` otherwise.
  private static func gap(_ column: [(value: Double, isYes: Bool)]) -> Double? {
    let sorted = column.sorted { $0.value < $1.value }
    let count = sorted.count
    let all = sorted.count(where: \.isYes)
    var below = 0
    var best = (wrong: count, position: 0)
    for position in 1..<count {
      if sorted[position - 1].isYes { below += 1 }
      guard sorted[position].value > sorted[position - 1].value else { continue }
      // No below and yes above, or the other way round.
      let wrong = min(
        below + (count - position) - (all - below), (position - below) + (all - below))
      if wrong < best.wrong { best = (wrong, position) }
    }
    let error = Double(best.wrong) / Double(count)
    guard error <= largestError, best.position > 0 else { return nil }
    // From the hundredth part of the examples below the threshold to that above it.
    let margin = max(1, count / 100)
    let low = sorted[max(0, best.position - margin)].value
    let high = sorted[min(count - 1, best.position + margin - 1)].value
    let mean = sorted.reduce(0) { $0 + $1.value } / Double(count)
    let square = sorted.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / Double(count)
    return (high - low) * (high - low) > 0.06 * square ? error : nil
  }
}
