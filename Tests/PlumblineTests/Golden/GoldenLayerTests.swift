import Plumbline
import TestSupport
import Testing

/// act(x W1 + b1) W2 + b2: the branch of the residual blocks in the file.
private struct TwoLayerBranch: Layer {
  let first: Dense
  let activation: Activation
  let second: Dense

  init(width: Int, activation: Activation) {
    first = Dense(width, width)
    self.activation = activation
    second = Dense(width, width)
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    second(activation(first(input, pass)), pass)
  }
}

@Suite("Layers agree with PyTorch")
struct GoldenLayerTests {
  struct Case: Decodable {
    let name, layer: String
    let attributes: Attributes
    let parameters: [GoldenTensor]
    let input, upstream, output, inputGradient: GoldenTensor
    let parameterGradients: [GoldenTensor]

    struct Attributes: Decodable {
      let bias: Bool?
      let epsilon: Double?
      let arrangement: String?
      let activation: Activation?
    }

    func parameter(_ name: String) -> GoldenTensor? { parameters.first { $0.name == name } }
  }

  struct File: Decodable {
    let cases: [Case]
  }

  /// A network that computes what a case describes, and where the case's parameters are in it.
  private struct Realization {
    let network: any Layer
    let paths: [String: String]
  }

  private func realization(of item: Case) throws -> Realization {
    let width = item.input.shape[-1]
    switch item.layer {
    case "linear":
      let outputs = item.output.shape[-1]
      return Realization(
        network: Dense(width, outputs, bias: item.attributes.bias == false ? nil : .zero),
        paths: ["weight": "weight", "bias": "bias"])
    case "layer_norm":
      return Realization(
        network: LayerNorm(width, epsilon: try #require(item.attributes.epsilon)),
        paths: ["scale": "scale", "bias": "shift"])
    case "residual":
      let activation = try #require(item.attributes.activation)
      let arrangement = try #require(item.attributes.arrangement)
      let scale = try #require(item.parameter("branch_scale")).values[0]
      return Realization(
        network: Residual(
          TwoLayerBranch(width: width, activation: activation), scale: scale,
          before: arrangement == "pre_activation" ? activation : .linear,
          after: arrangement == "post_activation" ? activation : .linear),
        paths: [
          "weight1": "branch.first.weight", "bias1": "branch.first.bias",
          "weight2": "branch.second.weight", "bias2": "branch.second.bias",
        ])
    case "highway":
      return Realization(
        network: Highway(width, activation: try #require(item.attributes.activation)),
        paths: [
          "weight": "weight", "bias": "bias", "gate_weight": "gateWeight",
          "gate_bias": "gateBias",
        ])
    case "rms_norm":
      return Realization(
        network: RMSNorm(width, epsilon: try #require(item.attributes.epsilon)),
        paths: ["scale": "scale"])
    case "tied":
      let encoder = Dense(width, try #require(item.parameter("bias")).shape[0])
      return Realization(
        network: Sequential(
          encoder, Activation.tanh, Dense(sharing: encoder.weight, transposed: true)),
        paths: ["weight": "0.weight", "bias": "0.bias", "output_bias": "2.bias"])
    case "fixup":
      return Realization(
        network: Residual.fixup(
          width: width, blocks: 1, activation: try #require(item.attributes.activation)),
        paths: [
          "bias1": "branch.0.value", "weight1": "branch.1.weight", "bias2": "branch.2.value",
          "bias3": "branch.4.value", "weight2": "branch.5.weight", "multiplier": "branch.6.value",
          "bias4": "branch.7.value",
        ])
    case "concatenating":
      let outputs = item.output.shape[-1] - width
      return Realization(
        network: ConcatenatingSkip(Sequential(Dense(width, outputs), Activation.tanh)),
        paths: ["weight": "branch.0.weight", "bias": "branch.0.bias"])
    default: throw UnknownName(name: item.layer)
    }
  }

  @Test("in value and in the gradients of input and parameters, to 1e-13 of the number or of 1")
  func cases() throws {
    let file: File = try GoldenFile.load("layers.json")
    #expect(file.cases.count == 27)
    for item in file.cases {
      let realization = try realization(of: item)
      var parameters = Parameters<Double>(of: realization.network, key: Key(seed: 0))
      for parameter in item.parameters {
        // The scale of a branch is a setting here and not a parameter.
        guard let path = realization.paths[parameter.name ?? ""] else {
          #expect(parameter.name == "branch_scale")
          continue
        }
        parameters[path] = parameter.tensor
      }
      let tape = Tape<Double>()
      let input = tape.variable(item.input.tensor)
      let pass = parameters.pass(on: tape)
      let output = realization.network(input, pass)
      let gradients = tape.gradients(of: output, seed: item.upstream.tensor)
      var found = differences(output.value, item.output, relativeToOne: 1e-13)
      found += differences(gradients[input], item.inputGradient, relativeToOne: 1e-13)
      for expected in item.parameterGradients {
        guard let path = realization.paths[expected.name ?? ""] else { continue }
        found += differences(gradients[pass][path], expected, relativeToOne: 1e-13)
      }
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }

  @Test("and a trained scale on the branch has PyTorch's gradient too")
  func branchScale() throws {
    let file: File = try GoldenFile.load("layers.json")
    let items = file.cases.filter { $0.layer == "residual" }
    #expect(items.count == 12)
    for item in items {
      let activation = try #require(item.attributes.activation)
      let network = Residual(
        TwoLayerBranch(width: item.input.shape[-1], activation: activation), learnedScale: 0,
        before: item.attributes.arrangement == "pre_activation" ? activation : .linear,
        after: item.attributes.arrangement == "post_activation" ? activation : .linear)
      let parameters = Parameters<Double>(
        layout: ParameterLayout(of: network),
        vector: .concatenate(item.parameters.map { $0.tensor.flattened() }))
      let tape = Tape<Double>()
      let pass = parameters.pass(on: tape)
      let output = network(tape.constant(item.input.tensor), pass)
      let gradient = tape.gradients(of: output, seed: item.upstream.tensor)[pass]
      let expected = try #require(item.parameterGradients.first { $0.name == "branch_scale" })
      let found =
        differences(output.value, item.output, relativeToOne: 1e-13)
        + differences(gradient["learnedScale"], expected, relativeToOne: 1e-13)
      #expect(found.isEmpty, "\(item.name): \(found)")
    }
  }
}

/// A name in a golden file that the tests do not know.
struct UnknownName: Error {
  let name: String
}
