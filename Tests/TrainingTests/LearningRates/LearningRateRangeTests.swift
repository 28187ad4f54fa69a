import Datasets
import Experiments
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing
import Training

@Suite struct LearningRateRangeTests {
  /// A test of 71 steps, ten to a decade.
  private var test: LearningRateRangeTest {
    var test = LearningRateRangeTest()
    test.steps = 71
    return test
  }

  /// A loss for every tenth of a decade from 1e-6 to 10.
  private func range(
    ending: LearningRateRange.Ending = .finished, steps: Int = 71, _ loss: (Double) -> Double
  ) -> LearningRateRange {
    LearningRateRange(
      test: test, losses: (0..<steps).map { loss(-6 + Double($0) / 10) }, ending: ending)
  }

  private func exponent(_ rate: Double?) -> Double? { rate.map { log10($0) } }

  @Test func ratesGrowByOneFactorFromLowestToHighest() {
    let rates = range { _ in 1 }.points.map(\.rate)
    #expect(rates.count == 71 && rates[0] == 1e-6 && abs(rates[70] - 10) < 1e-9)
    for (rate, next) in zip(rates, rates.dropFirst()) {
      #expect(abs(next / rate - pow(10, 0.1)) < 1e-9)
    }
  }

  @Test func readsMinimumAndSteepestDescentOfASmoothCurve() throws {
    // Falls by a logistic curve whose middle is at 10^-3, and rises from 10^-1 on.
    let range = range { x in 1 / (1 + exp(4 * (x + 3))) + 0.1 + (x > -1 ? 5 * (x + 1) : 0) }
    #expect(abs(try #require(exponent(range.steepestRate)) + 3) < 0.11)
    #expect(abs(try #require(exponent(range.minimumRate)) + 1) < 0.21)
    #expect(range.rate(by: .steepest) == range.steepestRate)
    #expect(range.rate(by: .thirdOfMinimum) == range.minimumRate.map { $0 / 3 })
    #expect(range.rate(by: .tenthOfMinimum) == range.minimumRate.map { $0 / 10 })
    let suggestion = try #require(range.suggestion)
    let exact = try #require(range.rate(by: .thirdOfMinimum))
    #expect(abs(suggestion / exact - 1) < 0.05)
    #expect(Double(String(format: "%.1e", suggestion)) == suggestion)
  }

  @Test func slopesBeforeTheFallAreNoise() throws {
    // A step down at tiny rates, as a run of easy batches makes one, back again, and the fall at 10^-2.
    let range = range { x in
      let noise = x > -5 && x < -4.6 ? -0.35 : 0
      return 1 + noise - 0.9 / (1 + exp(-3 * (x + 2)))
    }
    #expect(abs(try #require(exponent(range.steepestRate)) + 2) < 0.11)
  }

  @Test func divergenceIsWhereTheLossIsFourTimesItsMinimum() throws {
    let range = range(ending: .diverged, steps: 60) { x in x < -2 ? -x : 2 + 20 * (x + 2) }
    let rate = try #require(exponent(range.divergenceRate))
    #expect(abs(rate - (-2 + 6.0 / 20)) < 0.21)
    #expect(range.rate(by: .tenthOfDivergence) == range.divergenceRate.map { $0 / 10 })
  }

  @Test func aLossThatIsNoNumberDivergesAtTheLastRate() throws {
    let range = range(ending: .nonFinite, steps: 40) { -$0 }
    #expect(abs(try #require(exponent(range.divergenceRate)) + 2.1) < 1e-9)
    #expect(range.points.count == 40)
  }

  @Test func nothingIsReadWhereNothingFalls() {
    for range in [range { _ in 1 }, range { 10 + $0 }, range(steps: 0) { _ in 1 }] {
      #expect(range.minimumRate == nil && range.steepestRate == nil && range.suggestion == nil)
    }
    #expect(range { _ in 0 }.suggestion == nil)
    #expect(range { _ in 1 }.divergenceRate == nil)
    #expect(range(ending: .nonFinite, steps: 0) { _ in 1 }.divergenceRate == nil)
  }

  // MARK: Of a network

  private func settings() -> TrainingSettings {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.batchSize = 20
    return settings
  }

  private func network(_ features: Int) -> DepthNetwork {
    DepthNetwork(arm: .residual, inputs: features, width: 8, classes: 10, depth: 4)
  }

  @Test func findsARateThatTrains() throws {
    let data = Examples<Float>(try SmallData.glyphs(200))
    let network = network(data.features.shape[1])
    var settings = settings()
    for optimizer in [OptimizerChoice.sgd, .momentum, .adam] {
      settings.optimizer = optimizer
      let range = try LearningRateRangeTest().range(network, on: data, settings)
      let suggestion = try #require(range.suggestion)
      var trained = settings
      trained.learningRate = suggestion
      let loss = try TrainingRun(network, on: data, trained).result().train.loss
      trained.learningRate = suggestion / 100
      let slow = try TrainingRun(network, on: data, trained).result().train.loss
      trained.learningRate = suggestion * 100
      let fast = try TrainingRun(network, on: data, trained).result()
      #expect(loss < 0.7 * slow)
      #expect(fast.ending != .finished || loss < fast.train.loss)
    }
  }

  @Test func isTheTrainingOfAGrowingRateAndNothingElse() throws {
    let data = Examples<Float>(try SmallData.glyphs(60))
    let network = network(data.features.shape[1])
    var first = settings()
    // What the test sets itself changes nothing.
    let range = try test.range(network, on: data, first)
    (first.learningRate, first.length, first.schedule.warmUp) = (7, .epochs(1), 5)
    #expect(try test.range(network, on: data, first, workers: Workers(2)) == range)

    var growing = settings()
    growing.learningRate = 1e-6
    growing.schedule.form = .exponential(factor: pow(10, 0.1))
    growing.length = .steps(71)
    let losses = try TrainingRun(network, on: data, growing, evaluationInterval: 0).result().losses
    for (point, loss) in zip(range.points, losses) {
      #expect(abs(point.loss - loss) <= 1e-4 * loss, "\(point.rate)")
    }
  }

  @Test func stopsWhereItIsTold() throws {
    let data = Examples<Float>(try SmallData.glyphs(60))
    var steps: [Int] = []
    let range = try test.range(network(data.features.shape[1]), on: data, settings()) {
      steps.append($0)
      return $0 == 9
    }
    #expect(steps == Array(0..<10) && range.points.count == 10 && range.ending == .stopped)
  }

  @Test func aBatchLargerThanTheDataIsTheCallersError() throws {
    let data = Examples<Float>(try SmallData.glyphs(10))
    #expect(throws: Problem.self) {
      try test.range(network(data.features.shape[1]), on: data, settings())
    }
  }
}
