import Datasets
import Experiments
import Findings
import Plumbline
import TestSupport
import Testing
import Training

@Suite struct ConstructedSolutionTests {
  private let set: LabelledSet

  init() throws {
    set = try SmallData.glyphs(80)
  }

  private func solution(
    _ arm: Arm, _ shallow: Int, _ deep: Int
  ) throws -> ConstructedSolution {
    try ConstructedSolution(
      arm: arm, inputs: set.featureCount, width: 7, classes: 10, shallow: shallow, deep: deep)
  }

  private func trained(_ network: DepthNetwork, steps: Int = 30) throws -> Parameters<Float> {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.learningRate = 1e-2
    settings.batchSize = 16
    settings.length = .steps(steps)
    return try TrainingRun(network, on: Examples(set), settings).result().parameters
  }

  @Test(arguments: [
    (Arm.plain, 2, 3), (.plain, 4, 37), (.residual, 2, 8), (.residual, 4, 64),
    (.residual, 4, 16), (.zero, 2, 6), (.unscaled, 4, 10),
  ])
  func everyOutputIsTheSameToTheBit(arm: Arm, shallow: Int, deep: Int) throws {
    let solution = try solution(arm, shallow, deep)
    let parameters = try trained(solution.shallow)
    let constructed = solution.parameters(from: parameters, key: Key(seed: 3))
    let data = Examples<Float>(set)
    let small = solution.shallow(data.features, parameters.pass()).scalars
    let large = solution.deep(data.features, constructed.pass()).scalars
    #expect(Set(small).count > 100, "outputs that say something")
    #expect(small.map(\.bitPattern) == large.map(\.bitPattern))
    let loss = LossFunction.crossEntropy
    #expect(
      Evaluation(of: solution.shallow, parameters, on: data, loss: loss)
        == Evaluation(of: solution.deep, constructed, on: data, loss: loss))
    // The compiled step of a training agrees with it too.
    var settings = TrainingSettings(loss: loss)
    settings.batchSize = 40
    settings.length = .steps(1)
    let first = try TrainingRun(solution.shallow, on: data, settings, from: parameters).result()
    let second = try TrainingRun(solution.deep, on: data, settings, from: constructed).result()
    #expect(first.losses == second.losses)
  }

  @Test func aDeepNetworkThatDiffersByOneBitIsSeen() throws {
    let solution = try solution(.plain, 2, 4)
    let parameters = try trained(solution.shallow)
    var constructed = solution.parameters(from: parameters, key: Key(seed: 3))
    var weight = constructed["hidden.3.weight"].scalars
    for place in stride(from: 0, to: 49, by: 8) { weight[place] = Float(1).nextUp }
    constructed["hidden.3.weight"] = Tensor([7, 7], weight)
    let data = Examples<Float>(set)
    let small = solution.shallow(data.features, parameters.pass()).scalars
    let large = solution.deep(data.features, constructed.pass()).scalars
    #expect(small != large)
  }

  @Test func everyParameterOfTheAddedLayersHasAGradientInTheEnd() throws {
    // Branches of zeros in both layers would never learn.
    for arm in [Arm.plain, .residual] {
      let solution = try solution(arm, 2, 8)
      let parameters = try trained(solution.shallow)
      let constructed = solution.parameters(from: parameters, key: Key(seed: 3))
      let data = Examples<Float>(set)
      var settings = TrainingSettings(loss: .crossEntropy)
      settings.batchSize = 40
      settings.length = .steps(3)
      let after = try TrainingRun(solution.deep, on: data, settings, from: constructed).result()
      for name in constructed.names {
        #expect(after.parameters[name].scalars != constructed[name].scalars, "\(arm) \(name)")
      }
    }
  }

  @Test func whatCannotBeConstructedIsRefused() {
    for arm in [Arm.highway, .orthogonalTanh] {
      #expect(throws: Problem.self) { try solution(arm, 2, 4) }
    }
    // Branch scales of 1/√1 and 1/√2: their ratio is no power of 2.
    #expect(throws: Problem.self) { try solution(.residual, 2, 4) }
    #expect(throws: Problem.self) { try solution(.plain, 4, 4) }
  }

  @Test func theStudyMeasuresWhatTheGridStudyDoes() throws {
    var configuration = GridConfiguration()
    configuration.arms = [.plain, .residual]
    configuration.depths = [2, 8]
    configuration.width = 6
    configuration.batch = 16
    configuration.steps = 10
    configuration.learningRates = [1e-3, 1e-2]
    configuration.seeds = 1
    configuration.reportSeeds = 3
    let pairs = try ConstructedSolutionStudy(configuration, trainingSet: set).pairs(
      in: StudySession(of: "s", jobs: 2))
    let depth = try GridStudy(configuration, trainingSet: set).results(
      in: StudySession(of: "s", jobs: 2))
    #expect(pairs.map(\.arm) == [.plain, .residual])
    for pair in pairs {
      #expect(pair.differingOutputs == [0, 0, 0] && pair.outputs == 800)
      #expect(pair.trained == pair.constructed)
      let shallow = try #require(depth[pair.arm, 2])
      #expect(pair.trained.map(\.loss) == shallow.outcomes.map(\.lossOrInfinity))
      #expect(pair.shallowRate == shallow.learningRate)
      let deep = try #require(depth[pair.arm, 8])
      #expect(pair.scratch.map(\.loss) == deep.outcomes.map(\.lossOrInfinity))
      #expect(pair.continued.count == 3 && pair.continued != pair.constructed)
      #expect(pair.shallowContinued.count == 3 && pair.shallowContinued != pair.trained)
    }
  }
}
