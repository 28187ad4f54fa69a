import Plumbline

/// -y log a.
struct CrossEntropyTerms: LossTerms {
  let title = "cross-entropy"
  static let names = ["cross-entropy"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  /// Softmax is taken together with the logarithm, and a linear output is read as logits.
  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    switch function {
    case .softmax, .linear: -(targets * logSoftmax(preactivations))
    default: -(targets * log(outputs))
    }
  }

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
    // Rows of targets that do not add up to 1 weigh their softmax.
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

  func isCustomary(after function: Nonlinearity) -> Bool { function == .softmax }
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    targets.scalars.allSatisfy { (0...1).contains($0) }
  }
  var takesShares: Bool { true }
  var isWeighted: Bool { true }
  var isOverClasses: Bool { true }
}

extension ProgramLoss.Kind {
  /// -y log a.
  public static let crossEntropy = Self(CrossEntropyTerms())
}
