/// Long short-term memory: with the gates i, f, g, o = xₜ W + b + hₜ₋₁ U + c, in this order,
/// cₜ = sigmoid(f) cₜ₋₁ + sigmoid(i) tanh(g) and hₜ = sigmoid(o) tanh(cₜ), from zeros.
///
/// x is `[examples, steps, in]`; the output is the last state `[examples, units]` or all of them `[examples, steps, units]`.
/// W is `[in, 4 units]`, U `[units, 4 units]`. Sources: Hochreiter and Schmidhuber, Neural Computation 9, 1997; Gers et al. 2000;
/// parameters and initialization as in PyTorch's `LSTM`.
public typealias LSTM = GatedRecurrence<LSTMCell>

/// The step of ``LSTM``.
public enum LSTMCell: RecurrentCell {
  public static let title = "lstm"
  public static let gates = 4
  public static let states = 2

  public static func step<T: TensorProtocol>(
    _ input: T, _ own: T, _ state: [T], units: Int
  ) -> [T] {
    let gates = input + own
    let kept = sigmoid(gates.gate(1, of: units)) * state[1]
    let cell = kept + sigmoid(gates.gate(0, of: units)) * tanh(gates.gate(2, of: units))
    return [sigmoid(gates.gate(3, of: units)) * tanh(cell), cell]
  }
}

/// ``LSTM``: `lstm`.
public typealias LSTMForm = GatedRecurrenceForm<LSTMCell>

extension LayerForm where Self == LSTMForm {
  /// ``LSTM``.
  public static func lstm(
    units: Int, output: RecurrentOutput = .last, truncation: Int? = nil
  ) -> Self {
    .with(units: units, output: output, truncation: truncation)
  }
}
