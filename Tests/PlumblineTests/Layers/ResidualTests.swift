import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Residual blocks and their initializations")
struct ResidualTests {
  private let key = Trial(number: 0).key

  @Test("a learned scale of 0 starts as the identity, and only the scale has a gradient then")
  func rezero() {
    let block = Residual(
      Sequential(Dense(4, 4), Activation.relu, Dense(4, 4)), learnedScale: 0)
    let parameters = Parameters<Double>(of: block, key: Key(seed: 1))
    let input = key.tensor([3, 4])
    #expect(block(input, parameters.pass()) == input)
    #expect(parameters["learnedScale"] == Tensor(0))
    let gradient = parameters.valueWithGradient { pass in
      block(pass.constant(input), pass).squared().sum()
    }.gradient
    #expect(gradient["learnedScale"].scalar != 0)
    for name in parameters.names where name != "learnedScale" {
      #expect(gradient[name].scalars.allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  @Test("a projection may be any layer, and is found among the parameters")
  func projection() {
    let block = Residual(
      Dense(3, 2), projection: Sequential(Dense(3, 2, bias: nil), LayerNorm(2)))
    let parameters = Parameters<Double>(of: block, key: Key(seed: 1))
    #expect(
      parameters.names == [
        "branch.weight", "branch.bias", "projection.0.weight", "projection.1.scale",
        "projection.1.shift",
      ])
    let input = key.tensor([5, 3])
    let branch = linear(input, parameters["branch.weight"], parameters["branch.bias"])
    let skip = matmul(input, parameters["projection.0.weight"])
    let norm = LayerNorm(2)
    let normParameters = Parameters<Double>(of: norm, key: Key(seed: 0))
    #expect(
      block(input, parameters.pass())
        .isClose(to: branch + norm(skip, normParameters.pass()), relativeTolerance: 1e-13))
  }

  @Test("a Fixup block starts as its activation, and one step moves the output evenly in depth")
  func fixup() {
    // One step of gradient descent changes the output by about as much at depth 2 and at depth 64: the
    // initial factor on the hidden weights is 1/√L for branches of two layers.
    func change(blocks: Int) -> Double {
      let network = Sequential(
        [Dense(8, 16), Activation.relu]
          + (0..<blocks).map { _ in Residual.fixup(width: 16, blocks: blocks) }
          + [Dense(16, 1, initializer: .lecun())])
      var parameters = Parameters<Double>(of: network, key: Key(seed: 2))
      let input = key["fixup"].tensor([32, 8])
      let before = network(input, parameters.pass())
      let gradient = parameters.valueWithGradient { pass in
        network(pass.constant(input), pass).mean()
      }.gradient
      // The paper's statement is about the weights. Of the biases there are L with a gradient of order 1 each.
      for name in parameters.names where name.hasSuffix("weight") {
        parameters[name] -= gradient[name] * 1e-3
      }
      return (network(input, parameters.pass()) - before).mean().scalar
    }
    let block = Residual.fixup(width: 3, blocks: 9, activation: .tanh)
    let input = key.tensor([2, 3])
    let parameters = Parameters<Double>(of: block, key: Key(seed: 1))
    #expect(block(input, parameters.pass()) == tanh(input))
    let (shallow, deep) = (change(blocks: 2), change(blocks: 64))
    // The last weights, of which there are L, see hidden signals of second moment 1/L.
    #expect(deep / shallow > 0.5 && deep / shallow < 2, "\(shallow) and \(deep)")
  }

  @Test("Fixup's factor is L^(-1 / (2 m - 2)) on He's values", arguments: [(9, 2), (50, 3)])
  func fixupFactor(branches: Int, layers: Int) throws {
    let shape: Shape = [20, 30]
    let he = try #require(Initializer.he().standardDeviation(shape: shape))
    let fixup = try #require(
      Initializer.fixup(branches: branches, layersPerBranch: layers)
        .standardDeviation(shape: shape))
    let factor = Foundation.pow(Double(branches), -1 / Double(2 * layers - 2))
    #expect(abs(fixup / he / factor - 1) < 1e-14)
  }

  @Test("a concatenating skip keeps its input in front, along any axis")
  func concatenating() {
    let block = ConcatenatingSkip(Dense(3, 2))
    let parameters = Parameters<Double>(of: block, key: Key(seed: 1))
    let input = key.tensor([4, 3])
    let output = block(input, parameters.pass())
    #expect(output.shape == [4, 5])
    #expect(output.sliced(axis: 1, 0..<3) == input)
    #expect(
      output.sliced(axis: 1, 3..<5)
        == linear(input, parameters["branch.weight"], parameters["branch.bias"]))
    let images = key.tensor([2, 1, 2, 2])
    let doubled = ConcatenatingSkip(Activation.tanh)
    let both = doubled(images, Parameters<Double>(of: doubled, key: Key(seed: 1)).pass())
    #expect(both.shape == [2, 2, 2, 2])
    #expect(both.sliced(axis: 1, 1..<2) == tanh(images))
    let last = ConcatenatingSkip(Activation.tanh, axis: -1)
    let pass = Parameters<Double>(of: last, key: Key(seed: 1)).pass()
    #expect(last(images, pass).shape == [2, 1, 2, 4])
  }
}

@Suite("Shared weights")
struct SharedWeightTests {
  @Test("are one entry of the layout, whose gradient is the sum of its uses")
  func sharing() {
    let encoder = Dense(3, 2)
    let network = Sequential(
      encoder, Activation.tanh, Dense(sharing: encoder.weight, transposed: true),
      Activation.tanh, Dense(sharing: encoder.weight, bias: nil))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    #expect(parameters.names == ["0.weight", "0.bias", "2.bias"])
    #expect(parameters["2.bias"].shape == [3])
    let separate = Sequential(
      Dense(3, 2), Activation.tanh, Dense(2, 3), Activation.tanh, Dense(3, 2, bias: nil))
    var copies = Parameters<Double>(of: separate, key: Key(seed: 1))
    copies["0.weight"] = parameters["0.weight"]
    copies["2.weight"] = parameters["0.weight"].transposed()
    copies["4.weight"] = parameters["0.weight"]
    let input = Trial(number: 0).key.tensor([4, 3])
    func gradient(_ network: Sequential, _ parameters: Parameters<Double>) -> Parameters<Double> {
      parameters.valueWithGradient { network($0.constant(input), $0).squared().sum() }.gradient
    }
    let shared = gradient(network, parameters)
    let apart = gradient(separate, copies)
    #expect(
      shared["0.weight"].isClose(
        to: apart["0.weight"] + apart["2.weight"].transposed() + apart["4.weight"],
        relativeTolerance: 1e-13))
    #expect(shared["2.bias"].isClose(to: apart["2.bias"], relativeTolerance: 1e-13))
  }
}
