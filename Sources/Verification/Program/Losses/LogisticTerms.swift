import Plumbline

/// log(1 + exp(-y z)) of scores z, y being -1 or 1.
struct LogisticTerms: LossTerms {
  let title = "logistic loss of labels -1 and 1"
  static let names = ["logistic", "soft-margin"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    softplus(-(targets * outputs))
  }

  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    [
      (-sigmoid(-(targets * outputs)), "-sigmoid(-y z) without the factor y"),
      (-(targets * sigmoid(targets * outputs)), "-y sigmoid(y z), where -y sigmoid(-y z) belongs"),
      (-(targets * sigmoid(-outputs)), "-y sigmoid(-z), without y in the sigmoid"),
    ]
  }

  func takes(_ function: Nonlinearity) -> Bool { function == .linear }
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    Set(targets.scalars).isSubset(of: [-1, 1]) && targets.scalars.contains(-1)
  }
}

extension ProgramLoss.Kind {
  /// log(1 + exp(-y z)).
  public static let logistic = Self(LogisticTerms())
}
