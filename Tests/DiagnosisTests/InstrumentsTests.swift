import Datasets
import Diagnosis
import Networks
import Plumbline
import TestSupport
import Testing
import Training

/// A layer that no one has registered anywhere: two matrices, a skip, and no names.
private struct Homemade: Layer {
  let first: Parameter, second: Parameter

  init(width: Int) {
    first = Parameter([width, width], .he())
    second = Parameter([width, width], .he())
  }

  func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    x + matmul(relu(matmul(x, pass[first])), pass[second]) * 0.5
  }
}

@Suite struct InstrumentsTests {
  private let data: Examples<Float>

  init() throws { data = Examples<Float>(try SmallData.glyphs()) }

  private func settings(steps: Int, batch: Int? = 16) -> TrainingSettings {
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.batchSize = batch
    settings.length = .steps(steps)
    return settings
  }

  private func network(dropout: Double = 0, batchNorm: Bool = false) throws -> Network {
    var options = DenseNetworkOptions()
    options.dropout = dropout
    options.normalization = batchNorm ? .batch : nil
    return try NetworkDescription(widths: [784, 8, 8, 10], options: options).network()
  }

  @Test(arguments: [(0.0, false), (0.3, false), (0, true)])
  func lookingChangesNoBit(dropout: Double, batchNorm: Bool) throws {
    let run = TrainingRun(
      try network(dropout: dropout, batchNorm: batchNorm), on: data, settings(steps: 12))
    let watched = try run.diagnosed().result
    let unwatched = try run.result()
    #expect(watched.losses == unwatched.losses)
    #expect(watched.parameters == unwatched.parameters)
  }

  @Test func aLoopByHandSeesWhatTheRunSees() throws {
    let (network, settings) = (try network(), settings(steps: 9))
    let diagnosed = try TrainingRun(network, on: data, settings).diagnosed()
    var trainer = try Trainer(network, on: data, settings)
    var instruments = Instruments(network, on: data, settings, at: trainer.parameters)
    while trainer.stepsDone < trainer.stepCount {
      let loss = try trainer.step()
      instruments.record(loss: loss, gradient: trainer.gradient, parameters: trainer.parameters)
    }
    let evidence = instruments.evidence(at: trainer.parameters)
    #expect(evidence.probes == diagnosed.diagnosis.evidence.probes)
    #expect(evidence.losses == diagnosed.diagnosis.evidence.losses)
    #expect(evidence.train == diagnosed.result.train)
  }

  @Test func aSkipBeforeTheFirstParameterIsNoStation() throws {
    let network = Sequential(
      Residual(Activation.relu), ConcatenatingSkip(Activation.tanh), Dense(1568, 6),
      Activation.relu, Dense(6, 10))
    let diagnosis = try TrainingRun(network, on: data, settings(steps: 3)).diagnosed().diagnosis
    let stations = try #require(diagnosis.evidence.start).stations
    #expect(stations.map(\.layer) == ["2", "4"])
  }

  @Test func aHomemadeLayerIsMeasuredWithoutRegistration() throws {
    let network = Sequential(
      Dense(784, 6), Homemade(width: 6), Homemade(width: 6), Dense(6, 10))
    let diagnosis = try TrainingRun(network, on: data, settings(steps: 3)).diagnosed().diagnosis
    let probe = try #require(diagnosis.evidence.start)
    // The input layer, the end of each skip, the output; what lies inside a branch does not carry the whole signal.
    #expect(probe.stations.count == 4)
    #expect(probe.joins.count == 2)
    #expect(probe.activations.map(\.function) == [.relu, .relu])
    #expect(probe.joins.allSatisfy { $0.branchMeanSquare > 0 && $0.identityMeanSquare > 0 })
  }

  /// What is known of a function is the activation's own, so a new one is seen like the others.
  @Test(arguments: Activation.elementwise.filter { $0 != .linear })
  func seesEveryActivation(_ activation: Activation) throws {
    let network = Sequential(Dense(784, 6), activation, Dense(6, 10), activation)
    let settings = settings(steps: 1)
    let parameters: Parameters<Float> = settings.initialParameters(of: network)
    let evidence = Instruments(network, on: data, settings, at: parameters).evidence(at: parameters)
    #expect(evidence.start?.activations.map(\.function) == [activation, activation])
    #expect(evidence.facts.endings == [activation] && evidence.facts.activations == [activation])
  }

  @Test func momentsAreThoseOfTheActivations() throws {
    let network = try network()
    let settings = settings(steps: 1, batch: nil)
    let parameters: Parameters<Float> = settings.initialParameters(of: network)
    let instruments = Instruments(network, on: data, settings, at: parameters)
    let probe = try #require(instruments.evidence(at: parameters).start)
    let count = instruments.evidence(at: parameters).probeExampleCount
    let rows = (0..<count).map { $0 * data.count / count }
    let z = linear(
      data.features.selectingRows(rows), parameters["0.weight"], parameters["0.bias"])
    let square = z.scalars.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(z.count)
    #expect(abs(probe.stations[0].meanSquare - square) < 1e-5 * square)
    let dead = (0..<8).filter { unit in
      (0..<count).allSatisfy { z.scalars[$0 * 8 + unit] <= 0 }
    }
    #expect(probe.activations[0].dead == dead)
    #expect(probe.activations.map(\.layer) == ["0", "2"])
    #expect(probe.stations.map(\.layer) == ["0", "2", "4"])
  }

  @Test func aDeadUnitIsDatedToTheUpdateThatKilledIt() throws {
    let network = Sequential(Dense(2, 2), Activation.relu, Dense(2, 1))
    let examples = Examples<Float>(
      features: Tensor([2, 2], [1, 0, 0, 1]), targets: Tensor([2, 1], [1, 0]))
    var settings = TrainingSettings(loss: .meanSquaredError)
    settings.length = .steps(4)
    var parameters: Parameters<Float> = settings.initialParameters(of: network)
    var instruments = Instruments(network, on: examples, settings, at: parameters)
    var gradient = parameters
    for step in 0..<4 {
      gradient.vector = .ones([parameters.count])
      if step >= 2 { gradient["0.bias"] = [0, 1] }
      if step >= 1 { gradient["2.weight"] = .zeros([2, 1]) }
      instruments.record(loss: 1, gradient: gradient, parameters: parameters)
    }
    parameters.vector = parameters.vector * 0.5
    let records = instruments.evidence(at: parameters).gradients
    let byName = Dictionary(uniqueKeysWithValues: records.map { ($0.name, $0) })
    #expect(byName["0.bias"]?.unitsZeroSince == [2, nil])
    #expect(byName["0.bias"]?.zeroSince == nil)
    #expect(byName["2.weight"]?.zeroSince == 1)
    #expect(byName["0.weight"]?.zeroSince == nil)
  }
}
