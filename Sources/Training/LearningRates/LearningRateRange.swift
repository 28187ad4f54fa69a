import Foundation

/// The result of a ``LearningRateRangeTest``: a loss at every rate, and the rates that can be read from them.
public struct LearningRateRange: Codable, Sendable, Hashable {
  /// A step of the test.
  public struct Point: Codable, Sendable, Hashable {
    /// The rate of its update.
    public let rate: Double
    /// The loss of its batch before that update, penalties included; the mean of this and the neighboring steps' losses.
    public let loss: Double, smoothedLoss: Double
  }

  /// How the test ended.
  public enum Ending: String, Codable, Sendable {
    /// At the highest rate.
    case finished
    /// Where the loss was several times its minimum, or not finite.
    case diverged
    /// See ``diverged``.
    case nonFinite = "non-finite"
    /// Where it was stopped.
    case stopped
  }

  /// Rules for reading a rate from the curve.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// A third of the rate at which the smoothed loss is lowest.
    case thirdOfMinimum = "third-of-minimum"
    /// A tenth of the rate at which the smoothed loss is lowest.
    case tenthOfMinimum = "tenth-of-minimum"
    /// Where the smoothed loss falls most per logarithmic step in the rate.
    case steepest
    /// A tenth of the rate at which the loss diverges.
    case tenthOfDivergence = "tenth-of-divergence"
  }

  /// The steps, by growing rate.
  public let points: [Point]
  /// How the test ended.
  public let ending: Ending
  /// The rate after which the loss ceased to be finite, or at which the smoothed loss is first this many times its minimum
  /// before; `nil` if neither happened.
  public let divergenceRate: Double?
  /// The rate of the steepest descent and that of the lowest smoothed loss; `nil` if the loss did not fall
  /// by a fiftieth.
  public let steepestRate: Double?, minimumRate: Double?

  /// The reading of the losses of a test.
  package init(test: LearningRateRangeTest, losses: [Double], ending: Ending) {
    let smoothed = losses.indices.map { step in
      // The same number of neighbors on either side, so that the mean is centered at the step.
      let reach = min(test.reach, step, losses.count - 1 - step)
      let part = losses[step - reach...step + reach]
      return part.reduce(0, +) / Double(part.count)
    }
    points = losses.indices.map {
      Point(rate: test.rate(ofStep: $0), loss: losses[$0], smoothedLoss: smoothed[$0])
    }
    self.ending = ending
    var (lowest, divergence) = (0, losses.count - 1)
    var isDivergent = ending == .nonFinite && !losses.isEmpty
    for step in smoothed.indices {
      if smoothed[step] < smoothed[lowest] { lowest = step }
      if smoothed[step] > test.divergenceFactor * smoothed[lowest] {
        (divergence, isDivergent) = (step, true)
        break
      }
    }
    // The mean of the last losses showed it, which the curve would reach only beyond its end.
    isDivergent = isDivergent || ending == .diverged
    divergenceRate = isDivergent ? points[divergence].rate : nil
    let first = min(test.reach, smoothed.count / 2)
    let start = smoothed.isEmpty ? 0 : smoothed[first]
    let fall = lowest > first ? start - smoothed[lowest] : 0
    guard fall > Self.leastFall * start else {
      (steepestRate, minimumRate) = (nil, nil)
      return
    }
    minimumRate = points[lowest].rate
    // The differences between batches also cause slopes before the rates are large enough to matter; these are left out, up to the
    // step where the fall has begun for good.
    let level = start - 0.1 * fall
    let begin = smoothed[...lowest].lastIndex { $0 >= level } ?? 0
    let slopes = (begin...lowest).map { step -> Double in
      let (before, after) = (max(0, step - test.reach), min(losses.count - 1, step + test.reach))
      return (smoothed[after] - smoothed[before]) / Double(after - before)
    }
    let steepest = slopes.indices.min { slopes[$0] < slopes[$1] } ?? 0
    steepestRate = points[begin + steepest].rate
  }

  /// The share of the first loss by which it has to fall for the curve to be readable.
  private static let leastFall = 0.02

  /// The rate that a rule reads from the curve; `nil` if there is nothing to read.
  public func rate(by rule: Rule) -> Double? {
    switch rule {
    case .thirdOfMinimum: minimumRate.map { $0 / 3 }
    case .tenthOfMinimum: minimumRate.map { $0 / 10 }
    case .steepest: steepestRate
    case .tenthOfDivergence: divergenceRate.map { $0 / 10 }
    }
  }

  /// The rate to train with: a third of the one at which the smoothed loss is lowest, to two digits; `nil` if the
  /// loss did not fall.
  ///
  /// No rule of ``Rule`` did better when they were compared with the best rates of ladders, on plain and residual
  /// networks and three optimizers (`research learning-rate-range`). A tenth of the minimum's rate trains too slowly. The
  /// steepest descent is misled by the noise of batches in some tests. A tenth of the diverging rate is as good, and
  /// has no answer where the loss never blows up because units die instead.
  public var suggestion: Double? {
    rate(by: .thirdOfMinimum).map { Double(String(format: "%.1e", $0)) ?? $0 }
  }
}
