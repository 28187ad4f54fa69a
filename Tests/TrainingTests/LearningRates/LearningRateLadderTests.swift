import Datasets
import Experiments
import Findings
import Plumbline
import Synchronization
import TestSupport
import Testing
import Training

@Suite struct LearningRateLadderTests {
  private let run: TrainingRun<Float>

  init() throws {
    let data = Examples<Float>(try SmallData.glyphs(60))
    let network = DepthNetwork(
      arm: .plain, inputs: data.features.shape[1], width: 6, classes: 10, depth: 2)
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.batchSize = 20
    settings.length = .steps(12)
    settings.learningRate = 0.3
    run = TrainingRun(network, on: data, settings)
  }

  private func ladder(_ rungs: Int, from rate: Double = 0.3) -> LearningRateLadder<Float> {
    var run = run
    run.settings.learningRate = rate
    return LearningRateLadder(run, rungs: rungs)
  }

  @Test func ratesFallByThreesToTwoDigits() {
    #expect(ladder(5, from: 0.54).rates == [0.54, 0.18, 0.06, 0.02, 0.0067])
    #expect(ladder(4, from: 0.001).rates == [0.001, 0.00033, 0.00011, 3.7e-5])
    // The first is taken as it was given.
    #expect(ladder(2, from: 0.123456).rates == [0.123456, 0.041])
    #expect(ladder(1).rates == [0.3])
    #expect(Set(ladder(30).rates).count == 30)
  }

  @Test func everyRungIsTheRunAtItsRateAlone() throws {
    let ladder = ladder(4)
    for jobs in [1, 3] {
      let rungs = try ladder.rungs(jobs: jobs)
      #expect(rungs.map(\.rate) == ladder.rates)
      for rung in rungs {
        var alone = run
        alone.settings.learningRate = rung.rate
        let result = try alone.result()
        #expect(rung.result.losses == result.losses)
        #expect(rung.result.parameters.vector.scalars == result.parameters.vector.scalars)
        #expect(rung.result.train == result.train)
      }
      // One seed and one order: the first loss is that of the same parameters and batch.
      #expect(Set(rungs.map { $0.result.losses[0] }).count == 1)
    }
  }

  @Test func finishedRungsAreKeptAndNotMadeAgain() throws {
    let ladder = ladder(4)
    let whole = try ladder.rungs(jobs: 1)
    let temporary = try TemporaryFolder()
    let folder = ResultsFolder(path: temporary.path)
    // Stopped in its third run.
    let steps = Atomic<Int>(0)
    let stopped = try ladder.rungs(
      jobs: 1, journal: LearningRateLadder<Float>.journal(in: folder)
    ) { steps.add(1, ordering: .relaxed).newValue > 34 }
    #expect(stopped.count(where: { $0.result.ending == .stopped }) == 2)
    let journal = try LearningRateLadder<Float>.journal(in: folder)
    #expect(journal.count == 2)
    let made = Atomic<Int>(0)
    let resumed = try ladder.rungs(jobs: 1, journal: journal) {
      made.add(1, ordering: .relaxed)
      return false
    }
    #expect((24...34).contains(made.load(ordering: .relaxed)))
    for (one, other) in zip(whole, resumed) {
      #expect(one.rate == other.rate && one.result.losses == other.result.losses)
      #expect(one.result.parameters.valuesHash == other.result.parameters.valuesHash)
      #expect(one.result.train == other.result.train && one.result.ending == other.result.ending)
      #expect(one.run.diagnosis == other.run.diagnosis)
    }
  }

  @Test func theBestHasTheLowestTrainLoss() throws {
    let rungs = try ladder(5, from: 1).rungs(jobs: 2)
    let best = LearningRateLadder.best(of: rungs)
    #expect(rungs.allSatisfy { best.result.train.loss <= $0.result.train.loss })
    #expect(Set(rungs.map(\.result.train.loss)).count > 1)
  }

  @Test func theDevLossDecidesWhereThereIsOne() throws {
    // A dev set whose labels are wrong, so that the better a run does the worse it looks.
    var run = run
    let classes = run.train.targets.scalars.map { ($0 + 1).truncatingRemainder(dividingBy: 10) }
    run.dev = Examples<Float>(
      features: run.train.features, targets: Tensor(run.train.targets.shape, classes))
    let rungs = try LearningRateLadder(run, rungs: 5).rungs(jobs: 2)
    let best = LearningRateLadder.best(of: rungs)
    let devLosses = rungs.compactMap { $0.result.dev?.loss }
    #expect(devLosses.count == 5 && best.result.dev?.loss == devLosses.min())
    #expect(best.result.train.loss > (rungs.map(\.result.train.loss).min() ?? .infinity))
  }

  @Test func whatDivergedIsBestOnlyWhereAllDid() throws {
    var run = run
    run.settings.optimizer = .sgd
    run.settings.learningRate = 1e30
    let lost = try LearningRateLadder(run, rungs: 2).rungs(jobs: 2)
    #expect(lost.allSatisfy { $0.isDiverged })
    #expect(LearningRateLadder.best(of: lost).isDiverged)
    run.settings.learningRate = 0.01
    let sound = try LearningRateLadder(run, rungs: 2).rungs(jobs: 1)
    let best = LearningRateLadder.best(of: lost + sound)
    #expect(!best.isDiverged && sound.map(\.rate).contains(best.rate))
  }

  @Test func ofEqualRungsTheSmallestRateIsBest() throws {
    var run = run
    run.settings.length = .steps(0)
    let rungs = try LearningRateLadder(run, rungs: 3).rungs(jobs: 1)
    #expect(LearningRateLadder.best(of: rungs).rate == rungs[2].rate)
  }

  @Test func whatWasStoppedIsKeptAndComesLast() throws {
    let asked = Mutex(0)
    let rungs = try ladder(3).rungs(jobs: 1) {
      asked.withLock { count in
        count += 1
        return count > 20
      }
    }
    #expect(rungs.map(\.result.ending) == [.finished, .stopped, .stopped])
    #expect(LearningRateLadder.best(of: rungs).rate == rungs[0].rate)
  }

  @Test func aBatchLargerThanTheDataIsTheCallersError() {
    var run = run
    run.settings.batchSize = 61
    #expect(throws: Problem.self) { try LearningRateLadder(run, rungs: 2).rungs(jobs: 2) }
  }
}
