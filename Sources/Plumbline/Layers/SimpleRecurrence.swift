import Findings

/// A simple recurrence: hₜ = activation(xₜ W + b + hₜ₋₁ U + c), from h₀ = 0.
///
/// x is `[examples, steps, in]`; the output is the last state `[examples, units]` or all of them `[examples, steps, units]`.
/// W is `[in, units]`, U `[units, units]`. Source: Elman, Cognitive Science 14, 1990; parameters and start as PyTorch's `RNN`.
public struct SimpleRecurrence: Layer {
  /// The number of features of the state.
  public let units: Int
  /// The activation.
  public let activation: Activation
  /// What the layer puts out, and after how many steps the gradient ends.
  public let output: RecurrentOutput, truncation: Int?
  private let weights: RecurrentWeights
  private let name = LayerName()

  /// A layer from `inputs` to `units` features.
  public init(
    _ inputs: Int, _ units: Int, activation: Activation = .tanh, output: RecurrentOutput = .last,
    truncation: Int? = nil, initializer: Initializer? = nil, hasBias: Bool = true
  ) {
    self.units = units
    self.activation = activation
    self.output = output
    self.truncation = truncation
    weights = RecurrentWeights(inputs, units, gates: 1, initializer: initializer, hasBias: hasBias)
  }

  /// The states.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    requireSequence(input.shape, features: weights.input.shape[0], "a simple recurrence")
    return pass.named(name) {
      unrolled(
        weights.ofInputs(input, pass), units: units, states: 1, truncation: truncation, output
      ) { x, state in [activation(x + weights.ofState(state[0], pass))] }
    }
  }
}

/// ``SimpleRecurrence``: `recurrent`.
public struct SimpleRecurrenceForm: RecurrentForm {
  /// The width of the state, whether there are biases, and the initializer of the weights (nil for PyTorch's own).
  public var units = 0, bias = true, initializer: Initializer?
  /// What is put out, and after how many steps the gradient is cut (nil for never).
  public var output = RecurrentOutput.last, truncation: Int?
  /// The activation.
  public var activation = Activation.tanh
  public let title = "recurrent"
  public static let fields: [Field<Self>] = recurrentFields + [.choice("activation", \.activation)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    try recurrent(builder, gates: 1) {
      SimpleRecurrence(
        $0, units, activation: activation, output: output, truncation: truncation,
        initializer: initializer, hasBias: bias)
    }
  }
}

extension LayerForm where Self == SimpleRecurrenceForm {
  /// ``SimpleRecurrence``.
  public static func recurrent(
    units: Int, activation: Activation = .tanh, output: RecurrentOutput = .last,
    truncation: Int? = nil
  ) -> Self {
    var form = SimpleRecurrenceForm()
    (form.units, form.activation, form.output) = (units, activation, output)
    form.truncation = truncation
    return form
  }
}
