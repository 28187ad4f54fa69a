import Plumbline
import TestSupport
import Testing

@Suite("Batch normalization and its running statistics")
struct BatchNormTests {
  private let key = Trial(number: 0).key

  @Test("gives each channel of a batch the mean 0 and the variance 1, images too")
  func normalizes() {
    let layer = BatchNorm(3, epsilon: 1e-12)
    let parameters = Parameters<Double>(of: layer, key: Key(seed: 0))
    for shape: Shape in [[50, 3], [5, 3, 4], [4, 3, 2, 5]] {
      let input = 7 * key.tensor(shape) + 100
      let output = layer(input, parameters.pass(mode: .training))
      let axes = (0..<shape.rank).filter { $0 != 1 }
      #expect(
        output.mean(alongAxes: axes)
          .isClose(to: .zeros([3]), absoluteTolerance: 1e-13, relativeTolerance: 0))
      #expect(
        output.variance(alongAxes: axes)
          .isClose(to: .ones([3]), absoluteTolerance: 1e-12, relativeTolerance: 0))
    }
  }

  @Test("in inference uses the running statistics, each example by itself")
  func inference() {
    let layer = BatchNorm(2)
    var parameters = Parameters<Double>(of: layer, key: Key(seed: 0))
    parameters["runningMean"] = [1, -2]
    parameters["runningVariance"] = [4, 0.25]
    parameters["scale"] = [3, 1]
    parameters["shift"] = [0.5, 0]
    let input = key.tensor([6, 2])
    let output = layer(input, parameters.pass())
    let expected =
      (input - Tensor([1, -2])) / sqrt(Tensor([4, 0.25]) + 1e-5) * Tensor([3, 1])
      + Tensor([0.5, 0])
    #expect(output.isClose(to: expected, absoluteTolerance: 1e-13))
    for row in 0..<6 {
      #expect(
        layer(input.selectingRows([row]), parameters.pass()) == output.selectingRows([row]))
    }
  }

  @Test(
    "changes no statistics by itself: a pass puts them out, and inference puts out the old ones")
  func updates() {
    let network = Sequential(Dense(3, 2), BatchNorm(2, momentum: 0.5), Activation.relu)
    var parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    #expect(parameters.names == ["0.weight", "0.bias", "1.scale", "1.shift"])
    #expect(parameters.statisticNames == ["1.runningMean", "1.runningVariance"])
    #expect(parameters.statistics == [0, 0, 1, 1])
    let before = parameters
    let input = key.tensor([5, 3])
    let pass = parameters.pass(mode: .training)
    _ = network(input, pass)
    #expect(parameters == before)
    let hidden = linear(input, parameters["0.weight"], parameters["0.bias"])
    let mean = hidden.mean(alongAxes: [0])
    let variance = hidden.variance(alongAxes: [0], correction: 1)
    let expected = Tensor.concatenate([mean * 0.5, 0.5 + variance * 0.5])
    #expect(pass.updatedStatistics().isClose(to: expected, absoluteTolerance: 1e-14))
    let inference = parameters.pass()
    _ = network(input, inference)
    #expect(inference.updatedStatistics() == parameters.statistics)
    parameters.statistics = pass.updatedStatistics()
    #expect(parameters != before)
    #expect(parameters["1.runningMean"] == pass.updatedStatistics().sliced(axis: 0, 0..<2))
    #expect(parameters.vector == before.vector)
  }

  @Test("a layer that is used twice in a pass updates twice, one after the other")
  func usedTwice() {
    struct Twice: Layer {
      let norm = BatchNorm(2)
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
        norm(norm(input, pass) * 3 + 1, pass)
      }
    }
    let network = Twice()
    let parameters = Parameters<Double>(of: network, key: Key(seed: 0))
    let input = key.tensor([8, 2])
    let pass = parameters.pass(mode: .training)
    _ = network(input, pass)
    // One after the other by hand.
    var byHand = parameters
    let first = parameters.pass(mode: .training)
    let between = network.norm(input, first)
    byHand.statistics = first.updatedStatistics()
    let second = byHand.pass(mode: .training)
    _ = network.norm(between * 3 + 1, second)
    #expect(pass.updatedStatistics() == second.updatedStatistics())
  }

  @Test("statistics are converted, copied and compared with the parameters, and stay on no tape")
  func values() {
    let network = Sequential(BatchNorm(3))
    var parameters = Parameters<Float>(of: network, key: Key(seed: 0))
    parameters["0.runningMean"] = [1, 2, 3]
    let copy = parameters
    parameters["0.runningMean"] = [4, 5, 6]
    #expect(copy["0.runningMean"] == [1, 2, 3])
    #expect(copy != parameters)
    #expect(Parameters<Double>(converting: parameters)["0.runningMean"] == [4, 5, 6])
    #expect(
      Parameters(layout: copy.layout, vector: copy.vector, statistics: copy.statistics) == copy)
    #expect(Parameters(layout: copy.layout, vector: copy.vector).statistics == [0, 0, 0, 1, 1, 1])
    #expect(parameters.layout != ParameterLayout(of: Sequential(LayerNorm(3))))
    #expect(
      Parameters<Double>(of: BatchNorm(1), key: Key(seed: 0)).description == """
        scale [1] rms 1.0
        shift [1] rms 0.0
        runningMean [1] rms 0.0
        runningVariance [1] rms 1.0
        2 values, 2 running statistics
        """)
  }

  @Test("no gradient flows to the statistics, and optimizers leave them alone")
  func training() {
    let network = Sequential(Dense(3, 4), BatchNorm(4), Activation.tanh, Dense(4, 1))
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    var optimizer = Adam<Double>.adamW(learningRate: 0.01, weightDecay: 0.1)
    let input = key.tensor([6, 3])
    let target = input.sum(alongAxes: [1], keepingAxes: true).squared()
    func step() -> (value: Double, gradient: Parameters<Double>, statistics: Tensor<Double>) {
      parameters.valueWithGradientAndStatistics { pass in
        meanSquaredError(network(pass.constant(input), pass), pass.constant(target))
      }
    }
    let first = step().value
    for _ in 0..<150 {
      let (_, gradient, statistics) = step()
      let before = parameters.statistics
      optimizer.update(&parameters, along: gradient)
      #expect(parameters.statistics == before)
      parameters.statistics = statistics
    }
    #expect(step().value < first / 4)
    // After so many steps the running averages are the batch's own statistics, so inference is near training.
    let trained = network(input, parameters.pass(mode: .training))
    let used = network(input, parameters.pass())
    let distance = (trained - used).squared().mean().scalar / trained.squared().mean().scalar
    #expect(distance < 0.05)
  }

  @Test("a fresh last scale of 0 makes a block its skip")
  func initialScale() {
    let block = Residual(Sequential(Dense(3, 3), BatchNorm(3, initialScale: 0)))
    let parameters = Parameters<Double>(of: block, key: Key(seed: 1))
    let input = key.tensor([4, 3])
    #expect(block(input, parameters.pass(mode: .training)) == input)
  }
}
