import Foundation
import Plumbline
import TestSupport
import Testing
import Verification

/// A layer of the list as data, and the shape of an example: a line for each. Gradients at both orders, the JSON form, the promised
/// shape and the replay are checked on it.
struct LayerFormSample: Sendable, CustomTestStringConvertible {
  let form: any LayerForm
  let example: Shape
  /// A layer before it, which a reference needs.
  let before: [LayerDescription]
  let mode: Mode
  /// The layer with other settings or inputs, of which the gradients are checked too.
  let variants: [LayerVariant]
  /// What the gradient of the input is times the derivative, on purpose; `nil` for a layer whose gradient is the derivative.
  let surrogateRatio: Double?
  var testDescription: String { form.title }

  init(
    _ form: some LayerForm, _ example: Shape, before: [LayerDescription] = [],
    mode: Mode = .inference, variants: [LayerVariant] = [], surrogateRatio: Double? = nil
  ) {
    self.surrogateRatio = surrogateRatio
    self.form = form
    self.example = example
    self.before = before
    self.mode = mode
    self.variants = variants
  }

  private static let named = [LayerDescription(.dense(outputs: 3), name: "code")]
  private static let dense = [LayerDescription(.dense(outputs: 2)), LayerDescription(.tanh)]

  static let all: [LayerFormSample] =
    [
      LayerFormSample(
        .dense(outputs: 3), [2],
        variants: [
          LayerVariant("dense without bias", [3, 2], Dense(2, 3, bias: nil)),
          LayerVariant("dense on a vector", [2], Dense(2, 3)),
          LayerVariant("dense on three axes", [2, 2, 2], Dense(2, 2)),
        ]),
      LayerFormSample(.transposedDense(of: "code"), [2], before: named),
      LayerFormSample(
        .again(of: "code"), [2], before: named + [LayerDescription(.dense(outputs: 2))]),
      LayerFormSample(
        .batchNorm(initialScale: 0.7), [2, 2], mode: .training,
        variants: [
          LayerVariant("batch norm of features", [4, 2], BatchNorm(2), mode: .training),
          LayerVariant("batch norm in inference", [3, 2], BatchNorm(2)),
          LayerVariant(
            "batch norm of signals", [2, 2, 3], BatchNorm(2, epsilon: 0.1), mode: .training),
          LayerVariant("batch norm of images", [2, 2, 2, 1], BatchNorm(2), mode: .training),
          LayerVariant(
            "batch norm in a network", [3, 2],
            Sequential(
              Dense(2, 2), BatchNorm(2), Activation.tanh,
              Residual(Sequential(BatchNorm(2), Activation.silu, Dense(2, 2)))), mode: .training),
        ]),
      LayerFormSample(
        .layerNorm(), [4],
        variants: [
          LayerVariant("layer norm on three axes", [2, 2, 3], LayerNorm(3, epsilon: 0.1))
        ]),
      LayerFormSample(
        .rmsNorm(), [4],
        variants: [
          LayerVariant("RMS norm on three axes", [2, 2, 3], RMSNorm(3, epsilon: 0.1))
        ]),
      LayerFormSample(.dropout(rate: 0.4), [4], before: dense, mode: .training),
      LayerFormSample(
        .stochasticDepth(survival: 0.5, unit: .example), [2], before: dense, mode: .training,
        variants: [
          LayerVariant(
            "stochastic depth of a batch", [3, 2],
            Sequential(
              Residual(Sequential(Dense(2, 2), Activation.tanh, StochasticDepth(survival: 0.5))),
              Residual(Sequential(Dense(2, 2), StochasticDepth(survival: 0.5)), after: .gelu)),
            mode: .training),
          LayerVariant(
            "stochastic depth of examples", [5, 2],
            Residual(Sequential(Dense(2, 2), StochasticDepth(survival: 0.5, unit: .example))),
            mode: .training),
        ]),
      LayerFormSample(.scalarBias(initial: 0.3), [2]),
      LayerFormSample(.scalarMultiplier(initial: 0.3), [2]),
      LayerFormSample(.highway(activation: .tanh), [3]),
      LayerFormSample(
        .convolution(
          outputs: 2, window: SlidingWindow(height: 2, width: 1, stride: 1, padding: 1)),
        [1, 3, 2],
        variants: [
          LayerVariant("convolution of channels", [2, 2, 3, 2], Conv2D(2, 2, kernel: 2)),
          LayerVariant(
            "padded convolution with gaps", [1, 2, 3, 3],
            Conv2D(2, 1, kernel: 3, stride: 2, padding: 1, bias: nil)),
          LayerVariant(
            "convolution by a flat window", [1, 1, 2, 3],
            Conv2D(1, 2, window: SlidingWindow(height: 1, width: 3, padding: 1))),
        ]),
      LayerFormSample(
        .maxPool(kernel: 2), [1, 4, 4],
        variants: [
          LayerVariant("max pooling of channels", [1, 2, 4, 4], MaxPool2D(2)),
          LayerVariant(
            "padded max pooling with overlap", [1, 1, 3, 3], MaxPool2D(3, stride: 2, padding: 1)),
        ]),
      LayerFormSample(
        .averagePool(kernel: 2, padding: 1), [1, 3, 3],
        variants: [
          LayerVariant("average pooling", [2, 1, 2, 4], AveragePool2D(2)),
          LayerVariant(
            "padded average pooling", [1, 1, 3, 3], AveragePool2D(2, stride: 1, padding: 1)),
        ]),
      LayerFormSample(.globalAveragePool, [2, 2, 3]),
      LayerFormSample(.flatten, [2, 1, 2]),
      LayerFormSample(.paddedShortcut(channels: 3, stride: 2), [2, 3, 3]),
      LayerFormSample(
        .residual(branch: dense, scale: 0.5, learnedScale: 0.4, before: .silu), [2],
        variants: [
          LayerVariant(
            "plain residual", [2, 2], Residual(Sequential(Dense(2, 2), Activation.tanh))),
          LayerVariant("scaled residual", [2, 2], Residual(Dense(2, 2), scale: 0.3)),
          LayerVariant(
            "pre-activation residual", [2, 2],
            Residual(Sequential(Dense(2, 2), Activation.silu, Dense(2, 2)), before: .silu)),
          LayerVariant("post-activation residual", [2, 2], Residual(Dense(2, 2), after: .gelu)),
          LayerVariant(
            "projected residual", [2, 3],
            Residual(Dense(3, 2), projection: Dense(3, 2, bias: nil))),
          LayerVariant(
            "residual with a learned scale", [2, 2],
            Residual(
              Sequential(Dense(2, 2), Activation.tanh, Dense(2, 2)), scale: 0.5, learnedScale: 0)),
          LayerVariant(
            "Fixup block", [2, 2],
            Residual.fixup(width: 2, layers: 3, blocks: 4, activation: .softplus)),
        ]),
      LayerFormSample(
        .concatenating(branch: dense), [2],
        variants: [
          LayerVariant(
            "concatenating skips", [2, 2],
            Sequential(
              ConcatenatingSkip(Sequential(Dense(2, 2), Activation.tanh)),
              ConcatenatingSkip(Dense(4, 1))))
        ]),
      LayerFormSample(.reversible(branches: [dense, dense]), [4]),
      LayerFormSample(.sequence(dense, checkpointInterval: 1), [2]),
      LayerFormSample(.embedding(classes: 4, outputs: 2), [3]),
      LayerFormSample(.recurrent(units: 2, output: .sequence), [3, 2]),
      LayerFormSample(.lstm(units: 2), [3, 2]),
      LayerFormSample(.gru(units: 2, output: .sequence), [3, 2]),
      LayerFormSample(.dynamicTanh(alpha: 0.7), [3]),
      LayerFormSample(
        .attention(heads: 2, causal: true), [3, 4],
        variants: [
          LayerVariant(
            "attention with dropout", [2, 3, 2], Attention(2, heads: 2, dropout: 0.25)),
          LayerVariant(
            "attention by blocks", [1, 5, 2], Attention(2, heads: 2, isCausal: true, queryBlock: 2)),
        ]),
      LayerFormSample(.positions, [3, 2]),
      LayerFormSample(.gatedMLP(units: 3), [2]),
      LayerFormSample(.layerScale(initial: 0.3), [3]),
      LayerFormSample(
        .normalizedResidual(
          branch: dense, .peri, norm: [LayerDescription(.rmsNorm(epsilon: 0.1))], inputScale: 0.7,
          scale: 0.5, skipScale: 1.3), [2],
        variants: NormalizedResidual.Position.allCases.map { position in
          LayerVariant(
            "residual with a norm, \(position)", [2, 3],
            NormalizedResidual(
              Sequential(Dense(3, 3), Activation.silu), position, inputScale: 0.6, scale: 1.2,
              skipScale: 0.8, norm: { LayerNorm(3, epsilon: 0.1) }))
        }),
      LayerFormSample(.dynamicErf(alpha: 0.7, offset: 0.2), [3]),
      LayerFormSample(.shapedRelu(above: 1.1, below: 0.9), [3]),
      LayerFormSample(.tanhGelu, [3]),
      LayerFormSample(
        .hyperConnections(
          branches: [dense], streams: 2, mixing: .permutations, inputDependent: true, scale: 0.5),
        [2],
        // Small, since each entry of the dependence is compared.
        variants: HyperConnections.Mixing.allCases.flatMap { mixing in
          [
            LayerVariant(
              "streams, \(mixing)", [2, 2],
              HyperConnections(
                2, branches: [Dense(2, 2), Sequential(Dense(2, 2), Activation.tanh)], streams: 2,
                mixing: mixing, iterations: 2)),
            LayerVariant(
              "streams, \(mixing) by input", [2, 1],
              HyperConnections(
                1, branches: [Dense(1, 1)], streams: 2, mixing: mixing, iterations: 2,
                dependsOnInput: true)),
          ]
        }),
      LayerFormSample(.depthWeightedAverage(blocks: [dense, dense, dense]), [2]),
      LayerFormSample(.attentionResiduals(branches: [dense, dense, dense]), [2]),
      LayerFormSample(
        .valueResiduals(
          blocks: Array(repeating: [LayerDescription(.attention(heads: 2))], count: 3)), [3, 4]),
      LayerFormSample(
        .gradientPreservingScale(initial: 0.5), [3], surrogateRatio: 1 / (1 - 0.5 / (1 + exp(-0.5)))
      ),
    ]
    + Activation.all.map {
      LayerFormSample(
        $0, [3],
        variants: [
          LayerVariant("dense and \($0.title)", [2, 3], Sequential(Dense(3, 2), $0))
        ])
    }

  /// The network of the layer and what stands before it.
  var description: NetworkLayers { NetworkLayers(layers: before + [LayerDescription(form)]) }

  struct NetworkLayers: Codable, Equatable { let layers: [LayerDescription] }

  /// The layers, built.
  func built() throws -> [BuiltLayer] {
    var builder = LayerBuilder(input: example)
    return try builder.network(description.layers)
  }

  /// A batch that the layer takes.
  func input<Scalar: TensorScalar>(_ count: Int, _ key: Key) -> Tensor<Scalar> {
    let shape = Shape([count] + example.extents)
    if let embedding = form as? EmbeddingForm {
      return Tensor(
        shape,
        nearestTo: (0..<shape.elementCount).map {
          Double(key.integer(at: $0, below: embedding.classes))
        })
    }
    return Tensor(shape, nearestTo: key.normal(shape.elementCount))
  }
}

@Suite("Every layer of the list")
struct LayerFormTests {
  @Test("has a sample")
  func samples() {
    #expect(
      LayerFormSample.all.map(\.form.title) == LayerDescription.libraryForms.map(\.title))
  }

  @Test("gives the layers inside it, and takes others", arguments: LayerFormSample.all)
  func inner(sample: LayerFormSample) {
    var layer = LayerDescription(.linear)
    layer.form = sample.form
    let before = layer
    layer.form.inner = sample.form.inner
    #expect(layer == before)
    layer.form.inner = sample.form.inner.map { $0 + [LayerDescription(.softplus)] }
    #expect(
      layer.form.inner.map { $0.map(\.title) }
        == sample.form.inner.map { $0.map(\.title) + ["softplus"] })
  }

  @Test(
    "says whether its slope jumps", arguments: LayerFormSample.all.filter { $0.form.inner.isEmpty })
  func kinks(sample: LayerFormSample) throws {
    let tape = Tape<Double>()
    let network = Sequential(try sample.built().map(\.layer))
    let input: Tensor<Double> = sample.input(3, Trial(number: 0).key["input"])
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    _ = network(
      tape.constant(input), parameters.pass(on: tape, mode: sample.mode, key: Key(seed: 1)))
    #expect(!tape.decisions.isEmpty == sample.form.hasKinks)
  }

  /// A network as a function of its parameters, and of its input where that is not class numbers.
  private struct Function: DifferentiableFunction {
    let network: Sequential
    let layout: ParameterLayout
    let mode: Mode
    let classes: Tensor<Double>?

    func callAsFunction<T: TensorProtocol>(_ inputs: [T]) -> T {
      let values = classes == nil ? Array(inputs.dropFirst()) : inputs
      let input = classes.map { values[0].constant(Tensor(converting: $0)) } ?? inputs[0]
      return network(input, Pass(layout: layout, values: values, mode: mode))
    }
  }

  @Test(
    "has gradients of first and second order",
    arguments: LayerFormSample.all.filter { $0.surrogateRatio == nil }, [1, 2])
  func gradients(sample: LayerFormSample, order: Int) throws {
    let key = Trial(number: 0).key[sample.form.title]
    let network = Sequential(try sample.built().map(\.layer))
    let layout = ParameterLayout(of: network)
    let input: Tensor<Double> = sample.input(3, key["input"])
    let isNumbered = sample.form is EmbeddingForm
    let parameters = layout.entries.map { key[$0.name].tensor($0.shape, from: -1.5, to: 1.5) }
    let report = GradientCheck(key: key["check"]).report(
      on: Function(
        network: network, layout: layout, mode: sample.mode, classes: isNumbered ? input : nil),
      at: isNumbered ? parameters : [input] + parameters, order: order)
    #expect(report.passes, "\(report.failures.map(\.description).joined(separator: "; "))")
  }

  @Test(
    "whose gradient is wrong on purpose fails, by its ratio, and passes where that is declared",
    arguments: LayerFormSample.all.filter { $0.surrogateRatio != nil })
  func surrogates(sample: LayerFormSample) throws {
    let key = Trial(number: 0).key[sample.form.title]
    let network = Sequential(try sample.built().map(\.layer))
    let input: Tensor<Double> = sample.input(3, key["input"])
    let wrong = GradientCheck(key: key["check"]).report(on: network, input: input)
    #expect(wrong.verdict == .fail)
    #expect(wrong.tensors.map(\.verdict) == [.fail] + wrong.tensors.dropFirst().map { _ in .pass })
    let ratio = try #require(wrong.tensors[0].ratio)
    #expect(abs(ratio - sample.surrogateRatio!) < 1e-7)
    let declared = GradientCheck(key: key["check"], surrogates: ["input"])
      .report(on: network, input: input)
    #expect(declared.passes && declared.verdict == .pass, "\(declared)")
    #expect(declared.tensors[0].isSurrogate && declared.tensors[0].ratio == ratio)
    #expect(declared.tensors.dropFirst().allSatisfy { !$0.isSurrogate && $0.verdict == .pass })
  }

  @Test("puts out the shape that it promises, and survives JSON", arguments: LayerFormSample.all)
  func shapes(sample: LayerFormSample) throws {
    let built = try sample.built()
    let network = Sequential(built.map(\.layer))
    let key = Trial(number: 0).key
    let parameters = Parameters<Double>(of: network, key: key)
    let output = network(sample.input(2, key), parameters.pass(mode: sample.mode, key: key))
    #expect(Array(output.shape.extents.dropFirst()) == built.last?.output.extents)
    let data = try JSONEncoder().encode(sample.description)
    #expect(
      try JSONDecoder().decode(LayerFormSample.NetworkLayers.self, from: data) == sample.description
    )
  }

  @Test("is replayed with the eager bits", arguments: LayerFormSample.all)
  func replay(sample: LayerFormSample) throws {
    try replay(sample, Float.self)
    try replay(sample, Double.self)
  }

  private func replay<Scalar: TrainableScalar>(
    _ sample: LayerFormSample, _ type: Scalar.Type
  ) throws {
    let own = try sample.built().map(\.layer)
    // A parameter before it, so that the gradient goes through a layer that has none.
    let network = Sequential(sample.form is EmbeddingForm ? own : [ScalarMultiplier(1)] + own)
    let loss: TrainingStep<Scalar>.Loss = { network($1[0], $0).squared().mean() }
    var step = TrainingStep<Scalar>(of: network, loss: loss)
    let key = Trial(number: 0).key
    for draw in 0..<3 {
      let parameters = Parameters<Scalar>(of: network, key: key[draw])
      expectEagerBits(
        &step, loss, at: parameters, inputs: [sample.input(4, key["x"][draw])], key: key[draw],
        "\(sample.form.title), \(Scalar.self), draw \(draw)")
    }
    #expect(step.callCounts.count == 1)
  }
}
