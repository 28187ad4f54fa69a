import Plumbline

/// A median with an interval that covers the true median, whatever the distribution.
///
/// The interval lies between two of the sorted values, equally far from each end. The number of values below the true
/// median is binomial, so between the k-th smallest and the k-th largest of n it lies with probability
/// 1 - 2 P(B ≤ k - 1), B binomial with n trials of ½. For five values, the range covers it with
/// probability 0.9375. Infinite values (runs that diverged) are allowed.
/// Source: W. R. Thompson, Annals of Mathematical Statistics 7 (1936), 122-128.
public struct MedianInterval: Sendable, Hashable, Codable {
  /// The middle value, or the mean of the two middle ones.
  public let median: Double
  /// The ends of the interval.
  public let low: Double, high: Double
  /// The probability that the interval covers the true median. Below the requested one if there are
  /// too few values.
  public let coverage: Double
  /// The number of values.
  public let count: Int

  /// The narrowest such interval with at least the probability `coverage`, or the whole range if none
  /// reaches it. One or more values, no NaN.
  ///
  /// - Complexity: O(n log n).
  public init(of values: [Double], coverage: Double = 0.9) {
    require(!values.isEmpty && !values.contains { $0.isNaN }, "a median of numbers")
    let sorted = values.sorted()
    let count = sorted.count
    var tail = BinomialTail(trials: count)
    var depth = 1
    var reached = tail.coverage
    while 2 * (depth + 1) <= count {
      tail.advance()
      if tail.coverage < coverage { break }
      depth += 1
      reached = tail.coverage
    }
    let upper = sorted[count / 2]
    let lower = sorted[(count - 1) / 2]
    // Half by half, since the difference of an infinite and a finite value would not be a number; between two opposite infinities
    // any number is a middle, and 0 favors neither.
    median = upper == lower ? upper : lower == -upper ? 0 : lower / 2 + upper / 2
    low = sorted[depth - 1]
    high = sorted[count - depth]
    self.coverage = reached
    self.count = count
  }

  /// An interval for a statistic of many draws, such as a percentile, that is not a mean over them: the median of the statistic in nine parts of
  /// the draws, each of which has every ninth.
  ///
  /// - Precondition: There are nine draws or more.
  public init<Draw>(overPartsOf draws: [Draw], _ statistic: ([Draw]) -> Double) {
    self.init(
      of: (0..<9).map { part in
        statistic(stride(from: part, to: draws.count, by: 9).map { draws[$0] })
      })
  }

  /// An interval from its parts.
  init(median: Double, low: Double, high: Double, coverage: Double, count: Int) {
    self.median = median
    self.low = low
    self.high = high
    self.coverage = coverage
    self.count = count
  }

  /// The probability that an interval has to have to support a claim; the interval of five values reaches it.
  static let claimedCoverage = 0.9

  /// Whether the interval lies above 0, below it, or neither, at a probability of at least 0.9.
  public var sign: Sign {
    if coverage < Self.claimedCoverage { return .undecided }
    return low > 0 ? .positive : high < 0 ? .negative : .undecided
  }

  /// What an interval of differences supports.
  public enum Sign: String, Sendable, Codable {
    /// Whether all of the interval lies on one side of 0.
    case positive, negative, undecided
  }
}

/// The middle value, or the mean of the two middle ones; infinities are allowed, NaN is not.
public func median(_ values: [Double]) -> Double { MedianInterval(of: values).median }
