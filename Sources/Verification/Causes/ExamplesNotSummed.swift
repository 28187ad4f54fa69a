import Findings

enum ExamplesNotSummed: KnownCause {
  static let id = CauseID.examplesNotSummed
  static let meaning = "a weight gradient with one product per example, where their sum belongs"
}

extension CauseID {
  /// A weight gradient with one product per example, where their sum belongs.
  public static let examplesNotSummed: Self = "examples-not-summed"
}
