import Plumbline

/// r - y log r of a rate r, which a program outputs itself or as its logarithm: exp(a) - y a.
struct PoissonTerms: LibraryLossTerms {
  let library = PoissonLoss()
  let title = "poisson loss"
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  private func isRate(_ function: Nonlinearity) -> Bool {
    function == .exponential || function == .elementwise(.softplus)
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

  func takes(_ function: Nonlinearity) -> Bool { function == .linear || isRate(function) }
}

extension ProgramLoss.Kind {
  /// exp(a) - y a.
  public static let poisson = Self(PoissonTerms())
}
