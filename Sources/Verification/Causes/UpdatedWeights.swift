import Findings
import Plumbline

enum UpdatedWeights: KnownCause {
  static let id = CauseID.updatedWeights
  static let meaning = "an error carried back through weights that were already updated"

  static func cause(_ quantity: Quantity, step: Double) -> Cause {
    Cause(
      id: id, factor: -step,
      explanation:
        "\(quantity) is computed with W\(quantity.layer + 1) after a step of \((-step).text) along its gradient: compute all gradients "
        + "before changing any parameter.")
  }
}

extension CauseID {
  /// An error carried back through weights that were already updated.
  public static let updatedWeights: Self = "updated-weights"
}
