import Plumbline

/// -y log a.
struct CrossEntropyTerms: LibraryLossTerms {
  let library = CrossEntropyLoss()
  let title = "cross-entropy"
  var isWeighted: Bool { true }
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    function == .linear
      ? terms(outputs, .linear, of: outputs, targets: targets)
      : logarithmicTerm(targets, outputs)
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    // Rows of targets that do not sum to 1 give their softmax a weight.
    function == .linear
      ? softmax(outputs) * targets.sum(alongAxes: [1], keepingAxes: true) - targets
      : -(targets / (outputs + small))
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    weights: Tensor<Double>, guardedBy small: Double
  ) -> Tensor<Double> {
    // Softmax of logits mixes the classes: there the weights have to be those of whole examples.
    function == .linear && weights.shape[1] > 1
      ? softmax(outputs) * (targets * weights).sum(alongAxes: [1], keepingAxes: true)
        - targets * weights
      : derivative(outputs, function, targets: targets, guardedBy: small) * weights
  }
}

extension ProgramLoss.Kind {
  /// -y log a.
  public static let crossEntropy = Self(CrossEntropyTerms())
}
