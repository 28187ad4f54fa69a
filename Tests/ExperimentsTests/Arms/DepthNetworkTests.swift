import Experiments
import Foundation
import Plumbline
import Testing
import Verification

@Suite struct DepthNetworkTests {
  private static let key = Key(seed: 5)

  private static func network(_ arm: Arm, depth: Int = 4, width: Int = 5) -> DepthNetwork {
    DepthNetwork(arm: arm, inputs: 3, width: width, classes: 2, depth: depth)
  }

  private static func parameters(_ arm: Arm, depth: Int = 4) -> Parameters<Double> {
    Parameters(of: network(arm, depth: depth), key: key)
  }

  private static func input(_ examples: Int, _ seed: Int = 1) -> Tensor<Double> {
    Tensor([examples, 3], Key(seed: seed).normal(examples * 3))
  }

  @Test(arguments: Arm.allCases)
  func namesAreTheSameInEveryArm(arm: Arm) {
    let positions = ["input"] + (0..<4).map { "hidden.\($0)" } + ["output"]
    let expected = positions.flatMap { ["\($0).weight", "\($0).bias"] }
    let names = Self.parameters(arm).names
    #expect(names.filter { !$0.contains(".gate") } == expected)
    let gates = (0..<4).flatMap { ["hidden.\($0).gateWeight", "hidden.\($0).gateBias"] }
    #expect(names.filter { $0.contains(".gate") } == (arm == .highway ? gates : []))
  }

  /// Two exchanged blocks compute what the net computes with their parameters exchanged.
  @Test(arguments: Arm.allCases)
  func blocksChangePlaces(arm: Arm) {
    let network = Self.network(arm)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 2))
    let layers = arm.layersOfABlock
    var exchanged = parameters.vector.scalars
    func range(_ block: Int) -> Range<Int> {
      let own = parameters.layout.entries.filter { entry in
        (block * layers..<(block + 1) * layers).contains { entry.name.hasPrefix("hidden.\($0).") }
      }
      return own[0].offset..<own[0].offset + own.reduce(0) { $0 + $1.shape.elementCount }
    }
    exchanged.replaceSubrange(range(0), with: parameters.vector.scalars[range(1)])
    exchanged.replaceSubrange(range(1), with: parameters.vector.scalars[range(0)])
    let other = Parameters(
      layout: parameters.layout, vector: Tensor<Double>([exchanged.count], exchanged))
    let order = [1, 0] + (2..<network.blockCount)
    let input = Self.input(3)
    let output = network.passing(order)(input, parameters.pass())
    #expect(output == network(input, other.pass()))
    #expect(output != network(input, parameters.pass()) || arm == .zero)
    #expect(
      network.passing(Array(0..<network.blockCount))(input, parameters.pass())
        == network(input, parameters.pass()))
  }

  @Test(arguments: Arm.allCases)
  func countsAreEqualWhereTheArmAllows(arm: Arm) {
    let (width, depth) = (5, 4)
    let hidden = depth * (width * width + width)
    let ends = 3 * width + width + width * 2 + 2
    #expect(Self.parameters(arm).count == ends + (arm == .highway ? 2 : 1) * hidden)
  }

  @Test(arguments: Arm.allCases)
  func armsStartFromTheSameDraws(arm: Arm) {
    let (plain, other) = (Self.parameters(.plain), Self.parameters(arm))
    for name in plain.names {
      let initializers = [plain, other].map { parameters in
        parameters.layout.entries.first { $0.name == name }?.initializer
      }
      if initializers[0] == initializers[1] {
        #expect(plain[name] == other[name], "\(name)")
      } else {
        #expect(plain[name] != other[name], "\(name)")
        #expect(arm == .zero || arm == .orthogonalTanh, "\(name)")
      }
    }
    // What all share, whatever their initializers for the rest.
    #expect(plain["output.weight"] == other["output.weight"])
  }

  @Test func blocksOfZeroStartWithZeroInTheirSecondLayerOnly() {
    let parameters = Self.parameters(.zero)
    for layer in 0..<4 {
      let isZero = parameters["hidden.\(layer).weight"].scalars.allSatisfy { $0 == 0 }
      #expect(isZero == !layer.isMultiple(of: 2))
    }
  }

  @Test func zeroStartsAsItsInputAndOutputLayers() {
    let parameters = Self.parameters(.zero, depth: 6)
    let x = Self.input(7)
    let logits = Self.network(.zero, depth: 6)
    let signal = relu(
      linear(x, parameters["input.weight"], parameters["input.bias"]))
    let expected = linear(signal, parameters["output.weight"], parameters["output.bias"])
    // The layers of another network value do not belong to these parameters, so make them anew.
    let own = Parameters<Double>(of: logits, key: Self.key)
    #expect(logits(x, own.pass()) == expected)
    #expect(own.vector == parameters.vector)
  }

  /// The logits by the definition of the blocks, h + s (relu(h W1 + b1) W2 + b2).
  @Test(arguments: [(Arm.residual, 0.5), (.unscaled, 1), (.zero, 1)])
  func blocksAreScaledAsTheArmSays(arm: Arm, scale: Double) {
    let network = Self.network(arm, depth: 8)
    var parameters = Parameters<Double>(of: network, key: Self.key)
    parameters.vector = Tensor([parameters.count], Key(seed: 8).normal(parameters.count))
    let x = Self.input(4)
    func layer(_ name: String, _ signal: Tensor<Double>) -> Tensor<Double> {
      matmul(signal, parameters["\(name).weight"]) + parameters["\(name).bias"]
    }
    var h = relu(layer("input", x))
    for block in stride(from: 0, to: 8, by: 2) {
      h = h + layer("hidden.\(block + 1)", relu(layer("hidden.\(block)", h))) * scale
    }
    #expect(
      network(x, parameters.pass()).isClose(
        to: layer("output", h), absoluteTolerance: 1e-12, relativeTolerance: 1e-12))
  }

  @Test func gatesOpenLessInDeeperNets() {
    for (depth, bias) in [(2, -2.0), (4, -2.0), (64, -log(64.0))] {
      let parameters = Parameters<Double>(
        of: Self.network(.highway, depth: depth, width: 2), key: Self.key)
      let values = parameters["hidden.\(depth - 1).gateBias"].scalars
      #expect(values == [bias, bias])
    }
  }

  @Test(arguments: Arm.allCases)
  func gradientsAreRight(arm: Arm) {
    let network = DepthNetwork(arm: arm, inputs: 2, width: 3, classes: 2, depth: 2)
    // Near the start (there a branch of `zero` has no gradient in W1), and anywhere. Biases of exactly 0
    // would put a signal of exactly 0 on the kink of a ReLU.
    var start = Parameters<Double>(of: network, key: Self.key)
    for name in start.names where name.hasSuffix(".bias") {
      start[name] = Tensor(start[name].shape, Key(seed: 7)[name].normal(start[name].count))
    }
    var anywhere = start
    anywhere.vector = Tensor([start.count], Key(seed: 9).normal(start.count))
    let input = Tensor<Double>([2, 2], Key(seed: 2).normal(4))
    for parameters in [start, anywhere] {
      let report = GradientCheck(key: Self.key).report(
        on: network, parameters: parameters, input: input)
      #expect(report.passes, "\(report.failures)")
    }
  }

  #if DEBUG
    private static let greatDepth = 200
  #else
    private static let greatDepth = 1000
  #endif

  @Test(arguments: Arm.allCases)
  func greatDepthIsNoTrouble(arm: Arm) {
    let network = Self.network(arm, depth: Self.greatDepth, width: 8)
    let parameters = Parameters<Double>(of: network, key: Self.key)
    let x = Self.input(3)
    let labels = Tensor<Double>(classes: [0, 1, 0])
    let (loss, gradient) = parameters.valueWithGradient { pass in
      softmaxCrossEntropy(network(pass.constant(x), pass), labels: pass.constant(labels))
    }
    #expect(loss.isFinite)
    #expect(gradient.vector.isFinite)
    // The output's bias gets its gradient whatever happens on the way.
    #expect(gradient["output.bias"].scalars.contains { $0 != 0 })
    // A skip carries the gradient to the first layer at any depth.
    if arm.hasTwoLayerBlocks {
      #expect(gradient["input.weight"].scalars.contains { abs($0) > 1e-6 })
    }
  }

  @Test func refusesHalfABlock() async {
    await #expect(processExitsWith: .failure) {
      _ = DepthNetwork(arm: .residual, inputs: 3, width: 5, classes: 2, depth: 3)
    }
    #expect(Self.network(.plain, depth: 3).hidden.count == 3)
  }
}
