import Foundation
import Networks
import Plumbline
import TestSupport
import Testing

/// Every kind of layer, most with settings that are not the standard ones.
let everyKind = NetworkDescription(
  input: [2, 8, 8], output: .sigmoid,
  layers: [
    LayerDescription(
      .convolution(
        outputs: 4, window: SlidingWindow(height: 3, width: 1, stride: 1, padding: 1), bias: nil,
        initializer: .varianceScaling(gain: 0.7, .uniform, fan: .output)), name: "first"),
    LayerDescription(.batchNorm(momentum: 0.2, epsilon: 1e-3, initialScale: 0.5)),
    LayerDescription(.softplus),
    LayerDescription(
      .residual(
        branch: [
          LayerDescription(
            .convolution(
              outputs: 8, window: SlidingWindow(height: 3, width: 3, stride: 2, padding: 1))),
          LayerDescription(.batchNorm()),
          LayerDescription(.stochasticDepth(survival: 0.9, unit: .example)),
        ], scale: 0.5, learnedScale: 0.25, before: .relu, after: .leakyRelu,
        projection: [LayerDescription(.paddedShortcut(channels: 8, stride: 2))])),
    LayerDescription(
      .concatenating(branch: [
        LayerDescription(
          .convolution(outputs: 2, window: SlidingWindow(height: 1, width: 1), bias: .constant(0.1))
        )
      ])),
    LayerDescription(.maxPool(kernel: 3, stride: 1, padding: 1)),
    LayerDescription(.averagePool(kernel: 2)),
    LayerDescription(
      .sequence([LayerDescription(.scalarBias(initial: 0.5)), LayerDescription(.flatten)])),
    LayerDescription(
      .sequence(
        [
          LayerDescription(.dense(outputs: 6, initializer: .orthogonal(gain: 1.5)), name: "code"),
          LayerDescription(.layerNorm(epsilon: 1e-3)), LayerDescription(.tanh),
        ], checkpointInterval: 2)),
    LayerDescription(.transposedDense(of: "code", bias: nil)),
    LayerDescription(.rmsNorm()), LayerDescription(.dropout(rate: 0.25)),
    LayerDescription(.again(of: "code")),
    LayerDescription(
      .reversible(
        branches: [
          [LayerDescription(.dense(outputs: 3, initializer: .fixup(branches: 3)))],
          [LayerDescription(.dense(outputs: 3)), LayerDescription(.gelu)],
        ], scale: 0.5)),
    LayerDescription(.highway(activation: .tanh, gateBias: -1)),
    LayerDescription(.scalarMultiplier(initial: 2)),
    LayerDescription(.dense(outputs: 1, bias: nil, initializer: .normal(standardDeviation: 0.01))),
  ])

@Suite("Descriptions of networks")
struct NetworkDescriptionTests {
  @Test("takes the names of functions and layers in any usual spelling")
  func spellings() throws {
    let people = try NetworkDescription(
      json: """
        {"input": [3], "output": "identity", "layers": [
          {"layer": "Dense", "outputs": 4}, {"layer": "ReLU"}, {"layer": "BatchNorm"}, {"layer": "swish"},
          {"layer": "dense", "outputs": 2}]}
        """)
    #expect(people.output == .linear)
    #expect(people.layers.map(\.title) == ["dense", "relu", "batch-norm", "silu", "dense"])
  }

  @Test("are written as JSON and read again, every kind of layer")
  func roundTrip() throws {
    let json = everyKind.json
    #expect(try NetworkDescription(json: json) == everyKind)
    #expect(try NetworkDescription(json: json).json == json)
    let pooled = NetworkDescription(
      input: [1, 4, 4], layers: [LayerDescription(.globalAveragePool), LayerDescription(.relu)])
    #expect(try NetworkDescription(json: pooled.json) == pooled)
    let coded = try JSONDecoder().decode(
      NetworkDescription.self, from: JSONEncoder().encode(everyKind))
    #expect(coded == everyKind)
    // As part of a record whose keys are converted.
    let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
    encoder.keyEncodingStrategy = .convertToSnakeCase
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let record = try encoder.encode(["network": everyKind])
    #expect(
      try decoder.decode([String: NetworkDescription].self, from: record)
        == ["network": everyKind])
  }

  @Test("of every kind are built, run and differentiated, by the shapes that they promise")
  func everyKindRuns() throws {
    let network = try everyKind.network()
    #expect(network.outputShape == [1])
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let input = Trial(number: 0).key.tensor([3, 2, 8, 8])
    let tape = Tape<Double>()
    let pass = parameters.pass(on: tape)
    let output = network(tape.constant(input), pass)
    #expect(output.shape == [3, 1])
    #expect(tape.gradients(of: output.sum())[pass].vector.isFinite)
    // The rows have the shapes of the layers' outputs, where those have a name.
    let plain = parameters.pass(recordingActivations: true)
    _ = network(input, plain)
    for row in network.table.rows {
      guard let found = plain.activations[row.path], !row.path.contains("branches") else {
        continue
      }
      #expect(Array(found.shape.extents.dropFirst()) == row.output.extents, "\(row.path)")
    }
    // One weight for its three uses.
    #expect(parameters.names.filter { parameters[$0].shape == [40, 6] } == ["8.0.weight"])
  }

  @Test("have initializers as short texts or objects")
  func initializers() throws {
    func dense(_ initializer: String) throws -> LayerDescription {
      let json = """
        {"input": [3], "layers": [{"layer": "dense", "outputs": 2, "initializer": \(initializer)}]}
        """
      return try NetworkDescription(json: json).layers[0]
    }
    let expected: [(String, Initializer)] = [
      (#""he""#, .he()), (#""lecun""#, .lecun()), (#""glorot""#, .glorot()),
      (#""orthogonal""#, .orthogonal()), (#""zero""#, .zero),
      (#""normal:0.01""#, .normal(standardDeviation: 0.01)), (#""constant:-2""#, .constant(-2)),
      (
        #"{"scheme": "variance-scaling", "gain": 2, "fan": "average"}"#,
        .varianceScaling(gain: 2, fan: .average)
      ),
      (#"{"scheme": "orthogonal", "gain": 0.5}"#, .orthogonal(gain: 0.5)),
      (#"{"scheme": "fixup", "branches": 9}"#, .fixup(branches: 9)),
    ]
    for (json, initializer) in expected {
      #expect(
        try dense(json) == LayerDescription(.dense(outputs: 2, initializer: initializer)),
        "\(json)")
    }
    let uniform = try dense(
      #"{"scheme": "scaled", "distribution": "uniform", "standard_deviation": 1}"#)
    #expect(
      try NetworkDescription(json: NetworkDescription(input: [3], layers: [uniform]).json)
        .layers == [uniform])
  }

  @Test("of ResNet-20 have the layout of the network by hand")
  func resNet() throws {
    func convolution(_ outputs: Int, stride: Int = 1) -> LayerDescription {
      LayerDescription(
        .convolution(
          outputs: outputs,
          window: SlidingWindow(height: 3, width: 3, stride: stride, padding: 1), bias: nil))
    }
    let norm = LayerDescription(.batchNorm())
    var layers = [convolution(16), norm, LayerDescription(.relu)]
    for (stage, width) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let stride = block == 0 && stage > 0 ? 2 : 1
        layers.append(
          LayerDescription(
            .residual(
              branch: [
                convolution(width, stride: stride), norm, LayerDescription(.relu),
                convolution(width), norm,
              ], after: .relu,
              projection: stride == 1
                ? [] : [LayerDescription(.paddedShortcut(channels: width, stride: 2))])))
      }
    }
    layers += [
      LayerDescription(.globalAveragePool),
      LayerDescription(.dense(outputs: 10, initializer: .lecun())),
    ]
    let description = NetworkDescription(input: [3, 32, 32], output: .softmax, layers: layers)
    let network = try description.network()
    let byHand = Sequential.cifarResNet(depth: 20)
    #expect(ParameterLayout(of: network) == ParameterLayout(of: byHand))
    let key = Key(seed: 5)
    #expect(
      Parameters<Float>(of: network, key: key) == Parameters<Float>(of: byHand, key: key))
    #expect(network.table.parameters == 269_722)
    let products = network.table.rows.filter { ["convolution", "dense"].contains($0.layer) }
      .reduce(0) { $0 + $1.operations }
    #expect(abs(Double(products) / 2 / 40.55e6 - 1) < 0.01)
    #expect(try NetworkDescription(json: description.json) == description)
  }

  @Test("read the result as it is, as classes, or as yes and no")
  func outputs() {
    let logits: Tensor<Double> = [[1, -2, 0.5]]
    #expect(OutputFunction.linear(logits) == logits)
    #expect(OutputFunction.softmax(logits) == softmax(logits))
    #expect(OutputFunction.sigmoid(logits) == sigmoid(logits))
  }

  @Test("can be networks of many layers: a thousand blocks")
  func deep() throws {
    let branch = [LayerDescription(.dense(outputs: 4)), LayerDescription(.relu)]
    let blocks = (0..<1000).map { _ in
      LayerDescription(.residual(branch: branch, learnedScale: 0))
    }
    let network = try NetworkDescription(input: [4], layers: blocks).network()
    #expect(ParameterLayout(of: network).count == 1000 * 21)
    #expect(network.description.residualBlockCount == 1000)
  }
}
