import Foundation
import Testing
import Training

@Suite struct LearningRateSearchTests {
  /// Carries a search to its end and counts the rates that were tried.
  private func search(
    _ grid: [Double], loss: (Double) -> Double
  ) -> (search: LearningRateSearch, trials: Int) {
    var search = LearningRateSearch(grid: grid)
    var trials = 0
    while case let open = search.open, !open.isEmpty, trials < 100 {
      for rate in open {
        search.note(rate, loss: loss(rate))
        trials += 1
      }
    }
    return (search, trials)
  }

  /// A loss with its minimum at a rate.
  private func bowl(around best: Double) -> (Double) -> Double {
    { abs(log($0 / best)) }
  }

  private let grid = [1e-4, 3e-4, 1e-3]

  @Test func leavesTheGridWhereTheBestIsInside() {
    let (search, trials) = search(grid, loss: bowl(around: 3e-4))
    #expect(search.best == 3e-4 && !search.isAtEdge)
    #expect(search.rates == grid && trials == 3)
  }

  @Test func widensBelowInTheRhythmOfTheGrid() {
    let (search, trials) = search(grid, loss: bowl(around: 3e-5))
    #expect(search.rates == [1e-5, 3e-5] + grid)
    #expect(search.best == 3e-5 && !search.isAtEdge && trials == 5)
  }

  @Test func widensAboveInTheRhythmOfTheGrid() {
    let (search, _) = search(grid, loss: bowl(around: 3e-3))
    #expect(search.rates == grid + [3e-3, 1e-2])
    #expect(search.best == 3e-3 && !search.isAtEdge)
  }

  @Test func keepsEveryRhythm() {
    #expect(search([1, 2, 4], loss: { 1 / $0 }).search.rates == [1, 2, 4, 8, 16, 32, 64])
    #expect(search([1, 2, 5, 10], loss: { 1 / $0 }).search.rates.suffix(4) == [25, 50, 125, 250])
    #expect(
      search([1e-3, 1e-2], loss: bowl(around: 1e-4)).search.rates == [1e-5, 1e-4, 1e-3, 1e-2])
    #expect(search([1e-3, 1e-2], loss: bowl(around: 0.1)).search.rates == [1e-3, 1e-2, 0.1, 1])
  }

  @Test func triesSmallerRatesWhereEverythingDiverged() {
    let (search, trials) = search(grid, loss: { _ in .infinity })
    #expect(search.rates == [1e-6, 3e-6, 1e-5, 3e-5] + grid && trials == 7)
    #expect(search.best == 1e-6 && search.isAtEdge)
    // Where one of these does not diverge, the search goes on from there.
    let loss = bowl(around: 1e-5)
    let found = self.search(grid) { $0 > 2e-5 ? .infinity : loss($0) }.search
    #expect(found.best == 1e-5 && found.rates == [3e-6, 1e-5, 3e-5] + grid && !found.isAtEdge)
  }

  @Test func givesUpAfterSomeWidenings() {
    let up = search(grid, loss: { 1 / $0 }).search
    #expect(up.rates.count == grid.count + LearningRateSearch.widenings)
    #expect(up.best == 1e-1 && up.isAtEdge)
    let down = search(grid, loss: { $0 }).search
    #expect(down.rates.count == grid.count + LearningRateSearch.widenings)
    #expect(down.best == 1e-6 && down.isAtEdge)
    // A loss that is best at both ends in turn: the limit holds for each end.
    var count = 0.0
    let both = search(grid) { rate in
      count += 1
      return rate < 3e-4 || rate > 3e-4 ? -count : 0
    }
    #expect(both.trials <= grid.count + 2 * LearningRateSearch.widenings)
  }

  @Test func usesASingleRateAsItIs() {
    let (search, trials) = search([3e-3], loss: { $0 })
    #expect(search.rates == [3e-3] && search.best == 3e-3 && !search.isAtEdge && trials == 1)
    #expect(LearningRateSearch(grid: [3e-3]).best == 3e-3)
  }

  @Test func sortsTheGridAndTakesEachRateOnce() {
    let messy = LearningRateSearch(grid: [1e-3, 1e-4, 3e-4, 1e-3, 1e-4])
    #expect(messy.rates == grid && messy.open == grid)
    #expect(messy == LearningRateSearch(grid: grid))
    let same = search([1e-3, 1e-3], loss: { $0 })
    #expect(same.search.rates == [1e-3] && !same.search.isAtEdge && same.trials == 1)
  }

  @Test func takesTheSmallerOfEqualRates() {
    #expect(search(grid, loss: { $0 < 2e-4 ? 2 : 1 }).search.best == 3e-4)
    #expect(search([1, 2, 3], loss: { _ in 1 }).search.best < 1)
  }

  @Test func aLadderIsNotWidened() {
    var ladder = LearningRateSearch(grid: grid, widenings: 0)
    for rate in grid { ladder.note(rate, loss: 1 / rate) }
    #expect(ladder.open.isEmpty && ladder.rates == grid && ladder.best == 1e-3)
  }

  @Test func waitsForAllRatesBeforeItWidens() {
    var search = LearningRateSearch(grid: grid)
    search.note(1e-4, loss: 1)
    #expect(search.rates == grid && search.open == [3e-4, 1e-3])
    search.note(3e-4, loss: 2)
    search.note(1e-3, loss: 3)
    #expect(search.open == [3e-5])
  }
}
