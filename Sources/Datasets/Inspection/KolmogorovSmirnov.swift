import Plumbline

/// The two-sample test of Kolmogorov and Smirnov: do two samples come from one distribution?
///
/// D is the largest difference between the shares of both samples below a value. Equal values are
/// taken together, which makes the test careful for data in steps.
///
/// Source: the asymptotic p-value with the correction for small samples of M. A. Stephens, "Use of
/// the Kolmogorov-Smirnov, Cramér-von Mises and related statistics without extensive tables", Journal
/// of the Royal Statistical Society B 32 (1970).
public struct KolmogorovSmirnov: Sendable, Hashable, Codable {
  /// The largest difference of the two empirical distribution functions, from 0 to 1.
  public let statistic: Double
  /// The probability of such a difference, or a larger one, between samples of one distribution.
  public let probability: Double

  private enum CodingKeys: String, CodingKey {
    case statistic, probability
  }

  /// The test of two samples; traps when one is empty.
  ///
  /// - Complexity: O(n log n).
  public init(_ first: [Double], _ second: [Double]) {
    guard !first.isEmpty, !second.isEmpty else {
      fatalError("samples of \(first.count) and \(second.count) values have no distributions")
    }
    let (a, b) = (first.sorted(), second.sorted())
    var (i, j) = (0, 0)
    var largest = 0.0
    while i < a.count, j < b.count {
      let value = min(a[i], b[j])
      while i < a.count, a[i] == value { i += 1 }
      while j < b.count, b[j] == value { j += 1 }
      largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    statistic = largest
    let size = Double(a.count) * Double(b.count) / Double(a.count + b.count)
    let root = size.squareRoot()
    probability = Self.tail((root + 0.12 + 0.11 / root) * largest)
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
