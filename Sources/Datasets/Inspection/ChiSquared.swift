import Plumbline

/// Pearson's chi-square test: do two sets have the same class proportions?
///
/// Classes expected fewer than five times in one of the sets are pooled, as the
/// approximation requires (W. G. Cochran, "Some methods for strengthening the common χ² tests",
/// Biometrics 10, 1954).
public struct ChiSquared: Sendable, Hashable, Codable {
  /// The sum of (observed - expected)² / expected.
  public let statistic: Double
  /// The number of classes compared, minus one.
  public let degreesOfFreedom: Int
  /// The probability of such a sum or a larger one for sets with the same proportions.
  public let probability: Double

  private enum CodingKeys: String, CodingKey {
    case statistic, probability
    case degreesOfFreedom = "degrees_of_freedom"
  }

  private static let leastExpectation = 5.0

  /// The test of two lists of counts, class by class; nil when fewer than two classes occur
  /// often enough. Traps when the lists differ in length.
  public init?(_ first: [Int], _ second: [Int]) {
    guard first.count == second.count else {
      fatalError("counts of \(first.count) and of \(second.count) classes")
    }
    let totals = [Double(first.reduce(0, +)), Double(second.reduce(0, +))]
    let all = totals[0] + totals[1]
    guard totals.allSatisfy({ $0 > 0 }) else { return nil }
    let smaller = min(totals[0], totals[1]) / all
    var cells: [[Double]] = []
    var rest = [0.0, 0.0]
    for (a, b) in zip(first, second) where a + b > 0 {
      if Double(a + b) * smaller >= Self.leastExpectation {
        cells.append([Double(a), Double(b)])
      } else {
        rest = [rest[0] + Double(a), rest[1] + Double(b)]
      }
    }
    if (rest[0] + rest[1]) * smaller >= Self.leastExpectation { cells.append(rest) }
    guard cells.count >= 2 else { return nil }
    // The shares among the classes that are compared.
    let sums = [cells.reduce(0) { $0 + $1[0] }, cells.reduce(0) { $0 + $1[1] }]
    var sum = 0.0
    for cell in cells {
      for set in 0..<2 {
        let expected = (cell[0] + cell[1]) * sums[set] / (sums[0] + sums[1])
        guard expected > 0 else { continue }
        sum += (cell[set] - expected) * (cell[set] - expected) / expected
      }
    }
    statistic = sum
    degreesOfFreedom = cells.count - 1
    probability = Self.tail(sum, degreesOfFreedom)
  }

  /// The chance that χ² with this many degrees of freedom exceeds x: the upper incomplete gamma
  /// function Q(k/2, x/2), by its series below the mean and by its continued fraction above
  /// (M. Abramowitz and I. A. Stegun, "Handbook of mathematical functions", 6.5.29 and 6.5.31).
  package static func tail(_ x: Double, _ degreesOfFreedom: Int) -> Double {
    guard x > 0 else { return 1 }
    if x == .infinity { return 0 }
    let (a, z) = (Double(degreesOfFreedom) / 2, x / 2)
    let front = exponential(a * logarithm(z) - z - logGamma(ofHalves: degreesOfFreedom))
    if z < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      while term > sum * 1e-17 {
        n += 1
        term *= z / n
        sum += term
      }
      return max(0, min(1, 1 - front * sum))
    }
    // Lentz's method for the fraction.
    var b = z + 1 - a
    var c = Double.greatestFiniteMagnitude
    var d = 1 / b
    var value = d
    for k in 1...10_000 {
      let factor = Double(k) * (a - Double(k))
      b += 2
      d = 1 / (factor * d + b)
      c = b + factor / c
      value *= c * d
      if abs(c * d - 1) < 1e-16 { break }
    }
    return max(0, min(1, front * value))
  }

  /// log Γ(k/2), from Γ(1) = 1 and Γ(1/2) = √π.
  private static func logGamma(ofHalves k: Int) -> Double {
    var value = k % 2 == 0 ? 0 : logarithm(Double.pi) / 2
    var argument = k % 2 == 0 ? 1.0 : 0.5
    while argument + 0.5 < Double(k) / 2 {
      value += logarithm(argument)
      argument += 1
    }
    return value
  }

  // The engine's own functions give the same bits on every machine.
  private static func exponential(_ x: Double) -> Double { exp(Tensor(x)).scalars[0] }
  private static func logarithm(_ x: Double) -> Double { log(Tensor(x)).scalars[0] }
}
