import Findings

/// A simple recurrence: hₜ = activation(xₜ W + b + hₜ₋₁ U + c), from h₀ = 0.
///
/// x is `[examples, steps, in]`; the output is the last state `[examples, units]` or all of them `[examples, steps, units]`.
/// W is `[in, units]`, U `[units, units]`. Source: Elman, Cognitive Science 14, 1990; parameters and initialization as in PyTorch's
/// `RNN`.
public struct SimpleRecurrence: Layer, CustomStringConvertible {
  /// The activation applied to the sum of both contributions in each step.
  public let activation: Activation
  private let weights: RecurrentWeights
  private let name = LayerName()

  /// A layer from `inputs` to `units` features.
  public init(
    _ inputs: Int, _ units: Int, activation: Activation = .tanh, output: RecurrentOutput = .last,
    truncation: Int? = nil, initializer: Initializer? = nil, hasBias: Bool = true
  ) {
    self.activation = activation
    weights = RecurrentWeights(
      inputs, units, gates: 1, output: output, truncation: truncation, initializer: initializer,
      hasBias: hasBias)
  }

  /// The states.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      weights.run(input, pass, as: "a simple recurrence") { x, own, _ in [activation(x + own)] }
    }
  }
}

/// ``SimpleRecurrence``: `recurrent`.
public struct SimpleRecurrenceForm: RecurrentForm, ActivatedForm {
  /// The width of the state, whether there are biases, and the initializer of the weights (nil for PyTorch's own).
  public var units = 0, bias = true, initializer: Initializer?
  /// The output, and the number of steps after which the gradient is cut (nil for never).
  public var output = RecurrentOutput.last, truncation: Int?
  /// The activation applied to the sum of both contributions in each step.
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
    var form = Self.with(units: units, output: output, truncation: truncation)
    form.activation = activation
    return form
  }
}
