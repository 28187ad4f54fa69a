import Plumbline

/// |a - y|.
struct AbsoluteErrorTerms: LibraryLossTerms {
  let library = MeanAbsoluteErrorLoss()
  let title = "absolute error"
  var isWeighted: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }
}
