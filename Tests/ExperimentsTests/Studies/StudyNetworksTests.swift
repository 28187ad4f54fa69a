import Experiments
import Foundation
import Plumbline
import Testing

@Suite struct StudyNetworksTests {
  @Test func plainLayersHaveTheseWidths() {
    let network = Sequential(plainLayers([3, 5, 2], .tanh, bias: .zero))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    #expect(parameters.names == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(parameters["0.weight"].shape == [3, 5] && parameters["2.weight"].shape == [5, 2])
    #expect(Sequential(plainLayers(4, width: 6)).layers.count == 8)
  }

  /// He's weights keep the energy in the mean, a branch adds its share, and a gain multiplies it by its square.
  @Test func branchesHaveTheEnergyOfTheirInput() throws {
    let energies = try StudySession(of: "s", jobs: 2).means("energy", draws: 2000, Key(seed: 2)) {
      key in
      let nets: [[any Layer]] = [
        plainLayers(3, width: 16), [residualBranch(width: 16, gain: 2)],
        residualBlocks(2, width: 16, scale: 0.5),
      ]
      return nets.map { layers in
        let network = Sequential(layers)
        let parameters = Parameters<Float>(of: network, key: key["weights"])
        return PassedEnergies(at: parameters, width: 16, rows: 2, key) { network($0, $1) }.signal
      }
    }
    for (energy, law) in zip(energies, [1, 4, 1.25 * 1.25]) {
      #expect(Check("energy", law: law, measured: energy).holds)
    }
  }

  @Test func nothingPassesEverything() {
    let network = Sequential([])
    let parameters = Parameters<Float>(of: network, key: Key(seed: 3))
    let passed = PassedEnergies(at: parameters, width: 8, rows: 3, inputEnergy: 4, Key(seed: 4)) {
      network($0, $1)
    }
    #expect(abs(passed.signal - 4) < 1e-5 && abs(passed.gradient - 1) < 1e-5)
  }

  @Test func outputsChangeByTheGradientsEnergy() {
    let layers = Sequential(residualBlocks(3, width: 12, scale: 0.5) + [RMSNorm(12)])
    let output = RandomOutput(of: layers, width: 12, isPositive: true, Key(seed: 5))
    #expect(output.input.scalars.allSatisfy { $0 >= 0 })
    let (value, gradient) = output.valueWithGradient(at: output.start)
    #expect(abs(value - output.value(at: output.start)) < 1e-6)
    let (matrices, gains) = (gradient.energy { $0.rank == 2 }, gradient.energy { $0.rank == 1 })
    let all = Double(gradient.vector.squared().sum().scalar)
    #expect(gains > 0 && abs(matrices + gains - all) < 1e-5 * all)
    var stepped = output.start
    stepped.vector -= gradient.vector * (0.001 / all)
    #expect(abs(Double(value - output.value(at: stepped)) / 0.001 - 1) < 0.01)
  }

  @Test func streamsAreReadBehindTheLastBlock() {
    let network = StreamNetwork(
      inputs: 5, width: 8, classes: 3, blocks: residualBlocks(2, width: 8, scale: 1),
      inputActivation: .linear, hasNorm: true, outputScale: 0.5)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 6))
    #expect(parameters.names.first == "input.weight" && parameters.names.last == "output.weight")
    #expect(parameters.names.contains("blocks.1.branch.2.weight"))
    let x: Tensor<Double> = Key(seed: 7).normalTensor([4, 5])
    let stream = network.stream(x, parameters.pass())
    let normal = stream / sqrt(stream.squared().mean(alongAxes: [1], keepingAxes: true))
    let expected = matmul(normal, parameters["output.weight"]) * 0.5
    let difference = abs(network(x, parameters.pass()) - expected)
    #expect(stream.shape == [4, 8] && (difference.scalars.max() ?? 1) < 1e-4)
  }

  @Test func classesAreThoseOfTheLargestScores() {
    let scores: Tensor<Float> = [[1, 3, 2], [5, 0, 5], [-1, -2, -0.5]]
    #expect(Tensor<Float>.classes(largestIn: scores).scalars == [1, 0, 2])
  }

  @Test func signalsWithoutMatrices() {
    let signals = GaussianLayer.orthogonalSignals(2, units: 6, value: 2)
    #expect(signals == [[2, 0, 2, 0, 2, 0], [0, 2, 0, 2, 0, 2]])
    #expect(GaussianLayer.meanProduct(signals[0], signals[0]) == 2)
    #expect(GaussianLayer.meanProduct(signals[0], signals[1]) == 0)
    let key = Key(seed: 8)
    let first = GaussianLayer.residualBlock(0, of: signals, scale: 0.5, key: key)
    let both = GaussianLayer.residualBlock(1, of: first, scale: 0.5, key: key)
    #expect(GaussianLayer.residualNet(2, of: signals, scale: 0.5, key: key) == both)
    let linear = GaussianLayer.plainLayer(of: signals, units: 9, isLinear: true, key: key)
    let plain = GaussianLayer.plainLayer(of: signals, units: 9, key: key)
    #expect(plain == linear.map { $0.map { max($0, 0) } })
    let factor = GaussianLayer.energyFactor(units: 7, variance: 2, key: key[0]) { max($0, 0) }
    let logarithm = GaussianLayer.logEnergy(layers: 1, units: 7, key: key) { max($0, 0) }
    #expect(abs(Foundation.exp(logarithm) - factor) < 1e-12)
  }
}
