import Plumbline

/// (a - y)².
struct SquaredErrorTerms: LossTerms {
  let title = "squared error"
  static let names = ["mse"]
  var isWeighted: Bool { true }
  var comparesNumbers: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    (outputs - targets).squared()
  }
}

extension ProgramLoss.Kind {
  /// (a - y)².
  public static let squaredError = Self(SquaredErrorTerms())
}
