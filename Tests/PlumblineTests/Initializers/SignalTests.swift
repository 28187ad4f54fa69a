import Foundation
import Plumbline
import TestSupport
import Testing

/// What a signal's second moment becomes in networks of 50 layers without biases.
///
/// With He's gain each ReLU layer of width n multiplies it by a random factor of mean 1 and variance 5 / n:
/// the square of a ReLU of a normal variable of variance 2 has mean 1 and second moment 6. The logarithm of
/// the factor thus has the mean -5 / (2 n) and the variance 5 / n, up to terms of order 1 / n², which stay
/// below 40 / n² a layer. The mean logarithm over many networks is known to its standard error.
@Suite("The second moment of a signal")
struct SignalTests {
  #if DEBUG
    private let width = 64
    private let networks = 12
  #else
    private let width = 256
    private let networks = 40
  #endif
  private let depth = 50

  /// The mean logarithm of the second moment of the output over that of the input.
  private func growth(_ activation: Activation, gain: Double, networks: Int) -> Double {
    let initializer = Initializer.varianceScaling(gain: gain)
    let logarithms = (0..<networks).map { number -> Double in
      let key = Key(seed: 77)[number]
      let input = Tensor<Float>(converting: key["input"].tensor([1, width]))
      var x = input
      for layer in 0..<depth {
        let weight = Tensor<Double>(
          [width, width], initializer.values(shape: [width, width], key: key[layer]))
        x = activation(matmul(x, Tensor(converting: weight)))
      }
      return Foundation.log(
        Double(x.squared().mean().scalar) / Double(input.squared().mean().scalar))
    }
    return logarithms.reduce(0, +) / Double(networks)
  }

  /// The mean and the standard error that theory gives, and the bound on the terms left out.
  private func prediction(
    variance: Double, networks: Int
  ) -> (mean: Double, error: Double, rest: Double) {
    let (n, layers) = (Double(width), Double(depth))
    return (
      -layers * variance / (2 * n), (layers * variance / n / Double(networks)).squareRoot(),
      40 * layers / (n * n)
    )
  }

  @Test("is kept through 50 ReLU layers with He's gain, but for the drift of a finite width")
  func kept() {
    let found = growth(.relu, gain: Activation.relu.gain, networks: networks)
    let (mean, error, rest) = prediction(variance: 5, networks: networks)
    #expect(abs(found - mean) < 3 * error + rest)
    // What is allowed is a factor of a few, after fifty layers.
    #expect(3 * error + rest < 3)
  }

  @Test("is lost with gain 1, and explodes with gain 2: by 2⁻⁵⁰ and 2⁵⁰", arguments: [1.0, 2.0])
  func lost(gain: Double) {
    let found = growth(.relu, gain: gain, networks: 3)
    let (mean, error, rest) = prediction(variance: 5, networks: 3)
    let expected = Double(depth) * Foundation.log(gain * gain / 2) + mean
    #expect(abs(found - expected) < 3 * error + rest)
    #expect(abs(expected) > 30)
  }

  @Test("is kept by linear layers of gain 1")
  func linear() {
    // The square of a normal variable of variance 1 has the variance 2.
    let found = growth(.linear, gain: 1, networks: 3)
    let (mean, error, rest) = prediction(variance: 2, networks: 3)
    #expect(abs(found - mean) < 3 * error + rest)
  }

  @Test("is kept by orthogonal layers exactly")
  func orthogonal() {
    var x = Key(seed: 3).tensor([1, 32])
    let start = x.squared().sum().scalar
    for layer in 0..<depth {
      let weight = Initializer.orthogonal().values(shape: [32, 32], key: Key(seed: 4)[layer])
      x = matmul(x, Tensor([32, 32], weight))
    }
    #expect(abs(x.squared().sum().scalar / start - 1) < 1e-13)
  }
}
