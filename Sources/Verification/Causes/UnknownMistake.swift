import Findings
import Plumbline

enum UnknownMistake: KnownCause {
  static let id = CauseID.unknown
  static let meaning = "a value that is wrong in a way that no other cause explains"

  static func cause(_ quantity: Quantity) -> Cause {
    Cause(id: id, explanation: "\(quantity) is wrong in a way that no known mistake explains.")
  }
}

extension CauseID {
  /// A value that is wrong in a way that no other cause explains.
  public static let unknown: Self = "unknown"
}
