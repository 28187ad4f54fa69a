import Datasets
import Diagnosis
import Plumbline
import Testing
import Training

@Suite struct SharpnessTests {
  /// For one linear output without a bias the Hessian of the mean squared error is 2 XᵀX / m: here diagonal.
  @Test func aQuadraticLossHasItsLargestEigenvalue() {
    let network = Dense(3, 1, bias: nil)
    let examples = Examples<Double>(
      features: Tensor([3, 3], [3, 0, 0, 0, 2, 0, 0, 0, 1]), targets: Tensor([3, 1], [1, 2, 3]))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let sharpness = Sharpness(
      of: network, at: parameters, on: examples, loss: .meanSquaredError, key: Key(seed: 2))
    #expect(sharpness.isConverged)
    #expect(abs(sharpness.value - 2.0 * 9 / 3) < 6e-3)
  }

  /// Gradient descent on a quadratic loss diverges above 2 / sharpness and converges below.
  @Test(arguments: [0.95, 1.05]) func twoOverTheSharpnessIsTheEdge(share: Double) throws {
    let network = Dense(3, 1, bias: nil)
    let examples = Examples<Double>(
      features: Tensor([3, 3], [3, 0, 0, 0, 2, 0, 0, 0, 1]), targets: Tensor([3, 1], [1, 2, 3]))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let sharpness = Sharpness(
      of: network, at: parameters, on: examples, loss: .meanSquaredError, key: Key(seed: 2))
    var settings = TrainingSettings(loss: .meanSquaredError)
    settings.optimizer = .sgd
    settings.batchSize = nil
    settings.order = .sequential
    settings.learningRate = share * 2 / sharpness.value
    settings.length = .steps(200)
    let result = try TrainingRun(network, on: examples, settings).result()
    #expect((result.train.loss < 1e-3) == (share < 1))
  }
}
