import Plumbline
import TestSupport
import Testing

/// Parameters without a network around them.
private struct Leaves: Layer {
  let parameters: [Parameter]

  init(_ shapes: [Shape]) { parameters = shapes.map { Parameter($0, .zero) } }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input }
}

@Suite("A replayed step has the eager tape's bits")
struct TrainingStepTests {
  @Test("for every operation", arguments: OperationSample.all)
  func everyOperation(sample: OperationSample) {
    for trial in Trial.several(4) {
      replay(sample, Double.self, trial)
      replay(sample, Float.self, trial)
    }
  }

  private func replay<Scalar: TrainableScalar>(
    _ sample: OperationSample, _ type: Scalar.Type, _ trial: Trial
  ) {
    let function = sample.function(trial.key)
    let point = function.point
    let network = Leaves(point.map(\.shape))
    let leaves = network.parameters
    let loss: TrainingStep<Scalar>.Loss = { pass, _ in
      let output = function(leaves.map { pass[$0] })
      // Weighted and squared, so that the upstream gradient is neither 1 nor constant.
      return (output.squared() * 0.3 + output).sum()
    }
    var step = TrainingStep<Scalar>(of: network, loss: loss)
    var parameters = Parameters<Scalar>(of: network, key: trial.key)
    for change in [0, 0.01, -0.02] {
      for (name, value) in zip(parameters.names, point) {
        parameters[name] = Tensor(converting: value * (1 + change))
      }
      expectEagerBits(
        &step, loss, at: parameters, inputs: [], "\(sample.name), \(Scalar.self), \(trial.comment)")
    }
  }

  @Test("for random graphs of products, skips, activations and views")
  func randomGraphs() {
    for trial in Trial.several(25) {
      let graph = RandomGraph(key: trial.key["graph"])
      let loss: TrainingStep<Float>.Loss = { graph.loss($0, $1[0]) }
      var step = TrainingStep<Float>(of: graph, loss: loss)
      for draw in 0..<3 {
        let parameters = Parameters<Float>(of: graph, key: trial.key["parameters"][draw])
        let input = Tensor<Float>(
          [graph.rows, graph.width],
          nearestTo: trial.key["input"][draw].normal(graph.rows * graph.width))
        expectEagerBits(&step, loss, at: parameters, inputs: [input], trial.comment)
      }
    }
  }

  @Test("for a tensor that is read in slices, next to each other, apart or overlapping")
  func slices() {
    for trial in Trial.several(40) {
      let network = SlicedNetwork(key: trial.key["network"])
      let loss: TrainingStep<Float>.Loss = { pass, _ in network(pass[network.values], pass) }
      let workers = Workers(3, leastWork: (step: 0, vector: 0))
      var alone = TrainingStep<Float>(of: network, loss: loss)
      var together = TrainingStep<Float>(of: network, workers: workers, loss: loss)
      // As many that each way has been tried.
      for draw in 0..<16 {
        let parameters = Parameters<Float>(of: network, key: trial.key["parameters"][draw])
        expectEagerBits(&alone, loss, at: parameters, inputs: [], trial.comment)
        expectEagerBits(&together, loss, at: parameters, inputs: [], trial.comment)
      }
    }
  }

  @Test("and a recurrence takes time in proportion to its steps")
  func recurrence() {
    let network = Sequential(LSTM(4, 8), Dense(8, 1))
    func traffic(_ steps: Int) -> Int {
      var step = TrainingStep<Float>(of: network) { pass, inputs in
        network(inputs[0], pass).squared().mean()
      }
      let parameters = Parameters<Float>(of: network, key: Key(seed: 1))
      // One example: of more, a slice spans the others' steps too.
      _ = step.loss(at: parameters, inputs: [.ones([1, steps, 4])])
      return step.trafficBytes.reduce(0, +)
    }
    let each = traffic(17) - traffic(16)
    #expect(traffic(65) - traffic(64) == each)
  }

  @Test("and a residual net is nothing but products, apart from its loss")
  func fusion() {
    let blocks = 5
    let network = Sequential(
      [Dense(6, 8), Activation.relu]
        + (0..<blocks).map { _ in
          Residual(Sequential(Dense(8, 8), Activation.relu, Dense(8, 8)), scale: 0.5)
        } + [Dense(8, 3)])
    func callCount(_ loss: @escaping TrainingStep<Float>.Loss, _ network: some Layer) -> Int {
      var step = TrainingStep<Float>(of: network, loss: loss)
      let parameters = Parameters<Float>(of: network, key: Key(seed: 1))
      _ = step.loss(at: parameters, inputs: [.ones([4, 6])])
      return step.callCounts[0]
    }
    let whole = callCount({ network($1[0], $0).squared().mean() }, network)
    let output = Dense(6, 3)
    let lossAlone = callCount({ output($1[0], $0).squared().mean() }, output)
    // Each weight layer but the first adds a product forward and two backward; the first, whose input needs no
    // gradient, stands for the one of the net without hidden layers, but that its gate adds nothing.
    #expect(whole - lossAlone == 3 * (2 * blocks + 1))
  }
}

/// A sum of slices of a tensor, some of them weighted with zeros of both signs, so that gradients are −0 in places.
private struct SlicedNetwork: Layer {
  let values: Parameter
  let slices: [(ranges: [Range<Int>], weights: Tensor<Double>)]

  init(key: Key) {
    let shape = key["shape"].shape(rank: 1...3, extents: 2...9)
    values = Parameter(shape, .normal(standardDeviation: 1))
    let axis = key["axis"].integer(in: 0...shape.rank - 1)
    // All of an axis in pieces, or pieces that may overlap, or leave gaps.
    let isCover = key["cover"].coin
    slices = (0..<(isCover ? shape.extents[axis] : 4)).map { index in
      let key = key["slice"][index]
      var ranges = shape.extents.map { 0..<$0 }
      if isCover {
        ranges[axis] = index..<index + 1
      } else {
        for axis in ranges.indices {
          let start = key["start"][axis].integer(in: 0...shape.extents[axis] - 1)
          ranges[axis] = start..<key["end"][axis].integer(in: start + 1...shape.extents[axis])
        }
      }
      let block = Shape(ranges.map(\.count))
      let weights = key["weights"].normal(block.elementCount).map {
        abs($0) < 0.4 ? 0 : abs($0) > 1.2 ? -0.0 : $0
      }
      return (ranges, Tensor(block, weights))
    }
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    slices.map { slice in
      (input.sliced(slice.ranges) * input.constant(Tensor(converting: slice.weights))).sum()
    }.reduce(input.constant(.zeros([]))) { $0 + $1 }
  }
}

@Suite("A training step is recorded anew where a replay would be wrong")
struct TrainingStepRecordingTests {
  private let network = Sequential(Dense(3, 4), Activation.tanh, Dense(4, 2))

  @Test("for another number of examples")
  func otherShape() {
    let network = network
    let loss: TrainingStep<Double>.Loss = { pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    var step = TrainingStep<Double>(of: network, loss: loss)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
    for (round, count) in [5, 2, 5, 7, 2, 1].enumerated() {
      let input = Tensor([count, 3], Key(seed: round).normal(3 * count))
      let labels = Tensor<Double>(classes: (0..<count).map { $0 % 2 })
      expectEagerBits(&step, loss, at: parameters, inputs: [input, labels], "\(count) examples")
    }
    #expect(step.callCounts.count == 4)
  }

  @Test("rows of the inputs give what the selected inputs give")
  func rows() {
    let network = network
    var step = TrainingStep<Float>(of: network) { pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    let parameters = Parameters<Float>(of: network, key: Key(seed: 3))
    let input = Tensor<Float>([6, 3], nearestTo: Key(seed: 4).normal(18))
    let labels = Tensor<Float>(classes: [0, 1, 1, 0, 1, 0])
    for rows in [[0, 1], [5, 5], [2, 4]] {
      let selected = step.loss(at: parameters, inputs: [input, labels], rows: rows)
      let gradient = step.gradient.vector
      let whole = step.loss(
        at: parameters, inputs: [input.selectingRows(rows), labels.selectingRows(rows)])
      #expect(selected == whole && gradient == step.gradient.vector)
    }
  }

  @Test("not at all where the loss decides by a value, or uses the pass's key")
  func eager() {
    let network = network
    let byValue: TrainingStep<Double>.Loss = { pass, inputs in
      let output = network(inputs[0], pass).sum()
      return output.scalar > 0 ? output * 2 : output * -3
    }
    var step = TrainingStep<Double>(of: network, loss: byValue)
    for draw in 0..<6 {
      let parameters = Parameters<Double>(of: network, key: Key(seed: draw))
      expectEagerBits(&step, byValue, at: parameters, inputs: [.ones([2, 3])], "draw \(draw)")
    }
    #expect(step.callCounts.isEmpty)

    let masked: TrainingStep<Double>.Loss = { pass, inputs in
      let mask = Tensor<Double>([2, 3], pass.key.uniform(6))
      return network(inputs[0] * inputs[0].constant(mask), pass).sum()
    }
    var random = TrainingStep<Double>(of: network, loss: masked)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let losses = (0..<3).map {
      random.loss(at: parameters, inputs: [.ones([2, 3])], key: Key(seed: $0))
    }
    #expect(Set(losses).count == 3)
  }

  @Test("a gradient that two parameters share, one that none has, and a tied weight")
  func unusualGradients() {
    let leaves = Leaves([[2, 2], [2, 2], [2, 2]])
    let (a, b) = (leaves.parameters[0], leaves.parameters[1])
    // The third is not used.
    let shared: TrainingStep<Double>.Loss = { pass, inputs in
      ((pass[a] + pass[b]) * inputs[0]).sum()
    }
    var step = TrainingStep<Double>(of: leaves, loss: shared)
    var parameters = Parameters<Double>(of: leaves, key: Key(seed: 1))
    for draw in 0..<3 {
      parameters.vector = Tensor([12], Key(seed: draw).normal(12))
      let input = Tensor([2, 2], Key(seed: 9 + draw).normal(4))
      expectEagerBits(&step, shared, at: parameters, inputs: [input], "draw \(draw)")
    }

    let layer = Dense(3, 3)
    let tied = Sequential(layer, Activation.relu, layer, Activation.relu, layer)
    let loss: TrainingStep<Float>.Loss = { tied($1[0], $0).squared().mean() }
    var tiedStep = TrainingStep<Float>(of: tied, loss: loss)
    for draw in 0..<3 {
      let parameters = Parameters<Float>(of: tied, key: Key(seed: draw))
      let input = Tensor<Float>([4, 3], nearestTo: Key(seed: 5 + draw).normal(12))
      expectEagerBits(&tiedStep, loss, at: parameters, inputs: [input], "draw \(draw)")
    }
  }

  @Test("a loss that is a parameter, a constant, or a view of an input")
  func degenerate() {
    let leaves = Leaves([[], [3]])
    let scalar = leaves.parameters[0]
    let parameters = Parameters<Double>(
      layout: ParameterLayout(of: leaves), vector: [0.5, 1, 2, 3])
    let losses: [TrainingStep<Double>.Loss] = [
      { pass, _ in pass[scalar] },
      { pass, _ in pass.constant([2]) },
      { _, inputs in inputs[0].sliced(axis: 0, 1..<2) },
      { pass, inputs in pass[scalar].reshaped(to: [1]) * inputs[0].sliced(axis: 0, 2..<3) },
    ]
    for (number, loss) in losses.enumerated() {
      var step = TrainingStep<Double>(of: leaves, loss: loss)
      for draw in 0..<3 {
        let input = Tensor([4], Key(seed: draw).normal(4))
        expectEagerBits(&step, loss, at: parameters, inputs: [input], "loss \(number)")
      }
    }
  }

  @Test("running statistics advance as they do without a step")
  func statistics() {
    let network = Sequential(Dense(2, 3), BatchNorm(3))
    var parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    var step = TrainingStep<Float>(of: network) { network($1[0], $0).squared().sum() }
    var expected = parameters
    for draw in 0..<3 {
      let input = Tensor<Float>([5, 2], nearestTo: Key(seed: draw).normal(10))
      let eager = expected.valueWithGradientAndStatistics { pass in
        network(pass.constant(input), pass).squared().sum()
      }
      #expect(step.loss(at: parameters, inputs: [input]) == eager.value)
      #expect(step.gradient.vector == eager.gradient.vector)
      #expect(step.statistics == eager.statistics && step.statistics != expected.statistics)
      parameters.statistics = step.statistics
      expected.statistics = eager.statistics
    }
  }
}
