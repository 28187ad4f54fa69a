import Experiments
import Plumbline
import Testing
import research

@Suite struct PathLengthsTests {
  private func mean(_ length: Int, variance: Double) -> SampleMean {
    SampleMean(
      of: draws(48) { draw in
        PathLengths.shares(
          depth: 16, scale: 0.25, longest: 16, width: 48, variance: variance,
          key: Key(seed: 9)[draw]
        )[length]
      })
  }

  @Test func shortPathsHaveTheSharesOfTheBinomial() {
    // (16/17)^16, and 16 times (16/17)^15 / 17: both 0.3791.
    for length in 0...1 {
      let share = mean(length, variance: 1)
      #expect(abs(share.mean - 0.3791) < 4 * share.standardError + 0.01, "\(share)")
    }
  }

  /// The control: branches of twice the energy are not those of the law, and its tolerance shows it.
  @Test func branchesOfTwiceTheEnergyFail() {
    let share = mean(0, variance: 2)
    let check = Check("control", predicted: 0.3791, measured: share, tolerance: 0.05)
    #expect(!check.holds && check.deviation > 0.3)
  }

  @Test func sharesAddUpToOne() {
    let shares = PathLengths.shares(depth: 5, scale: 1, longest: 5, width: 8, key: Key(seed: 1))
    #expect(shares.count == 6 && abs(shares.reduce(0, +) - 1) < 1e-6)
    #expect(shares.allSatisfy { $0 > 0 })
  }
}
