import Plumbline

/// |a - y|.
struct AbsoluteErrorTerms: LossTerms {
  let title = "absolute error"
  static let names = ["mae"]
  var isWeighted: Bool { true }
  var comparesNumbers: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    abs(outputs - targets)
  }
}

extension ProgramLoss.Kind {
  /// |a - y|.
  public static let absoluteError = Self(AbsoluteErrorTerms())
}
