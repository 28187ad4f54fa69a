import Plumbline
import TestSupport
import Testing

@Suite(
  "A replayed step of random layers, normalizations, convolutions and poolings has the eager bits")
struct ReplayedLayerTests {
  @Test("on random networks on images, for several batches and keys", arguments: 0..<12)
  func randomNetworks(number: Int) {
    let trial = Trial(number: number)
    replay(Float.self, trial)
    replay(Double.self, trial)
  }

  private func replay<Scalar: TrainableScalar>(_ type: Scalar.Type, _ trial: Trial) {
    let graph = RandomImageNetwork(key: trial.key["network"])
    let loss: TrainingStep<Scalar>.Loss = graph.loss()
    var step = TrainingStep<Scalar>(of: graph.network, loss: loss)
    var parameters = Parameters<Scalar>(of: graph.network, key: trial.key["parameters"])
    let batches = [4, 2, 4, 5, 2, 4]
    for (draw, count) in batches.enumerated() {
      let key = trial.key["draw"][draw]
      expectEagerBits(
        &step, loss, at: parameters, inputs: graph.examples(count, key: key), key: key,
        "\(Scalar.self), draw \(draw), \(trial.comment)")
      parameters.statistics = step.statistics
      parameters.vector = parameters.vector - step.gradient.vector * 0.1
    }
    // Every batch but the first of its size was a replay.
    #expect(step.callCounts.count == Set(batches).count, trial.comment)
  }

  @Test("on several threads", arguments: [2, 3])
  func threads(count: Int) {
    for trial in Trial.several(6) {
      let graph = RandomImageNetwork(key: trial.key["network"])
      let loss: TrainingStep<Float>.Loss = graph.loss()
      var alone = TrainingStep<Float>(of: graph.network, loss: loss)
      // Threads that take part in everything.
      var together = TrainingStep<Float>(
        of: graph.network, workers: Workers(count, leastWork: (step: 0, vector: 0)), loss: loss)
      var parameters = Parameters<Float>(of: graph.network, key: trial.key["parameters"])
      // As many that each way has been tried.
      for draw in 0..<12 {
        let key = trial.key["draw"][draw]
        let inputs: [Tensor<Float>] = graph.examples(5, key: key)
        let expected = alone.loss(at: parameters, inputs: inputs, key: key)
        let value = together.loss(at: parameters, inputs: inputs, key: key)
        #expect(value.hasBits(of: expected), trial.comment)
        expectBits(together.gradient.vector, alone.gradient.vector, trial.comment)
        expectBits(together.statistics, alone.statistics, trial.comment)
        parameters.statistics = alone.statistics
      }
    }
  }

  @Test("where examples are selected by rows, and statistics are only read or half updated")
  func partialStatistics() {
    let network = StatisticsUser()
    let loss: TrainingStep<Double>.Loss = { pass, inputs in network(inputs[0], pass).mean() }
    var step = TrainingStep<Double>(of: network, loss: loss)
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let data = Tensor<Double>([6, 2], Key(seed: 2).normal(12))
    for (draw, rows) in [[0, 1, 5], [3, 3, 2], [4, 0, 1], [2, 1, 0]].enumerated() {
      let before = parameters.statistics
      let value = step.loss(at: parameters, inputs: [data], rows: rows)
      let eager = parameters.valueWithGradientAndStatistics { pass in
        loss(pass, [pass.constant(data.selectingRows(rows))])
      }
      #expect(value == eager.value)
      #expect(step.gradient.vector == eager.gradient.vector)
      #expect(step.statistics == eager.statistics)
      #expect(parameters.statistics == before, "draw \(draw): a step changes what it was given")
      parameters.statistics = step.statistics
    }
    #expect(step.callCounts.count == 1)
    // Read, changed twice, taken from the input as it is, and never touched.
    #expect(parameters["read"] == [0.5, 0.5] && parameters["untouched"] == [3])
    #expect(
      parameters["twice"] != [0, 0]
        && parameters["copied"] == data.sliced([2..<3, 0..<2]).flattened())
  }

  /// Uses running statistics in every way there is.
  private struct StatisticsUser: Layer {
    let weight = Parameter([2], .constant(1))
    let read = RunningStatistic([2], initial: 0.5)
    let twice = RunningStatistic([2], initial: 0)
    let copied = RunningStatistic([2], initial: 1)
    let untouched = RunningStatistic([1], initial: 3)

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      for factor in [0.5, 0.25] {
        let old = pass.value(of: twice, like: input)
        pass.update(twice, to: old * factor + input.detached().mean(alongAxes: [0]))
      }
      pass.update(copied, to: input.sliced(axis: 0, 0..<1).reshaped(to: [2]))
      return input * pass[weight] * pass.value(of: read, like: input)
        + pass.value(of: twice, like: input)
    }
  }

  @Test("where a layer of one's own draws through the pass, and not where it reads the key")
  func ownRandomLayer() {
    let input = Tensor<Double>([3, 2], Key(seed: 5).normal(6))
    for readsKey in [false, true] {
      let network = Sequential(Dense(2, 3), NoisyLayer(readsKey: readsKey), Dense(3, 1))
      let loss: TrainingStep<Double>.Loss = { network($1[0], $0).squared().mean() }
      var step = TrainingStep<Double>(of: network, loss: loss)
      let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
      var values: Set<Double> = []
      for seed in 0..<4 {
        expectEagerBits(
          &step, loss, at: parameters, inputs: [input], key: Key(seed: seed), "seed \(seed)")
        values.insert(step.loss(at: parameters, inputs: [input], key: Key(seed: seed)))
      }
      #expect(values.count == 4)
      #expect(step.callCounts.isEmpty == readsKey)
    }
  }

  /// Adds normal noise.
  private struct NoisyLayer: Layer {
    let readsKey: Bool
    private let name = LayerName()

    init(readsKey: Bool) { self.readsKey = readsKey }

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      let shape = input.shape
      @Sendable func noise(_ key: Key) -> Tensor<T.Scalar> {
        Tensor(shape, nearestTo: key.normal(shape.elementCount))
      }
      return pass.named(name) {
        input
          + (readsKey
            ? input.constant(noise(pass.key["noise"]))
            : pass.random(for: name, like: input, noise))
      }
    }
  }
}
