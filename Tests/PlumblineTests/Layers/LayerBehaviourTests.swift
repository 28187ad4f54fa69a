import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Layers do what they say")
struct LayerBehaviourTests {
  private let key = Trial(number: 0).key

  @Test("one network is used with Float, Double and dual numbers")
  func scalars() {
    let network = Sequential(
      Dense(3, 8), Activation.tanh, Residual(Sequential(Dense(8, 8), Activation.gelu), scale: 0.5),
      LayerNorm(8), Highway(8, activation: .silu), Dense(8, 2))
    let double = Parameters<Double>(of: network, key: Key(seed: 1))
    let float = Parameters<Float>(converting: double)
    let input = key.tensor([4, 3])
    let exact = network(input, double.pass())
    let single = network(Tensor<Float>(converting: input), float.pass())
    #expect(
      Tensor<Double>(converting: single)
        .isClose(to: exact, absoluteTolerance: 1e-5, relativeTolerance: 1e-5))
    // Recorded, and next to an input that is recorded, the numbers are the same.
    let tape = Tape<Double>()
    let variable = tape.variable(input)
    #expect(network(variable, double.pass(on: tape)).value == exact)
    #expect(network(variable, double.pass(like: variable)).value == exact)
    // With dual numbers the value comes with its derivative along a direction.
    let direction = key["direction"].tensor([4, 3])
    let duals = Parameters<Dual<Double>>(converting: double)
    let result = network(input.dual(tangent: direction), duals.pass())
    #expect(result.value().isClose(to: exact, relativeTolerance: 1e-13))
    let step = 1e-6
    let difference =
      (network(input + direction * step, double.pass())
        - network(input - direction * step, double.pass())) / (2 * step)
    #expect(result.tangent().isClose(to: difference, absoluteTolerance: 1e-7))
  }

  @Test("with the parameters as constants only the input has a gradient")
  func constantParameters() {
    let network = Dense(2, 2)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let tape = Tape<Double>()
    let x = tape.variable([[1, 2]])
    let output = network(x, parameters.pass(like: x)).sum()
    let expected = parameters["weight"].sum(alongAxes: [1], keepingAxes: true).transposed()
    #expect(tape.gradients(of: output)[x] == expected)
    #expect(tape.entries.count { $0.requiresGradient && $0.inputs.isEmpty } == 1)
  }

  @Test("a highway starts near the identity, and nearer with a lower gate")
  func highway() {
    func distance(gateBias: Double) -> Double {
      let layer = Highway(32, gateBias: gateBias)
      let input = key["highway"].tensor([64, 32])
      let parameters = Parameters<Double>(of: layer, key: Key(seed: 3))
      let change = layer(input, parameters.pass()) - input
      return (change.squared().sum().scalar / input.squared().sum().scalar).squareRoot()
    }
    // sigmoid(-2) is 0.12, and what is added, h(x) - x, has about the root mean square √2 of x.
    #expect(distance(gateBias: -2) < 0.4)
    #expect(distance(gateBias: -2) > 0.1)
    #expect(distance(gateBias: -20) < 1e-7)
    #expect(distance(gateBias: 20) > 0.9)
  }

  @Test("a layer norm gives every row the mean 0 and the variance 1", arguments: Trial.several(5))
  func layerNorm(trial: Trial) {
    let layer = LayerNorm(40, epsilon: 1e-12)
    let parameters = Parameters<Double>(of: layer, key: trial.key)
    let input = 7 * trial.key["x"].tensor([3, 5, 40]) + 100
    let output = layer(input, parameters.pass())
    #expect(
      output.mean(alongAxes: [-1])
        .isClose(to: .zeros([3, 5]), absoluteTolerance: 1e-13, relativeTolerance: 0),
      trial.comment)
    #expect(
      output.variance(alongAxes: [-1])
        .isClose(to: .ones([3, 5]), absoluteTolerance: 1e-12, relativeTolerance: 0),
      trial.comment)
    // Neither a shift nor a scale of the input changes anything.
    #expect(
      layer(input * 3 - 50, parameters.pass())
        .isClose(to: output, absoluteTolerance: 1e-11, relativeTolerance: 0), trial.comment)
    var scaled = parameters
    scaled["scale"] = Tensor(repeating: 2, shape: [40])
    scaled["shift"] = Tensor(repeating: -1, shape: [40])
    #expect(
      layer(input, scaled.pass())
        .isClose(to: 2 * output - 1, absoluteTolerance: 1e-14, relativeTolerance: 1e-14),
      trial.comment)
    #expect(layer(Tensor.ones([2, 40]), parameters.pass()) == .zeros([2, 40]))
  }

  @Test("a residual block of weight zero is the identity, and its scale scales the branch")
  func residual() {
    let input = key["residual"].tensor([5, 4])
    let still = Residual(Dense(4, 4, initializer: .zero), scale: 0.25)
    #expect(still(input, Parameters<Double>(of: still, key: Key(seed: 0)).pass()) == input)
    let branch = Dense(4, 4)
    let one = Residual(branch)
    let quarter = Residual(branch, scale: 0.25)
    let parameters = Parameters<Double>(of: one, key: Key(seed: 1))
    let change = one(input, parameters.pass()) - input
    #expect(
      (quarter(input, parameters.pass()) - input)
        .isClose(to: change * 0.25, absoluteTolerance: 1e-15, relativeTolerance: 1e-14))
  }

  @Test("outputs can be read by the layer's name, and their gradients kept")
  func activationsOfPass() throws {
    let network = Sequential(Dense(2, 3), Activation.tanh, Residual(Dense(3, 3)), Dense(3, 1))
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let tape = Tape<Double>()
    let pass = parameters.pass(on: tape)
    let output = network(tape.constant([[1, -2]]), pass)
    #expect(pass.activations.all.map(\.name) == ["0", "2.branch", "2", "3", ""])
    let block = try #require(pass.activations["2"])
    #expect(pass.activations["3"]?.value == output.value)
    #expect(pass.activations["1"] == nil)
    let gradients = tape.gradients(of: output, keeping: [block])
    #expect(gradients[block] == parameters["3.weight"].transposed())
    // The sum at the end of the block hands its gradient to the branch unchanged.
    let branch = try #require(pass.activations["2.branch"])
    #expect(tape.gradients(of: output, keeping: [branch])[branch] == gradients[block])
    let plain = parameters.pass(recordingActivations: true)
    #expect(network(Tensor([[1, -2]]), plain) == output.value)
    #expect(plain.activations["2"] == block.value)
    // Not asked, a pass without a tape keeps nothing: the values of a deep net would pile up.
    let frugal = parameters.pass()
    _ = network(Tensor([[1, -2]]), frugal)
    #expect(frugal.activations.all.isEmpty)
  }

  @Test("a layer of one's own without a tag is named by the layer that holds it")
  func untagged() {
    struct Doubled: Layer {
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input + input }
    }
    struct Block: Layer {
      let first = Dense(2, 2)
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { first(relu(input), pass) }
    }
    let network = Sequential(Doubled(), Residual(Block()), Activation.relu, Sequential(Block()))
    let tape = Tape<Double>()
    let pass = Parameters<Double>(of: network, key: Key(seed: 1)).pass(on: tape)
    _ = network(tape.constant([[1, 2]]), pass)
    #expect(
      pass.activations.all.map(\.name) == [
        "0", "1.branch.first", "1.branch", "1", "3.0.first", "3.0", "3", "",
      ])
    let relus = tape.entries.filter { $0.title == "relu" }.map(\.layer)
    #expect(relus == ["1.branch", nil, "3.0"])
  }

  @Test("a layer that is called twice puts out twice under one name")
  func repeatedCalls() {
    struct Twice: Layer {
      let layer = Dense(2, 2)
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { layer(layer(input, pass), pass) }
    }
    let network = Twice()
    let pass = Parameters<Double>(of: network, key: Key(seed: 1)).pass(recordingActivations: true)
    let output = network(Tensor([[1, 2]]), pass)
    #expect(pass.activations.all.map(\.name) == ["layer", "layer"])
    #expect(pass.activations["layer"] == output)
  }

  @Test("a pass tells its layers mode and key, so that random layers are reproducible")
  func modeAndKey() {
    struct RandomMask: Layer {
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
        guard pass.mode == .training else { return input }
        let mask = pass.key["mask"].mask(input.shape.elementCount, keeping: 0.5)
        return input * input.constant(Tensor(input.shape, mask.map { $0 ? 2 : 0 }))
      }
    }
    let network = Sequential(Dense(4, 4), RandomMask())
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let input = Tensor<Double>.ones([3, 4])
    let still = network(input, parameters.pass())
    let first = network(input, parameters.pass(mode: .training, key: Key(seed: 5)))
    #expect(first == network(input, parameters.pass(mode: .training, key: Key(seed: 5))))
    #expect(first != network(input, parameters.pass(mode: .training, key: Key(seed: 6))))
    #expect(first != still)
    #expect(still == network(input, parameters.pass(key: Key(seed: 5))))
    let dropped = first.scalars.count { $0 == 0 }
    #expect(dropped > 0 && dropped < 12)
  }
}
