import Findings
import Plumbline

enum Stale: KnownCause {
  static let id = CauseID.stale
  static let meaning = "gradients at parameters other than those saved"

  /// Those before a step along the gradients.
  static func cause(_ quantity: Quantity, step: Double) -> Cause {
    Cause(
      id: id, factor: step,
      explanation:
        "\(quantity) belongs to other parameters: those before a step of \(step.text) along these gradients. Save parameters "
        + "and gradients at the same moment, before the update.")
  }
}

extension CauseID {
  /// Gradients at parameters other than those saved.
  public static let stale: Self = "stale"
}
