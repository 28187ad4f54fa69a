import Plumbline

/// -(y log a + (1 - y) log(1 - a)).
struct BinaryCrossEntropyTerms: LossTerms {
  let title = "binary-cross-entropy"
  static let names = ["binary-cross-entropy"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  /// A sigmoid is taken together with the logarithm, and a linear output is read as logits.
  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    switch function {
    case .elementwise(.sigmoid), .linear:
      softplus(preactivations) - targets * preactivations
    default:
      -(targets * bounded(outputs) + (1 - targets) * bounded(1 - outputs))
    }
  }

  /// The logarithm, from -100 on, as PyTorch bounds it; of 1 where the bound acts, so that no infinite slope meets the zero one.
  private func bounded<T: TensorProtocol>(_ p: T) -> T {
    let isInside = compare(p, .greater, p.constant(Tensor(converting: Tensor<Double>(0))))
    func constant(_ value: Double) -> T {
      p.constant(Tensor(converting: Tensor<Double>.ones(p.shape) * value))
    }
    return select(
      isInside, clip(log(select(isInside, p, constant(1))), to: -100...Double.infinity),
      constant(-100))
  }

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

  func isCustomary(after function: Nonlinearity) -> Bool { function == .elementwise(.sigmoid) }
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    targets.scalars.allSatisfy { (0...1).contains($0) }
  }
  var takesShares: Bool { true }
  var isWeighted: Bool { true }
}

extension ProgramLoss.Kind {
  /// -(y log a + (1 - y) log(1 - a)).
  public static let binaryCrossEntropy = Self(BinaryCrossEntropyTerms())
}
