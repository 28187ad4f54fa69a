/// A gated recurrent unit: with the gates in the order r, z, n,
/// r = sigmoid(xₜ Wr + br + hₜ₋₁ Ur + cr), z = sigmoid(xₜ Wz + bz + hₜ₋₁ Uz + cz),
/// n = tanh(xₜ Wn + bn + r (hₜ₋₁ Un + cn)) and hₜ = (1 - z) n + z hₜ₋₁, from zeros.
///
/// x is `[examples, steps, in]`; the output is the last state `[examples, units]` or all of them `[examples, steps, units]`.
/// W is `[in, 3 units]`, U `[units, 3 units]`. Source: Cho et al., arXiv:1406.1078, with the reset gate after the product, as
/// in PyTorch's `GRU`.
public typealias GRU = GatedRecurrence<GRUCell>

/// The step of ``GRU``.
public enum GRUCell: RecurrentCell {
  public static let title = "gru"
  public static let gates = 3
  public static let states = 1

  public static func step<T: TensorProtocol>(
    _ input: T, _ own: T, _ state: [T], units: Int
  ) -> [T] {
    let reset = sigmoid(input.gate(0, of: units) + own.gate(0, of: units))
    let kept = sigmoid(input.gate(1, of: units) + own.gate(1, of: units))
    let new = tanh(input.gate(2, of: units) + reset * own.gate(2, of: units))
    return [new + kept * (state[0] - new)]
  }
}

/// ``GRU``: `gru`.
public typealias GRUForm = GatedRecurrenceForm<GRUCell>

extension LayerForm where Self == GRUForm {
  /// ``GRU``.
  public static func gru(
    units: Int, output: RecurrentOutput = .last, truncation: Int? = nil
  ) -> Self {
    .with(units: units, output: output, truncation: truncation)
  }
}
