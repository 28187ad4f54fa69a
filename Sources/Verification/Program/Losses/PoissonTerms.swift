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

  /// The gradient by the rate and that by its logarithm are easily exchanged.
  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    guard isRate(function) else {
      let rate = exp(outputs)
      return [
        (1 - targets / outputs, "1 - Y/A, which takes A for the rate, but A is its logarithm"),
        (
          1 - targets / rate,
          "1 - Y/exp(A), the gradient by the rate, which lacks the factor exp(A)"
        ), (outputs - targets, "A - Y, which takes A for the rate, but A is its logarithm"),
        (
          (rate - targets) * rate,
          "(exp(A) - Y) exp(A), which contains the derivative of the exponential twice"
        ),
        (
          (1 - targets / outputs) * rate, "(1 - Y/A) exp(A), with A where the rate exp(A) belongs"
        ), (exp(rate) - targets, "exp(exp(A)) - Y, which takes the rate for its logarithm"),
        (
          (exp(rate) - targets) * rate,
          "(exp(exp(A)) - Y) exp(A), which takes the rate for its logarithm"
        ),
      ]
    }
    return [
      (exp(outputs) - targets, "exp(A) - Y, which takes A for the logarithm of the rate"),
      (
        outputs - targets,
        "A - Y, the gradient by the logarithm of the rate, where A is the rate itself"
      ), (1 - targets / preactivations, "1 - Y/Z, with Z where the rate A belongs"),
      (exp(preactivations) - targets, "exp(Z) - Y, which takes Z for the logarithm of the rate"),
    ]
  }

  func takes(_ function: Nonlinearity) -> Bool { function == .linear || isRate(function) }
}

extension ProgramLoss.Kind {
  /// exp(a) - y a.
  public static let poisson = Self(PoissonTerms())
}
