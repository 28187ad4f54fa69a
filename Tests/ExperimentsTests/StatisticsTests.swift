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

  @Test func refusesASingleValue() async {
    await #expect(processExitsWith: .failure) { _ = SampleMean(of: [1]) }
  }
}
