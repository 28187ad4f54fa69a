import Findings
import Plumbline

enum DropoutScaleMissing: KnownCause {
  static let id = CauseID.dropoutScaleMissing
  static let meaning = "dropout's 1/keep_prob missing, or applied once too often"

  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? {
    // Left out, applied twice, or multiplied with where it belongs under the line.
    guard
      comparison.dropoutScales.contains(where: {
        comparison.isSame(ratio, $0) || comparison.isSame(ratio, 1 / $0)
          || comparison.isSame(ratio, 1 / ($0 * $0))
      })
    else { return nil }
    return Mistake(
      quantity, id, factor: ratio,
      "\(quantity) is \(ratio.text) times what it should be, the scale of dropout: inverted dropout divides by the probability of "
        + "keeping a unit once in each direction, forward and backward.")
  }

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    guard let mask = step.mask, let derivative = step.derivative else { return [] }
    return [
      step.hypothesis(
        step.upstream.value * derivative * compare(mask, .greater, Tensor(0)), id,
        "\(step.quantity) has dropout's mask but lacks its scale: divide by the probability of keeping a unit."
      )
    ]
  }

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    guard let mask = step.context.masks[step.layer - 1] else { return [] }
    // Activations without the mask are not known where units are off: only where nothing was off but the scale.
    let plain = step.input * select(mask, 1 / mask, mask)
    return [
      step.hypothesis(
        .weightGradient, matmul(plain, step.dz, transposingFirst: true), id,
        "dW\(step.layer) is computed with activations that lack dropout's scale.")
    ]
  }
}

extension CauseID {
  /// Dropout's 1/keep_prob, missing or applied once too often.
  public static let dropoutScaleMissing: Self = "dropout-scale-missing"
}
