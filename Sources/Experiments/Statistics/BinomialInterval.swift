import Foundation
import Plumbline

/// A probability with an interval that covers it, from how often something happened in independent trials.
///
/// The ends are the probabilities at which as many successes, or as few, would be as rare as (1 - coverage)/2. Such an interval covers the
/// true probability at least as often as requested, whatever it is; one of no successes, or of nothing else, has a
/// positive length too. Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934), 404-413.
public struct BinomialInterval: Sendable, Hashable {
  /// How often it happened, and in how many trials.
  public let successes: Int, trials: Int
  /// The ends of the interval.
  public let low: Double, high: Double
  /// The probability that the interval covers the true probability, or more.
  public let coverage: Double
  /// The share of successes.
  public var share: Double { Double(successes) / Double(trials) }

  /// The interval for a number of successes in one or more trials.
  public init(_ successes: Int, of trials: Int, coverage: Double = 0.9) {
    require(trials >= 1 && (0...trials).contains(successes), "successes of one or more trials")
    (self.successes, self.trials, self.coverage) = (successes, trials, coverage)
    let tail = (1 - coverage) / 2
    // P(B ≥ successes) rises with p from 0 to 1, and P(B ≤ successes) falls.
    low =
      successes == 0
      ? 0 : Self.root { Self.cumulative(trials - successes, trials, 1 - $0) - tail }
    high =
      successes == trials ? 1 : Self.root { tail - Self.cumulative(successes, trials, $0) }
  }

  /// The interval for outcomes that are true or not.
  public init(of outcomes: [Bool], coverage: Double = 0.9) {
    self.init(outcomes.count { $0 }, of: outcomes.count, coverage: coverage)
  }

  /// P(B ≤ k) for B binomial with n trials of p, 0 < p < 1.
  private static func cumulative(_ k: Int, _ n: Int, _ p: Double) -> Double {
    (0...k).reduce(0) { sum, count in
      let (i, rest) = (Double(count), Double(n - count))
      let ways = lgamma(Double(n) + 1) - lgamma(i + 1) - lgamma(rest + 1)
      return sum + exp(ways + i * log(p) + rest * log1p(-p))
    }
  }

  /// Where a rising function of a number between 0 and 1 is 0, by halving.
  private static func root(_ function: (Double) -> Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if function(middle) < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
