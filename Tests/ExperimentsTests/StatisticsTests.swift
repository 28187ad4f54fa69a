import Foundation
import Plots
import Plumbline
import Testing

@testable import Experiments

@Suite struct MedianIntervalTests {
  /// The probability that the interval from the `depth`-th smallest to the `depth`-th largest of
  /// `count` values covers the median, over all ways in which values fall below or above it.
  private static func coverage(depth: Int, of count: Int) -> Double {
    let covering = (0..<(1 << count)).count { pattern in
      let below = pattern.nonzeroBitCount
      return below >= depth && count - below >= depth
    }
    return Double(covering) / Double(1 << count)
  }

  @Test(arguments: 1...9, [0.3, 0.5, 0.9, 0.95])
  func isTheNarrowestWithTheCoverage(count: Int, coverage: Double) {
    // The values 1 ... count, shuffled: the k-th smallest is k.
    let values = Key(seed: count).permutation(count).map { Double($0 + 1) }
    let interval = MedianInterval(of: values, coverage: coverage)
    let pairs = 1...max(1, count / 2)
    let depth = pairs.last { Self.coverage(depth: $0, of: count) >= coverage } ?? 1
    #expect(interval.low == Double(depth))
    #expect(interval.high == Double(count + 1 - depth))
    #expect(interval.coverage == Self.coverage(depth: depth, of: count))
    #expect(interval.median == Double(count + 1) / 2)
    #expect(interval.count == count)
  }

  @Test func coverageOfTheRangeOfFewValues() {
    let coverages = (1...5).map { MedianInterval(of: (0..<$0).map(Double.init)).coverage }
    #expect(coverages == [0, 0.5, 0.75, 0.875, 0.9375])
  }

  @Test func takesRunsThatDiverged() {
    let one = MedianInterval(of: [1, .infinity, 2, 3, 4])
    #expect(one.median == 3 && one.low == 1 && one.high == .infinity)
    let most = MedianInterval(of: [1, .infinity, .infinity])
    #expect(most.median == .infinity && most.low == 1)
    let all = MedianInterval(of: [.infinity, .infinity])
    #expect(all.median == .infinity && all.low == .infinity && all.high == .infinity)
    #expect(median([1, .infinity]) == .infinity)
  }

  @Test func theMiddleOfInfiniteDifferencesIsANumber() {
    // Differences from plain are -infinite where plain diverged and the other did not.
    #expect(median([-.infinity, 3]) == -.infinity)
    #expect(median([-.infinity, -.infinity, 1, 2]) == -.infinity)
    #expect(median([-.infinity, -.infinity]) == -.infinity)
    #expect(median([-.infinity, .infinity]) == 0)
    #expect(median([1e308, 1.5e308]) == 1.25e308)
  }

  @Test func signNeedsAllOfTheIntervalAndItsCoverage() {
    #expect(MedianInterval(of: [1, 2, 3, 4, 5]).sign == .positive)
    #expect(MedianInterval(of: [-1, -2, -3, -4, -5]).sign == .negative)
    #expect(MedianInterval(of: [-1, 2, 3, 4, 5]).sign == .undecided)
    #expect(MedianInterval(of: [0, 2, 3, 4, 5]).sign == .undecided)
    #expect(MedianInterval(of: [0, 0, 0, 0, 0]).sign == .undecided)
    // With eight values the interval leaves out one at each end.
    #expect(MedianInterval(of: [-1, 2, 3, 4, 5, 6, 7, 8]).sign == .positive)
    // Four positive values are no evidence of the asked strength.
    #expect(MedianInterval(of: [1, 2, 3, 4]).sign == .undecided)
    #expect(MedianInterval(of: [1, 2, 3, 4, .infinity]).sign == .positive)
    #expect(MedianInterval(of: Array(repeating: -.infinity, count: 5)).sign == .negative)
    // What is asked for below 0.9 does not lower the bar.
    #expect(MedianInterval(of: [1, 2, 3, 4, 5, 6], coverage: 0.5).sign == .undecided)
  }

  /// From 1,075 values on 2⁻ⁿ is not a number, and the interval has to be one all the same.
  @Test(arguments: [1_074, 1_075, 20_001, 100_000])
  func manyValuesHaveANarrowIntervalOfTheAskedCoverage(count: Int) {
    let interval = MedianInterval(of: (0..<count).map(Double.init))
    #expect((0.9..<0.92).contains(interval.coverage))
    // Of n values the interval is about 1.645 √n values wide.
    let width = (interval.high - interval.low) / Double(count).squareRoot()
    #expect((1.6..<1.75).contains(width), "\(width)")
    #expect(interval.low + interval.high == Double(count - 1))
    let all = MedianInterval(of: (0..<count).map(Double.init), coverage: 1 - 1e-12)
    #expect(all.coverage > 1 - 1e-12 && all.high - all.low > interval.high - interval.low)
  }

  @Test func extremesOfOneValueTiesAndRange() {
    let one = MedianInterval(of: [7])
    #expect(one.median == 7 && one.low == 7 && one.high == 7 && one.coverage == 0)
    let ties = MedianInterval(of: Array(repeating: -2, count: 5_000))
    #expect(ties.median == -2 && ties.low == -2 && ties.high == -2 && ties.sign == .negative)
    let largest = Double.greatestFiniteMagnitude
    let wide = MedianInterval(of: [-largest, largest, largest, -largest])
    #expect(wide.median == 0 && wide.low == -largest && wide.high == largest)
    #expect(median([largest, largest]) == largest)
    #expect(median([.leastNonzeroMagnitude, 0]) == 0)
    // More infinite values than an interval leaves out at each end.
    let half = MedianInterval(
      of: Array(repeating: 1, count: 500) + Array(repeating: .infinity, count: 500))
    #expect(half.median == .infinity && half.low == 1 && half.high == .infinity)
  }

  @Test func refusesWhatHasNoMedian() async {
    await #expect(processExitsWith: .failure) { _ = MedianInterval(of: []) }
    await #expect(processExitsWith: .failure) { _ = MedianInterval(of: [1, .nan]) }
  }
}

@Suite struct SignTestTests {
  @Test func knownProbabilities() {
    #expect(SignTest(of: [1, 2, 3, 4, 5]).p == 0.0625)
    // 2 (1 + 10 + 45) / 1024; differences of 0 have no say.
    let test = SignTest(of: [1, 1, 1, 1, 1, 1, 1, .infinity, -1, -.infinity, 0, 0])
    #expect(test.above == 8 && test.below == 2 && abs(test.p - 0.109375) < 1e-15)
    #expect(
      SignTest(of: [1, -1]).p == 1 && SignTest(of: [0, 0]).p == 1 && SignTest(of: []).p == 1)
    #expect(SignTest(of: Array(repeating: -1, count: 3000)).p < 1e-300)
  }

  @Test func correctionsByHolm() {
    let corrected = SignTest.corrected([0.01, 0.04, 0.03, 0.5])
    #expect(zip(corrected, [0.04, 0.09, 0.09, 0.5]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(SignTest.corrected([]) == [] && SignTest.corrected([0.2]) == [0.2])
    #expect(SignTest.corrected([0.6, 0.7]) == [1, 1])
  }

  @Test(arguments: [(1, 5), (2, 6), (35, 10), (1000, 15)])
  func theFewestDifferencesThatCanShowAnything(tests: Int, count: Int) {
    #expect(SignTest.fewestDifferences(tests: tests, level: 0.1) == count)
    let all = Array(repeating: SignTest(of: (1...count).map(Double.init)).p, count: tests)
    #expect((SignTest.corrected(all).max() ?? 1) <= 0.1)
  }
}

@Suite struct BootstrapIntervalTests {
  /// Quantiles of 95 % from printed tables.
  @Test(arguments: [
    (1, 6.3138), (2, 2.9200), (4, 2.1318), (5, 2.0150), (29, 1.6991), (500, 1.6479),
  ])
  func studentsTail(degrees: Int, quantile: Double) {
    #expect(abs(BootstrapInterval.studentTail(quantile, degrees) - 0.05) < 1e-3)
    #expect(BootstrapInterval.studentTail(0, degrees) == 0.5)
  }

  @Test func endsOfTheRange() throws {
    let equal = try #require(BootstrapInterval(of: [0.1, 0.1, 0.1]))
    #expect(equal.mean == 0.1 && equal.low == 0.1 && equal.high == 0.1)
    #expect(BootstrapInterval(of: [1, .infinity]) == nil)
    let two = try #require(BootstrapInterval(of: [0, 1]))
    #expect(two.mean == 0.5 && two.low == 0 && two.high == 1)
    let many = try #require(BootstrapInterval(of: (0..<2000).map { Double($0 % 2) }))
    // 1.645 standard errors to each side.
    #expect(abs((many.high - many.low) / (2 * 1.645 * 0.5 / 2000.0.squareRoot()) - 1) < 0.1)
  }

  /// Of five values the plain quantiles would cover with 0.78.
  @Test(arguments: [5, 12])
  func coversTheMeanAsOftenAsItSays(count: Int) {
    let key = Key(seed: 7)
    let sets = 400
    let covering = (0..<sets).count { set in
      let interval = BootstrapInterval(
        of: key[set].normal(count), coverage: 0.9, key: key["bootstrap"][set], draws: 300)
      return interval.map { $0.low <= 0 && $0.high >= 0 } ?? false
    }
    // Three standard errors.
    #expect(abs(Double(covering) / Double(sets) - 0.9) < 0.045, "\(covering) of \(sets)")
  }
}

/// What intervals promise, on simulated data whose truth is known.
@Suite struct CoverageTests {
  /// Of a skewed distribution, and of one that has no mean: the median and its interval need neither.
  @Test(arguments: [5, 9])
  func theMedianIsCoveredWhateverTheDistribution(count: Int) {
    let key = Key(seed: 3)
    let sets = 3000
    for (name, median, value) in [
      ("exponential", 0.5.logarithm, { (u: Double) in u.logarithm }),
      ("without a mean", 0, { (u: Double) in (u - 0.5) / (u * (1 - u)) }),
    ] as [(String, Double, (Double) -> Double)] {
      var coverage = 0.0
      let covering = (0..<sets).count { set in
        let interval = MedianInterval(of: key[set].uniform(count).map(value))
        coverage = interval.coverage
        return interval.low <= median && interval.high >= median
      }
      let error = (coverage * (1 - coverage) / Double(sets)).squareRoot()
      #expect(
        abs(Double(covering) / Double(sets) - coverage) < 4 * error, "\(name): \(covering)")
    }
  }

  /// Where two arms do not differ, one is said to be above the other in one case of ten at most, and in a family of 20 cells, corrected,
  /// anything at all as rarely.
  @Test func falseClaimsAreAsRareAsTheySay() {
    let key = Key(seed: 5)
    let single = (0..<2000).count {
      MedianInterval(of: key["one"][$0].normal(5)).sign != .undecided
    }
    #expect(single < 200)
    let families = (0..<200).count { family in
      let tests = (0..<20).map { SignTest(of: key["family"][family][$0].normal(10)).p }
      return (SignTest.corrected(tests).min() ?? 1) <= 0.1
    }
    // 20 of 200 would be the level; 32 is three standard errors more.
    #expect(families <= 32, "\(families)")
  }
}

extension Double {
  fileprivate var logarithm: Double { -log(Tensor<Double>([1], [self])).scalars[0] }
}

@Suite struct SampleMeanTests {
  /// Student's t with the probability of four standard deviations, 6.334e-5 on both sides, by another program's inverse.
  @Test func marginsAreStudents() {
    for (count, quantile) in [(20, 5.10196), (40, 4.48128), (100, 4.17845), (400, 4.04301)] {
      let mean = SampleMean(of: Key(seed: 5).normal(count))
      #expect(abs(mean.margin / mean.standardError / quantile - 1) < 1e-3)
    }
  }

  @Test func knownNumbers() {
    let mean = SampleMean(of: [1, 2, 3, 4])
    #expect(mean.mean == 2.5)
    // The sample's variance is 5/3, over four values.
    #expect(abs(mean.standardError - (5.0 / 12).squareRoot()) < 1e-15)
    #expect(mean.count == 4)
    #expect(SampleMean(of: [7, 7, 7]).standardError == 0)
  }

  @Test func isNotSpoiltByALargeMean() {
    let shifted = SampleMean(of: [1, 2, 3, 4].map { $0 + 1e9 })
    #expect(abs(shifted.standardError - (5.0 / 12).squareRoot()) < 1e-9)
  }

  @Test func extremesOfRangeAndCount() {
    let largest = Double.greatestFiniteMagnitude
    #expect(SampleMean(of: [largest, largest]).mean == largest)
    #expect(SampleMean(of: [largest, largest]).standardError == 0)
    let wide = SampleMean(of: [-largest, largest])
    #expect(wide.mean == 0 && wide.standardError == largest)
    let tiny = SampleMean(of: [0, .leastNonzeroMagnitude])
    #expect(tiny.standardError.isFinite && tiny.mean.isFinite)
    let infinite = SampleMean(of: [1, .infinity])
    #expect(infinite.mean == .infinity && infinite.standardError == .infinity)
    #expect(SampleMean(of: [-.infinity, .infinity]).standardError == .infinity)
    let many = SampleMean(of: (0..<100_000).map { Double($0 % 2) })
    #expect(many.mean == 0.5 && abs(many.standardError - 0.5 / 99_999.0.squareRoot()) < 1e-12)
  }

  @Test func refusesASingleValue() async {
    await #expect(processExitsWith: .failure) { _ = SampleMean(of: [1]) }
  }
}

@Suite struct BinomialIntervalTests {
  @Test func hasTheEndsOfClopperAndPearson() {
    // 1 - 0.05^(1/40), and the published ends for 3 of 20 at 95 %.
    let none = BinomialInterval(0, of: 40)
    #expect(none.low == 0 && abs(none.high - 0.072158) < 1e-5 && none.share == 0)
    let some = BinomialInterval(3, of: 20, coverage: 0.95)
    #expect(abs(some.low - 0.032071) < 1e-5 && abs(some.high - 0.378927) < 1e-5)
    let all = BinomialInterval(of: [true, true])
    #expect(all.high == 1 && abs(all.low - 0.05.squareRoot()) < 1e-9)
  }
}

@Suite struct DerivedMeanTests {
  @Test func logarithmsAndRatiosHaveTheErrorsOfTheirParts() {
    let values = [1.0, 2, 3, 4, 5]
    let mean = SampleMean(of: values)
    #expect(abs(mean.logarithm.mean - 1.0986) < 1e-4)
    #expect(mean.logarithm.standardError == mean.standardError / 3)
    #expect(mean.scaled(by: -2).mean == -6)
    #expect(mean.scaled(by: -2).standardError == 2 * mean.standardError)
    // What both share does not spread a ratio, and a constant denominator only scales.
    let same = SampleMean(ratioOf: values.map { 3 * $0 }, to: values)
    #expect(abs(same.mean - 3) < 1e-12 && same.standardError < 1e-12)
    let constant = SampleMean(ratioOf: values, to: values.map { _ in 2 })
    #expect(abs(constant.standardError - mean.standardError / 2) < 1e-12)
  }

  @Test func deviationsFromAKnownMean() {
    #expect(SampleMean(squaredDeviationsOf: [1, 3], from: 0).mean == 5)
  }
}

@Suite struct BestRateTests {
  @Test func isTheVertexOfAParabola() {
    // Losses exp((x - c)²) of rates 10^x: the logarithm is a parabola, whose vertex is found at any distance of the rates.
    let rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
    for best in [-3.7, -3, -2.55] {
      let losses = rates.map { exp(pow(log10($0) - best, 2)) }
      #expect(abs(bestRate(rates, losses: losses) - best) < 1e-9)
    }
    #expect(bestRate(rates, losses: [1, 2, 3, 4, 5, 6]) == -4)
    // Diverged runs are far away, not undefined.
    #expect(bestRate(rates, losses: [3, 2, 1, 2, .infinity, .infinity]) > -3.5)
  }
}

@Suite struct PartedStatisticsTests {
  @Test func anIntervalOfAStatisticIsOneOverParts() {
    // Part k has the draws k, k + 9 and k + 18.
    let interval = MedianInterval(overPartsOf: Array(0..<27)) { Double($0.reduce(0, +)) }
    #expect(interval.count == 9 && interval.median == 39)
    let largest = MedianInterval(overPartsOf: Array(0..<28)) { Double($0.max() ?? 0) }
    #expect(largest.high >= 26 && largest.low > 18)
  }

  @Test func valuesOfAGroupCountOnce() {
    let groups = [[1.0, 3], [2, 2], [0, 4]]
    #expect(SampleMean(ofGroups: groups).mean == 2)
    #expect(SampleMean(ofGroups: groups).standardError == 0)
    let variance = SampleMean(squaredDeviationsInGroups: groups)
    #expect(abs(variance.mean - 5.0 / 3) < 1e-15 && variance.count == 3)
  }

  @Test func bisectionEndsAroundTheChange() {
    let found = bisection(0...4, halvings: 20) { $0 * $0 < 2 }
    #expect(found.contains(2.0.squareRoot()))
    #expect(found.upperBound - found.lowerBound == 4 / pow(2, 20))
    #expect(bisection(1...2, halvings: 0) { _ in true } == 1...2)
  }

  @Test func quartilesAreThoseOfTheValues() {
    let series = Series.quartiles("q", [1], [[5, 1, 2, 4, 3, 8, 7, 6]])
    #expect(series.points == [Series.Point(1, 4.5, lower: 3, upper: 7)])
  }
}
