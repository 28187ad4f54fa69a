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

/// A layer or a small network, and the shape of its input.
struct LayerVariant: Sendable, CustomTestStringConvertible {
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

@Suite("The gradient of every layer with respect to input and parameters agrees with three oracles")
struct LayerGradientTests {
  /// Networks of several layers, next to the variants of each.
  static let networks: [LayerVariant] = [
    LayerVariant(
      "dropout in a network", [3, 4], Sequential(Dense(4, 4), Dropout(0.4), Activation.tanh),
      mode: .training),
    LayerVariant(
      "convolutional blocks", [2, 1, 4, 4],
      Sequential(
        Residual(
          Sequential(
            Conv2D(1, 2, kernel: 3, stride: 2, padding: 1, bias: nil), BatchNorm(2),
            Activation.softplus, Conv2D(2, 2, kernel: 3, padding: 1, bias: nil), BatchNorm(2)),
          after: .tanh, projection: PaddedShortcut(channels: 2, stride: 2)),
        GlobalAveragePool(), Dense(2, 2)), mode: .training),
    LayerVariant("a mean over steps", [2, 3, 4], Sequential(GlobalAveragePool(), Dense(4, 2))),
    LayerVariant("tied autoencoder", [2, 3], TiedAutoencoder()),
    LayerVariant(
      "a small network", [2, 2],
      Sequential(
        Dense(2, 3), LayerNorm(3), Activation.softplus, Residual(Dense(3, 3)), Dense(3, 1))),
  ]

  static let all = LayerFormSample.all.flatMap(\.variants) + networks

  @Test("to first and second order", arguments: all, [1, 2])
  func gradients(sample: LayerVariant, order: Int) {
    // A check compares every entry: a network of many gets fewer draws than a layer of few.
    let entries =
      ParameterLayout(of: sample.network).count + sample.inputShape.elementCount
    let trials = Trial.several(1)
    for trial in trials.prefix(max(2, 250 / entries)) {
      check(sample.network, sample, order, trial)
    }
  }

  private func check(_ network: some Layer, _ sample: LayerVariant, _ order: Int, _ trial: Trial) {
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
