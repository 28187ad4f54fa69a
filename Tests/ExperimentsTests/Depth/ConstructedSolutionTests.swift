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
    for position in stride(from: 0, to: 49, by: 8) { weight[position] = Float(1).nextUp }
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
    // Branch scales of 1/√1 and 1/√2: their ratio is not a power of 2.
    #expect(throws: Problem.self) { try solution(.residual, 2, 4) }
    #expect(throws: Problem.self) { try solution(.plain, 4, 4) }
  }

  /// A run that starts from a trained network goes on from it, whatever is asked besides.
  @Test func anArmStartsFromATrainedNetwork() throws {
    let grown = Arm.residual.starting("grown", summary: "starts as 2 layers", definition: "1") {
      start in
      let solution = try ConstructedSolution(arm: .residual, shallow: 2, in: start.point)
      return solution.parameters(
        from: try start.trained(solution.shallow), key: start.settings.key["parameters"])
    }
    var configuration = SmallData.configuration
    (configuration.arms, configuration.depths) = ([.residual, grown], [8])
    configuration.learningRates = [1e-2]
    configuration.measures = ["start-loss"]
    let study = try GridStudy(configuration, trainingSet: set)
    let results = try study.results(in: StudySession(of: "s", jobs: 2))
    configuration.arms = [.residual]
    configuration.depths = [2]
    let shallow = try GridStudy(configuration, trainingSet: set).results(
      in: StudySession(of: "s", jobs: 2))
    let cell = try #require(results[grown, 8])
    let trained = try #require(shallow[.residual, 2])
    #expect(cell.outcomes.map { $0.measures?["start-loss"] } == trained.outcomes.map(\.trainLoss))
    #expect(cell.outcomes[0].trainLoss != trained.outcomes[0].trainLoss)
    #expect(study.pairingNotes(reference: .residual)[0].contains("its own starting values"))
    // What cannot be constructed is said before anything runs.
    #expect(throws: Problem.self) {
      try ConstructedSolution(
        arm: .plain, shallow: 2,
        in: GridPoint(
          inputs: 3, width: 4, classes: 2, depth: 4,
          condition: Condition([("activation", "tanh")])))
    }
  }
}
