import Plumbline

/// (a - y)².
struct SquaredErrorTerms: LibraryLossTerms {
  let library = MeanSquaredErrorLoss()
  let title = "squared error"
  var isWeighted: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }
}

extension ProgramLoss.Kind {
  /// (a - y)².
  public static let squaredError = Self(SquaredErrorTerms())
}
