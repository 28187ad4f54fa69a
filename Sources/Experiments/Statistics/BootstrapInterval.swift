import Foundation
import Plumbline

/// A mean with an interval that covers the true mean with approximately a given probability, whatever the distribution.
///
/// The values are resampled with replacement, many times, and the interval lies between two quantiles of the means. For few values
/// the plain quantiles are too close together (of five, those of 90 % cover with 78 %), since they miss both the factor n/(n - 1)
/// of the variance and Student's tails; here they are widened so that for normal values the coverage is as requested.
/// Source: B. Efron, Annals of Statistics 7 (1979), 1-26; the wider quantiles: T. Hesterberg, The American Statistician 69
/// (2015), 371-386.
public struct BootstrapInterval: Sendable, Hashable {
  /// The mean of the values.
  public let mean: Double
  /// The ends of the interval.
  public let low: Double, high: Double

  /// The interval for two or more values.
  ///
  /// - Parameters:
  ///   - values: The values to be averaged.
  ///   - coverage: The probability that such an interval contains the true mean, below 1.
  ///   - key: The key of the draws; equal keys give equal intervals.
  /// - Returns: `nil` if a value is not finite: such a mean is meaningless.
  /// - Complexity: O(n) for each of 400 to 4,000 draws, fewer for more values.
  public init?(of values: [Double], coverage: Double = 0.9, key: Key = Key(seed: 1)["bootstrap"]) {
    self.init(
      of: values, coverage: coverage, key: key,
      draws: min(4000, max(400, 4_000_000 / max(1, values.count))))
  }

  init?(of values: [Double], coverage: Double, key: Key, draws: Int) {
    require(values.count >= 2, "an interval needs two values or more")
    guard values.allSatisfy(\.isFinite) else { return nil }
    let count = values.count
    // Relative to one of the values, so that the mean of equal ones is that value to the bit.
    let middle = values[0]
    let deviations = values.map { $0 - middle }
    mean = middle + deviations.reduce(0, +) / Double(count)
    var means = (0..<draws).map { draw -> Double in
      let own = key[draw]
      let sum = (0..<count).reduce(0.0) { sum, index in
        sum + deviations[own.integer(at: index, below: count)]
      }
      return middle + sum / Double(count)
    }
    means.sort()
    let tail = Self.tail(count: count, coverage: coverage)
    let rank = max(0, Int((tail * Double(draws)).rounded(.down)))
    low = means[min(rank, draws - 1)]
    high = means[max(0, draws - 1 - rank)]
  }

  /// The share of the means that is left out at each end: Φ(-√(n/(n - 1)) t), t the quantile of Student's distribution.
  static func tail(count: Int, coverage: Double) -> Double {
    let degrees = count - 1
    let level = (1 - coverage) / 2
    var (low, high) = (0.0, 1e9)
    for _ in 0..<200 {
      let middle = low > 1 ? (low * high).squareRoot() : (low + high) / 2
      if studentTail(middle, degrees) > level { low = middle } else { high = middle }
    }
    let t = (Double(count) / Double(degrees)).squareRoot() * low
    return erfc(t / 2.0.squareRoot()) / 2
  }

  /// The probability that Student's t of some degrees of freedom is above t ≥ 0; normal from 400 degrees on.
  ///
  /// Source: M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
  static func studentTail(_ t: Double, _ degrees: Int) -> Double {
    if degrees >= 400 { return erfc(t / 2.0.squareRoot()) / 2 }
    let angle = atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = !degrees.isMultiple(of: 2)
    var term = isOdd ? cosine : 1.0
    var sum = degrees == 1 ? 0 : term
    for k in stride(from: isOdd ? 3 : 2, to: degrees, by: 2) {
      term *= cosine * cosine * Double(k - 1) / Double(k)
      sum += term
    }
    let inside = isOdd ? 2 / Double.pi * (angle + sine * sum) : sine * sum
    return (1 - inside) / 2
  }
}
