import Findings

enum FactorMissing: KnownCause {
  static let id = CauseID.factorMissing
  static let meaning = "the other factor of a product is missing in the backward pass"
}

extension CauseID {
  /// The other factor of a product, missing in the backward pass.
  public static let factorMissing: Self = "factor-missing"
}
