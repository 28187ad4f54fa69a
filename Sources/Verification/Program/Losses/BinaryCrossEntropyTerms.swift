import Plumbline

/// -(y log a + (1 - y) log(1 - a)).
struct BinaryCrossEntropyTerms: LibraryLossTerms {
  let library = BinaryCrossEntropyLoss()
  let title = "binary-cross-entropy"
  var isWeighted: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    function == .linear
      ? terms(outputs, .linear, of: outputs, targets: targets)
      : logarithmicTerm(targets, outputs) + logarithmicTerm(1 - targets, 1 - outputs)
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    function == .linear
      ? sigmoid(outputs) - targets
      : (1 - targets) / (1 - outputs + small) - targets / (outputs + small)
  }
}

extension ProgramLoss.Kind {
  /// -(y log a + (1 - y) log(1 - a)).
  public static let binaryCrossEntropy = Self(BinaryCrossEntropyTerms())
}
