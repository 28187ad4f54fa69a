import Plumbline
import TestSupport
import Testing

@Suite("Random layers")
struct RandomLayerTests {
  @Test("dropout zeroes at its rate and keeps the mean; in inference it does nothing")
  func dropout() {
    let layer = Dropout(0.3)
    let parameters = Parameters<Double>(of: layer, key: Key(seed: 0))
    let input = Tensor<Double>.ones([100, 200])
    #expect(layer(input, parameters.pass(key: Key(seed: 1))) == input)
    let output = layer(input, parameters.pass(mode: .training, key: Key(seed: 1)))
    let dropped = output.scalars.count { $0 == 0 }
    // Five standard deviations of a binomial count; the seed is fixed.
    #expect(abs(Double(dropped) - 6000) < 5 * (20_000 * 0.3 * 0.7).squareRoot())
    #expect(output.scalars.allSatisfy { $0 == 0 || $0 == 1 / 0.7 })
    #expect(Dropout(0)(input, parameters.pass(mode: .training)) == input)
  }

  @Test("the mask comes from the key and the path, and is the same in every precision")
  func masks() {
    let network = Sequential(Dropout(0.5), Dropout(0.5))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    let input = Tensor<Double>.ones([16, 16])
    func output(_ seed: Int) -> Tensor<Double> {
      network(input, parameters.pass(mode: .training, key: Key(seed: seed)))
    }
    #expect(output(1) == output(1))
    #expect(output(1) != output(2))
    // Two layers draw two masks: a quarter is kept and not a half.
    let kept = output(1).scalars.count { $0 != 0 }
    #expect(kept > 30 && kept < 100)
    let expected = zip(
      Key(seed: 1)["0"].mask(256, keeping: 0.5), Key(seed: 1)["1"].mask(256, keeping: 0.5)
    ).map { $0 && $1 ? 4.0 : 0 }
    #expect(output(1).scalars == expected)
    let single = network(
      Tensor<Float>.ones([16, 16]),
      Parameters<Float>(converting: parameters).pass(mode: .training, key: Key(seed: 1)))
    #expect(Tensor<Double>(converting: single) == output(1))
  }

  @Test("one value at two positions is one layer with one mask; two values have two")
  func sharedMask() {
    let dropout = Dropout(0.5)
    let input = Tensor<Double>.ones([8, 8])
    func kept(_ network: Sequential) -> Int {
      let parameters = Parameters<Double>(of: network, key: Key(seed: 0))
      return network(input, parameters.pass(mode: .training, key: Key(seed: 3)))
        .scalars.count { $0 != 0 }
    }
    let once = kept(Sequential(dropout))
    #expect(kept(Sequential(dropout, dropout)) == once)
    #expect(kept(Sequential(dropout, Dropout(0.5))) < once)
  }

  @Test("stochastic depth keeps a block whole or leaves it out, and its mean is the block's")
  func stochasticDepth() {
    let layer = Residual(Sequential(Dense(2, 2), StochasticDepth(survival: 0.75)))
    let parameters = Parameters<Double>(of: layer, key: Key(seed: 0))
    let input = Trial(number: 0).key.tensor([3, 2])
    let whole = layer(input, parameters.pass())
    let branch = whole - input
    var kept = 0
    for seed in 0..<400 {
      let output = layer(input, parameters.pass(mode: .training, key: Key(seed: seed)))
      if output == input { continue }
      kept += 1
      #expect(output.isClose(to: input + branch / 0.75, absoluteTolerance: 1e-14))
    }
    #expect(abs(Double(kept) - 300) < 5 * (400 * 0.75 * 0.25).squareRoot())
  }

  @Test("stochastic depth can drop each example by itself")
  func stochasticDepthOfExamples() {
    let layer = StochasticDepth(survival: 0.5, unit: .example)
    let parameters = Parameters<Double>(of: layer, key: Key(seed: 0))
    let output = layer(.ones([200, 3, 2]), parameters.pass(mode: .training, key: Key(seed: 1)))
    let rows = (0..<200).map { output.sliced(axis: 0, $0..<$0 + 1).scalars }
    #expect(rows.allSatisfy { row in row.allSatisfy { $0 == row[0] && ($0 == 0 || $0 == 2) } })
    #expect((60...140).contains(rows.count { $0[0] == 2 }))
  }

  @Test("survival decays linearly, so that 54 blocks have 40.25 on average, as the paper says")
  func linearDecay() {
    let survivals = (1...54).map { StochasticDepth.linearDecay(block: $0, of: 54) }
    #expect(survivals[53] == 0.5)
    #expect(abs(survivals[0] - (1 - 0.5 / 54)) < 1e-15)
    #expect(abs(survivals.reduce(0, +) - 40.25) < 1e-12)
  }

  @Test("a pass on a tape notes its draws, so that they can be made anew for another key")
  func draws() throws {
    let network = Sequential(Dense(4, 4), Dropout(0.5), Dense(4, 4), Dropout(0.2))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    let tape = Tape<Double>()
    let pass = parameters.pass(on: tape, key: Key(seed: 1))
    _ = network(tape.constant(.ones([2, 4])), pass)
    #expect(pass.randomDraws.all.map(\.layer) == ["1", "3"])
    for draw in pass.randomDraws.all {
      #expect(draw.constant.value == draw.values(Key(seed: 1)[draw.layer]))
      #expect(draw.values(Key(seed: 2)[draw.layer]) != draw.constant.value)
      #expect(!draw.constant.requiresGradient)
    }
  }

  @Test("a training step with dropout has new masks for every key")
  func trainingStep() {
    let network = Sequential(Dense(3, 8), Dropout(0.5), Dense(8, 1))
    var step = TrainingStep<Double>(of: network) { network($1[0], $0).squared().mean() }
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let input = Trial(number: 0).key.tensor([4, 3])
    for seed in [1, 2, 3, 1] {
      let value = step.loss(at: parameters, inputs: [input], key: Key(seed: seed))
      let eager = parameters.valueWithGradient(key: Key(seed: seed)) { pass in
        network(pass.constant(input), pass).squared().mean()
      }
      #expect(value == eager.value && step.gradient.vector == eager.gradient.vector)
    }
  }
}

@Suite("Layers with masks and statistics inside checkpointed segments")
struct CheckpointedLayerTests {
  @Test("have the gradients and the statistics of the same layers without")
  func checkpointed() {
    func layers() -> [any Layer] {
      [
        Dense(4, 4), BatchNorm(4), Activation.relu, Dropout(0.5), Dense(4, 4), BatchNorm(4),
        Residual(Sequential(Dense(4, 4), StochasticDepth(survival: 0.5, unit: .example))),
        Dense(4, 2),
      ]
    }
    let input = Trial(number: 0).key.tensor([6, 4])
    func step(
      _ network: Sequential
    ) -> (value: Double, gradient: Parameters<Double>, statistics: Tensor<Double>) {
      let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
      return parameters.valueWithGradientAndStatistics(key: Key(seed: 4)) { pass in
        network(pass.constant(input), pass).squared().mean()
      }
    }
    let whole = step(Sequential(layers()))
    for interval in 1...4 {
      let parts = step(Sequential(layers(), checkpointInterval: interval))
      #expect(parts.value == whole.value)
      #expect(parts.gradient.vector == whole.gradient.vector)
      #expect(parts.statistics == whole.statistics)
    }
    #expect(whole.statistics != Parameters<Double>(of: BatchNorm(8), key: Key(seed: 0)).statistics)
  }
}
