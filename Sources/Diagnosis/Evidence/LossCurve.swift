/// The losses of a run, thinned out, with the statistics that the rules need of all of them.
public struct LossCurve: Codable, Sendable, Hashable {
  /// The loss of the first step, of the last, and the smallest with its step; `nil` if there was no step.
  public let first: Double?, last: Double?, minimum: Double?, minimumStep: Int?
  /// The largest loss.
  public let maximum: Double?
  /// The medians of the four quarters.
  public let quarterMedians: [Double]
  /// The standard deviation of the last quarter, and the share of its steps at which the loss rose.
  public let lastDeviation: Double, lastRises: Double
  /// The share of the steps whose loss is not 0.1 % below that of ten steps before.
  public let stalledShare: Double
  /// The means of at most 200 pieces of equal length.
  public let means: [Double]

  /// Whether it oscillates and has not fallen since the middle of the run.
  ///
  /// - Parameter floor: The loss from which others are measured: that of answers that equal the targets.
  func swings(above floor: Double) -> Bool {
    guard quarterMedians.count == 4, let minimum else { return false }
    let quarters = quarterMedians.map { $0 - floor }
    return quarters[3] > 0.95 * quarters[1] && lastDeviation > 0.1 * quarters[3]
      && quarters[3] > 1.2 * (minimum - floor)
  }

  /// The curve for these losses. Complexity: O(n log n).
  ///
  /// - Parameters:
  ///   - steps: The loss of every step, in order.
  ///   - window: The number of neighboring losses averaged before they are compared.
  public init(_ steps: [Double], window: Int = 1) {
    let losses =
      window < 2
      ? steps
      : stride(from: 0, to: steps.count, by: window).map { start in
        let part = steps[start..<min(start + window, steps.count)]
        return part.reduce(0, +) / Double(part.count)
      }
    first = losses.first
    last = losses.last
    minimum = losses.min()
    minimumStep = minimum.flatMap { losses.firstIndex(of: $0) }.map { $0 * window }
    maximum = losses.max()
    let count = losses.count
    quarterMedians = (0..<4).compactMap { quarter in
      let part = losses[quarter * count / 4..<(quarter + 1) * count / 4].sorted()
      return part.isEmpty ? nil : part[part.count / 2]
    }
    let tail = Array(losses[3 * count / 4..<count])
    let mean = tail.reduce(0, +) / Double(max(tail.count, 1))
    let square = tail.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(tail.count, 1))
    lastDeviation = square.squareRoot()
    lastRises =
      Double(zip(tail, tail.dropFirst()).count { $0 < $1 }) / Double(max(tail.count - 1, 1))
    stalledShare =
      Double(zip(losses, losses.dropFirst(10)).count { $1 > 0.999 * $0 })
      / Double(max(count - 10, 1))
    let pieces = min(200, count)
    means = (0..<pieces).map { piece in
      let part = losses[piece * count / pieces..<(piece + 1) * count / pieces]
      return part.reduce(0, +) / Double(part.count)
    }
  }
}
