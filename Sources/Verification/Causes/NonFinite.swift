import Findings
import Plumbline

enum NonFinite: KnownCause {
  static let id = CauseID.nonFinite
  static let meaning = "infinite or not a number"

  static func cause(_ quantity: Quantity, _ value: Tensor<Double>) -> Cause {
    Cause(id: id, explanation: explanation(quantity, value))
  }

  static func explanation(_ quantity: Quantity, _ value: Tensor<Double>) -> String {
    let count = value.scalars.count { !$0.isFinite }
    return
      "\(quantity) holds \(count) value\(count == 1 ? "" : "s") \(count == 1 ? "that is" : "that are") infinite or not a number: look for a division by 0, a "
      + "logarithm of 0 or an overflow."
  }
}

extension CauseID {
  /// Infinite or not a number.
  public static let nonFinite: Self = "non-finite"
}
