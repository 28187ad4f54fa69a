import Findings
import Plumbline

enum Inherited: KnownCause {
  static let id = CauseID.inherited
  static let meaning =
    "not a mistake of its own: right for the wrong quantity that it was computed from"

  static func cause(_ quantity: Quantity) -> Cause {
    Cause(
      id: id, explanation: "\(quantity) follows rightly from values that are wrong already.")
  }
}

extension CauseID {
  /// Not a mistake of its own: right for the wrong quantity that it was computed from.
  public static let inherited: Self = "inherited"
}
