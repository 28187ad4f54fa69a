import Findings

/// A gated recurrent unit: with the gates in the order r, z, n,
/// r = sigmoid(xₜ Wr + br + hₜ₋₁ Ur + cr), z = sigmoid(xₜ Wz + bz + hₜ₋₁ Uz + cz),
/// n = tanh(xₜ Wn + bn + r (hₜ₋₁ Un + cn)) and hₜ = (1 - z) n + z hₜ₋₁, from zeros.
///
/// x is `[examples, steps, in]`; the output is the last state `[examples, units]` or all of them `[examples, steps, units]`.
/// W is `[in, 3 units]`, U `[units, 3 units]`. Source: Cho et al., arXiv:1406.1078, with the reset gate behind the product, as
/// PyTorch's `GRU` has it.
public struct GRU: Layer {
  private let weights: RecurrentWeights
  private let name = LayerName()

  /// A layer from `inputs` to `units` features.
  public init(
    _ inputs: Int, _ units: Int, output: RecurrentOutput = .last, truncation: Int? = nil,
    initializer: Initializer? = nil, hasBias: Bool = true
  ) {
    weights = RecurrentWeights(
      inputs, units, gates: 3, output: output, truncation: truncation, initializer: initializer,
      hasBias: hasBias)
  }

  /// The states.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      weights.run(input, pass, as: "a GRU") { x, own, state in
        let units = weights.units
        let reset = sigmoid(x.gate(0, of: units) + own.gate(0, of: units))
        let kept = sigmoid(x.gate(1, of: units) + own.gate(1, of: units))
        let new = tanh(x.gate(2, of: units) + reset * own.gate(2, of: units))
        return [new + kept * (state[0] - new)]
      }
    }
  }
}

/// ``GRU``: `gru`.
public struct GRUForm: RecurrentForm {
  /// The width of the state, whether there are biases, and the initializer of the weights (nil for PyTorch's own).
  public var units = 0, bias = true, initializer: Initializer?
  /// What is put out, and after how many steps the gradient is cut (nil for never).
  public var output = RecurrentOutput.last, truncation: Int?
  public let title = "gru"
  public static let fields = recurrentFields

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    try recurrent(builder, gates: 3) {
      GRU(
        $0, units, output: output, truncation: truncation, initializer: initializer, hasBias: bias)
    }
  }
}

extension LayerForm where Self == GRUForm {
  /// ``GRU``.
  public static func gru(
    units: Int, output: RecurrentOutput = .last, truncation: Int? = nil
  ) -> Self {
    .with(units: units, output: output, truncation: truncation)
  }
}
