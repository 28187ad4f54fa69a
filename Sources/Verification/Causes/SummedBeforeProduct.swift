import Findings
import Plumbline

enum SummedBeforeProduct: KnownCause {
  static let id = CauseID.summedBeforeProduct
  static let meaning = "inputs and errors summed over the examples before they are multiplied"

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    guard step.examples > 1 else { return [] }
    let input = step.input.sum(alongAxes: [0], keepingAxes: true)
    let errors = [step.dz] + (step.upstream.map { [$0] } ?? [])
    return errors.filter { $0.shape == step.dz.shape }.map { error in
      step.hypothesis(
        .weightGradient,
        matmul(input, error.sum(alongAxes: [0], keepingAxes: true), transposingFirst: true), id,
        "dW\(step.layer) is a product of sums over the examples, but must be the sum of products: Aᵀ · dZ."
      )
    }
  }
}

extension CauseID {
  /// Inputs and errors summed over the examples before they are multiplied.
  public static let summedBeforeProduct: Self = "summed-before-product"
}
