import Plumbline

/// r - y log r of a rate r, which a program puts out itself or as its logarithm: exp(a) - y a.
struct PoissonTerms: LossTerms {
  let title = "poisson loss"
  static let names = ["poisson"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  private func isRate(_ function: Nonlinearity) -> Bool {
    function == .exponential || function == .elementwise(.softplus)
  }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    switch function {
    case .exponential: outputs - targets * preactivations
    case .elementwise(.softplus): outputs - targets * log(outputs)
    default: exp(outputs) - targets * outputs
    }
  }

  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    isRate(function)
      ? outputs + logarithmicTerm(targets, outputs)
      : terms(outputs, .linear, of: outputs, targets: targets)
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    isRate(function) ? 1 - targets / (outputs + small) : exp(outputs) - targets
  }

  func isCustomary(after function: Nonlinearity) -> Bool { function == .exponential }
  func takes(_ function: Nonlinearity) -> Bool { function == .linear || isRate(function) }
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    targets.scalars.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
  }
}

extension ProgramLoss.Kind {
  /// exp(a) - y a.
  public static let poisson = Self(PoissonTerms())
}
