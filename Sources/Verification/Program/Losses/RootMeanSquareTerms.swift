import Plumbline

/// The root of the mean of (a - y)².
struct RootMeanSquareTerms: LossTerms {
  let title = "root of the squared error"
  var comparesNumbers: Bool { true }
  static let names = ["rmse", "root-mean-squared-error"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    (outputs - targets).squared()
  }

  func cost<T: TensorProtocol>(_ sum: T) -> T { sqrt(sum) }
}

extension ProgramLoss.Kind {
  /// The root of the mean of (a - y)².
  public static let rootMeanSquare = Self(RootMeanSquareTerms())
}
