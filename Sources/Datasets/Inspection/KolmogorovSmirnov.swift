import Plumbline

/// The two-sample Kolmogorov-Smirnov test: do two samples come from one distribution?
///
/// D is the largest difference between the shares of the two samples below a value. Equal values are
/// taken together, which makes the test conservative for discrete data.
///
/// Source: the asymptotic p-value with the correction for small samples of M. A. Stephens, "Use of
/// the Kolmogorov-Smirnov, Cramér-von Mises and related statistics without extensive tables", Journal
/// of the Royal Statistical Society B 32 (1970).
public struct KolmogorovSmirnov: Sendable, Hashable, Codable {
  /// The largest difference between the two empirical distribution functions, from 0 to 1.
  public let statistic: Double
  /// The probability of such a difference or a larger one between samples of one distribution.
  public let probability: Double

  private enum CodingKeys: String, CodingKey {
    case statistic, probability
  }

  /// The test of two samples; traps when one is empty or contains NaN, which has no rank.
  ///
  /// - Complexity: O(n log n), and O(n m) for small samples of n and m values.
  public init(_ first: [Double], _ second: [Double]) {
    self.init(sorted: first.sorted(), second.sorted())
  }

  /// The test of two samples in ascending order.
  init(sorted a: [Double], _ b: [Double]) {
    guard !a.isEmpty, !b.isEmpty else {
      fatalError("samples of \(a.count) and \(b.count) values have no distributions")
    }
    precondition(!a.contains { $0.isNaN } && !b.contains { $0.isNaN }, "samples of numbers")
    var (i, j) = (0, 0)
    // The difference times both sizes, which is a whole number.
    var largest = 0
    while i < a.count, j < b.count {
      let value = min(a[i], b[j])
      while i < a.count, a[i] == value { i += 1 }
      while j < b.count, b[j] == value { j += 1 }
      largest = max(largest, abs(i * b.count - j * a.count))
    }
    statistic = Double(largest) / Double(a.count * b.count)
    let size = Double(a.count) * Double(b.count) / Double(a.count + b.count)
    let root = size.squareRoot()
    let asymptotic = Self.tail((root + 0.12 + 0.11 / root) * statistic)
    // Where it could matter, and is cheap, the probability is counted exactly. For a few values, the formula says nothing.
    let isSmall =
      a.count * b.count <= Self.exactLimit && (asymptotic < 0.01 || min(a.count, b.count) < 10)
    probability = isSmall ? Self.exact(largest, a.count, b.count) : asymptotic
  }

  /// Up to this many pairs of values are counted exactly.
  private static let exactLimit = 10_000

  /// The share of the orders of n and m different values for which the difference, times n and m, is at least as large: the share
  /// of the paths from corner to corner of a grid that do not stay near its diagonal.
  ///
  /// Source: J. L. Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3 (1958).
  private static func exact(_ difference: Int, _ n: Int, _ m: Int) -> Double {
    // The probability of having left the strip on the way to (i, j): each step of a random path is weighted by the number of values
    // left.
    var outside = (0...m).map { j in j * n >= difference ? 1.0 : 0.0 }
    for i in 1...n {
      if i * m >= difference { outside[0] = 1 }
      for j in 1...m {
        // The last value of a random order of i and j values is from the first sample with probability i / (i + j).
        let share = Double(i) / Double(i + j)
        outside[j] =
          abs(i * m - j * n) >= difference
          ? 1 : share * outside[j] + (1 - share) * outside[j - 1]
      }
    }
    return outside[m]
  }

  /// 2 Σ (-1)^(k-1) exp(-2 k² λ²), the chance that Kolmogorov's distribution exceeds λ.
  private static func tail(_ lambda: Double) -> Double {
    // Below this the sum is 1 to all digits, and needs many terms.
    guard lambda > 0.18 else { return 1 }
    var sum = 0.0
    for k in 1...30 {
      let term = exp(Tensor(-2 * Double(k * k) * lambda * lambda)).scalars[0]
      sum += k % 2 == 1 ? term : -term
      if term < 1e-17 { break }
    }
    return max(0, min(1, 2 * sum))
  }
}
