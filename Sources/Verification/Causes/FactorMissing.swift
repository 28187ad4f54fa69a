import Findings
import Plumbline

enum FactorMissing: KnownCause {
  static let id = CauseID.factorMissing
  static let meaning = "the other factor of a product is missing in the backward pass"

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    let (layer, input) = (step.layer, step.input)
    let name = layer == 1 ? "X" : "A\(layer - 1)"
    return [
      step.hypothesis(
        .weightGradient,
        matmul(Tensor(repeating: 1, shape: input.shape), step.dz, transposingFirst: true), id,
        "dW\(layer) is the sum of dZ\(layer), without its factor \(name), the layer's input.")
    ]
  }
}

extension CauseID {
  /// The other factor of a product, missing in the backward pass.
  public static let factorMissing: Self = "factor-missing"
}
