import Findings
import Plumbline

enum Transposed: KnownCause {
  static let id = CauseID.transposed
  static let meaning = "rows and columns exchanged"

  static func mistake(_ quantity: Quantity) -> Mistake {
    Mistake(
      quantity, id,
      "\(quantity) is the transpose of what it should be: its rows and columns are exchanged.")
  }
}

extension CauseID {
  /// Rows and columns exchanged.
  public static let transposed: Self = "transposed"
}
