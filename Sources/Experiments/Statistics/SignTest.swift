/// Tests whether paired differences are equally likely on either side of 0, whatever their distribution.
///
/// Among n differences that are not 0, the number above 0 is binomial with ½ if neither side is likelier, so
/// p = 2 P(B ≤ the smaller number). With n seeds no p is below 2^(1 - n).
/// Source: W. J. Dixon and A. M. Mood, Journal of the American Statistical Association 41 (1946), 557-566.
public struct SignTest: Sendable, Hashable {
  /// The numbers of differences above and below 0.
  public let above: Int, below: Int
  /// The two-sided probability of numbers at least as unequal; 1 if all differences are 0.
  public let p: Double

  /// The test of some differences; infinite ones are allowed.
  ///
  /// - Complexity: O(n).
  public init(of differences: [Double]) {
    above = differences.count { $0 > 0 }
    below = differences.count { $0 < 0 }
    var tail = BinomialTail(trials: above + below)
    for _ in 0..<min(above, below) { tail.advance() }
    p = min(1, 2 * tail.sum)
  }

  /// Holm-corrected p values: the i-th smallest of m is multiplied by
  /// m - i + 1, and no result is below that of a smaller p.
  ///
  /// Source: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
  public static func corrected(_ p: [Double]) -> [Double] {
    var corrected = p
    var largest = 0.0
    for (rank, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
      largest = max(largest, min(1, p[index] * Double(p.count - rank)))
      corrected[index] = largest
    }
    return corrected
  }

  /// The smallest number of differences for which one of this many tests can reach a corrected p of at most `level`.
  static func fewestDifferences(tests: Int, level: Double) -> Int {
    var count = 1
    while Double(max(1, tests)) * Double(sign: .plus, exponent: 1 - count, significand: 1) > level {
      count += 1
    }
    return count
  }
}
