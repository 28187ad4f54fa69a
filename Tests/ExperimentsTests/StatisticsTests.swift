import Experiments
import Plumbline
import Testing

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

  /// From 1,075 values on 2⁻ⁿ is no number, and the interval has to be one all the same.
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

@Suite struct SampleMeanTests {
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
