import Findings

/// A weight gradient with a product for each example, where their sum belongs.
enum ExamplesNotSummed: KnownCause {
  static let id = CauseID.examplesNotSummed
}

extension CauseID {
  public static let examplesNotSummed: Self = "examples-not-summed"
}
