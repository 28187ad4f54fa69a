import Findings
import Plumbline

enum Inherited: KnownCause {
  static let id = CauseID.inherited
  static let meaning =
    "not a mistake itself: correctly computed from a wrong quantity"

  static func cause(_ quantity: Quantity) -> Cause {
    Cause(
      id: id, explanation: "\(quantity) follows correctly from values that are already wrong.")
  }
}

extension CauseID {
  /// Not a mistake itself: correctly computed from a wrong quantity.
  public static let inherited: Self = "inherited"
}
