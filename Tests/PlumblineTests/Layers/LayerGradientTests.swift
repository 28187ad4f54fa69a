import Plumbline
import TestSupport
import Testing
import Verification

/// A layer as a function of its input and its parameters.
struct LayerFunction<Network: Layer>: DifferentiableFunction {
  let network: Network
  let layout: ParameterLayout
  let mode: Mode

  init(_ network: Network, mode: Mode = .inference) {
    self.network = network
    self.mode = mode
    layout = ParameterLayout(of: network)
  }

  func callAsFunction<T: TensorProtocol>(_ inputs: [T]) -> T {
    network(inputs[0], Pass(layout: layout, values: Array(inputs.dropFirst()), mode: mode))
  }

  /// An input and random parameters: those of zeros and ones too, so that no gradient is special.
  func point(_ key: Key, inputShape: Shape) -> [Tensor<Double>] {
    [key["input"].tensor(inputShape)]
      + layout.entries.map { key[$0.name].tensor($0.shape, from: -1.5, to: 1.5) }
  }
}

/// Two weights, each used forwards and, transposed, backwards.
private struct TiedAutoencoder: Layer {
  let first: Dense, second: Dense
  let back: Dense, output: Dense

  init() {
    first = Dense(3, 2)
    second = Dense(2, 2)
    back = Dense(sharing: second.weight, transposed: true, bias: nil)
    output = Dense(sharing: first.weight, transposed: true)
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    let code = tanh(second(tanh(first(input, pass)), pass))
    return output(tanh(back(code, pass)), pass)
  }
}

@Suite("The gradient of every layer with respect to input and parameters agrees with three oracles")
struct LayerGradientTests {
  /// A layer and the shape of its input.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let inputShape: Shape
    let network: any Layer
    let mode: Mode
    var testDescription: String { name }

    init(_ name: String, _ inputShape: Shape, _ network: any Layer, mode: Mode = .inference) {
      self.name = name
      self.inputShape = inputShape
      self.network = network
      self.mode = mode
    }
  }

  static let samples: [Sample] =
    [
      Sample("dense", [3, 2], Dense(2, 3)),
      Sample("dense without bias", [3, 2], Dense(2, 3, bias: nil)),
      Sample("dense on a vector", [2], Dense(2, 3)),
      Sample("dense on three axes", [2, 2, 2], Dense(2, 2)),
      Sample("layer norm", [2, 4], LayerNorm(4)),
      Sample("layer norm on three axes", [2, 2, 3], LayerNorm(3, epsilon: 0.1)),
      Sample("highway", [2, 3], Highway(3, activation: .tanh)),
      Sample("residual", [2, 2], Residual(Sequential(Dense(2, 2), Activation.tanh))),
      Sample("scaled residual", [2, 2], Residual(Dense(2, 2), scale: 0.3)),
      Sample(
        "pre-activation residual", [2, 2],
        Residual(Sequential(Dense(2, 2), Activation.silu, Dense(2, 2)), before: .silu)),
      Sample("post-activation residual", [2, 2], Residual(Dense(2, 2), after: .gelu)),
      Sample(
        "projected residual", [2, 3], Residual(Dense(3, 2), projection: Dense(3, 2, bias: nil))),
      Sample("batch norm in training", [4, 2], BatchNorm(2), mode: .training),
      Sample("batch norm in inference", [3, 2], BatchNorm(2)),
      Sample("batch norm of signals", [2, 2, 3], BatchNorm(2, epsilon: 0.1), mode: .training),
      Sample("batch norm of images", [2, 2, 2, 1], BatchNorm(2), mode: .training),
      Sample(
        "batch norm in a network", [3, 2],
        Sequential(
          Dense(2, 2), BatchNorm(2), Activation.tanh,
          Residual(Sequential(BatchNorm(2), Activation.silu, Dense(2, 2)))), mode: .training),
      Sample("RMS norm", [2, 4], RMSNorm(4)),
      Sample("RMS norm on three axes", [2, 2, 3], RMSNorm(3, epsilon: 0.1)),
      Sample(
        "dropout", [3, 4], Sequential(Dense(4, 4), Dropout(0.4), Activation.tanh), mode: .training),
      Sample(
        "stochastic depth of a batch", [3, 2],
        Sequential(
          Residual(Sequential(Dense(2, 2), Activation.tanh, StochasticDepth(survival: 0.5))),
          Residual(Sequential(Dense(2, 2), StochasticDepth(survival: 0.5)), after: .gelu)),
        mode: .training),
      Sample(
        "stochastic depth of examples", [5, 2],
        Residual(Sequential(Dense(2, 2), StochasticDepth(survival: 0.5, unit: .example))),
        mode: .training),
      Sample(
        "residual with a learned scale", [2, 2],
        Residual(
          Sequential(Dense(2, 2), Activation.tanh, Dense(2, 2)), scale: 0.5, learnedScale: 0)),
      Sample(
        "Fixup block", [2, 2],
        Residual.fixup(width: 2, layers: 3, blocks: 4, activation: .softplus)),
      Sample(
        "concatenating skips", [2, 2],
        Sequential(
          ConcatenatingSkip(Sequential(Dense(2, 2), Activation.tanh)),
          ConcatenatingSkip(Dense(4, 1)))),
      Sample("convolution", [2, 2, 3, 2], Conv2D(2, 2, kernel: 2)),
      Sample(
        "padded convolution with gaps", [1, 2, 3, 3],
        Conv2D(2, 1, kernel: 3, stride: 2, padding: 1, bias: nil)),
      Sample(
        "convolution by a flat window", [1, 1, 2, 3],
        Conv2D(1, 2, window: SlidingWindow(height: 1, width: 3, padding: 1))),
      Sample("max pooling", [1, 2, 4, 4], MaxPool2D(2)),
      Sample("padded max pooling with overlap", [1, 1, 3, 3], MaxPool2D(3, stride: 2, padding: 1)),
      Sample("average pooling", [2, 1, 2, 4], AveragePool2D(2)),
      Sample("padded average pooling", [1, 1, 3, 3], AveragePool2D(2, stride: 1, padding: 1)),
      Sample("global average pooling", [2, 2, 2, 3], GlobalAveragePool()),
      Sample("flatten", [2, 2, 1, 2], Flatten()),
      Sample("padded shortcut", [1, 2, 3, 3], PaddedShortcut(channels: 3, stride: 2)),
      Sample(
        "convolutional blocks", [2, 1, 4, 4],
        Sequential(
          Residual(
            Sequential(
              Conv2D(1, 2, kernel: 3, stride: 2, padding: 1, bias: nil), BatchNorm(2),
              Activation.softplus, Conv2D(2, 2, kernel: 3, padding: 1, bias: nil), BatchNorm(2)),
            after: .tanh, projection: PaddedShortcut(channels: 2, stride: 2)),
          GlobalAveragePool(), Dense(2, 2)), mode: .training),
      Sample("tied autoencoder", [2, 3], TiedAutoencoder()),
      Sample(
        "a small network", [2, 2],
        Sequential(
          Dense(2, 3), LayerNorm(3), Activation.softplus, Residual(Dense(3, 3)), Dense(3, 1))
      ),
    ]
    + Activation.allCases.map {
      Sample("dense and \($0.rawValue)", [2, 3], Sequential(Dense(3, 2), $0))
    }

  @Test("to first and second order", arguments: samples, [1, 2])
  func gradients(sample: Sample, order: Int) {
    let trials = Trial.several(1)
    for trial in trials { check(sample.network, sample, order, trial) }
  }

  private func check(_ network: some Layer, _ sample: Sample, _ order: Int, _ trial: Trial) {
    let function = LayerFunction(network, mode: sample.mode)
    let point = function.point(trial.key[sample.name], inputShape: sample.inputShape)
    let report = GradientCheck(key: trial.key["check"]).report(
      on: function, at: point, order: order)
    #expect(
      report.passes,
      """
      \(sample.name), order \(order), \(trial.testDescription): \
      \(report.failures.map(\.description).joined(separator: "; "))
      """)
  }
}
