import Foundation
import Plumbline

/// The mean of independent measurements and its standard error.
public struct SampleMean: Sendable, Hashable, Codable {
  /// The arithmetic mean.
  public let mean: Double
  /// The standard deviation of the mean: the sample's over √n.
  public let standardError: Double
  /// The number of values.
  public let count: Int

  /// The mean of two or more values. One that is not finite makes the standard error infinite: such a mean is meaningless.
  public init(of values: [Double]) {
    require(values.count >= 2, "a standard error needs two values or more")
    count = values.count
    let sum = values.reduce(0, +)
    guard values.allSatisfy(\.isFinite) else {
      mean = sum / Double(count)
      standardError = .infinity
      return
    }
    // A sum can leave the range though the mean does not.
    let mean =
      sum.isFinite ? sum / Double(count) : values.reduce(0) { $0 + $1 / Double(values.count) }
    self.mean = mean
    // In units of the largest deviation, whose square may be out of range at either end.
    let unit = values.reduce(0) { max($0, abs($1 / 2 - mean / 2)) }
    let squares = values.reduce(0) { sum, value in
      let deviation = unit > 0 ? (value / 2 - mean / 2) / unit : 0
      return sum + deviation * deviation
    }
    standardError = 2 * unit * (squares / Double(count - 1) / Double(count)).squareRoot()
  }

  /// Half the width of an interval around the mean that misses a normal distribution's mean as rarely as four standard errors do if
  /// these are known: once in 16,000 samples.
  ///
  /// Student's t, since the standard error comes from the same values: 5.1 standard errors for 20 values, and 4.04 for 400. By its
  /// expansion in 1/(count - 1), which is exact to 0.1 % from 20 values on and too small below ten. Source: Abramowitz and Stegun,
  /// 26.7.5.
  public var margin: Double {
    let z = 4.0
    let freedom = Double(count - 1)
    let third = (((3 * z * z + 19) * z * z + 17) * z * z - 15) * z / 384
    let second = ((5 * z * z + 16) * z * z + 3) * z / 96
    let first = (z * z + 1) * z / 4
    return standardError * (z + (first + (second + third / freedom) / freedom) / freedom)
  }

  /// The logarithm of the mean, with the standard error to first order in the mean's relative one.
  public var logarithm: SampleMean {
    SampleMean(
      mean: Foundation.log(mean), standardError: standardError / abs(mean), count: count)
  }

  /// The ratio of the means of pairs, such as of moments of one net each, with the standard error to first order.
  ///
  /// What both have in common does not spread it. Its bias is of order 1/count, so a part of the standard error that shrinks with more pairs.
  public init(ratioOf numerators: [Double], to denominators: [Double]) {
    let ratio = SampleMean(of: numerators).mean / SampleMean(of: denominators).mean
    let own = SampleMean(of: denominators).mean
    let rest = zip(numerators, denominators).map { ($0 - ratio * $1) / own }
    let error = SampleMean(of: rest).standardError
    self.init(mean: ratio, standardError: error, count: numerators.count)
  }

  /// The mean and its standard error times a known factor.
  public func scaled(by factor: Double) -> SampleMean {
    SampleMean(mean: factor * mean, standardError: abs(factor) * standardError, count: count)
  }

  private init(mean: Double, standardError: Double, count: Int) {
    (self.mean, self.standardError, self.count) = (mean, standardError, count)
  }

  /// The variance of the distribution that values are drawn from, whose mean is known.
  public init(squaredDeviationsOf values: [Double], from mean: Double) {
    self.init(of: values.map { ($0 - mean) * ($0 - mean) })
  }

  /// The variance of the distribution that three or more values are drawn from, as the mean of squared deviations from their mean.
  ///
  /// It is unbiased. The standard error takes the mean as known, which leaves out a part of order 1/count of itself.
  public init(squaredDeviationsOf values: [Double]) {
    let mean = SampleMean(of: values).mean
    let factor = Double(values.count) / Double(values.count - 1)
    self.init(of: values.map { factor * ($0 - mean) * ($0 - mean) })
  }

  /// The mean of values of which those of a group, such as those of one net, depend on each other: groups of the same size.
  public init(ofGroups groups: [[Double]]) {
    self.init(of: groups.map { $0.reduce(0, +) / Double($0.count) })
  }

  /// The variance of the distribution that the values of all groups are drawn from, where those of a group depend on each other. What the mean's own
  /// variance takes away is of order 1 over the number of groups.
  public init(squaredDeviationsInGroups groups: [[Double]]) {
    let all = groups.joined()
    let center = all.reduce(0, +) / Double(all.count)
    self.init(
      of: groups.map { $0.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double($0.count) })
  }
}
