import Plumbline

/// y log(y / a): the cross-entropy less the entropy of targets that are shares.
struct DivergenceTerms: LossTerms {
  private let crossEntropy = CrossEntropyTerms()
  let title = "KL divergence"
  static let names = ["kl-divergence", "kl", "kl-div", "kldiv"]
  static func forms(_ hints: LossHints) -> [Self] { [Self()] }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    let isAny = compare(targets, .greater, constant(0, like: targets))
    let shares = select(isAny, targets, constant(1, like: targets))
    return crossEntropy.terms(outputs, function, of: preactivations, targets: targets)
      + targets * log(shares)
  }

  private func constant<T: TensorProtocol>(_ value: Double, like x: T) -> T {
    x.constant(Tensor(converting: Tensor<Double>.ones(x.shape) * value))
  }

  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    crossEntropy.values(outputs, function, targets: targets) - logarithmicTerm(targets, targets)
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    crossEntropy.derivative(outputs, function, targets: targets, guardedBy: small)
  }

  func takes(_ function: Nonlinearity) -> Bool { crossEntropy.takes(function) }
  /// For targets that are all 0 or 1 it is the cross-entropy.
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    crossEntropy.isPossible(targets) && targets.scalars.contains { $0 > 0 && $0 < 1 }
  }
  var takesShares: Bool { true }
  var isOverClasses: Bool { true }
}

extension ProgramLoss.Kind {
  /// y log(y / a).
  public static let divergence = Self(DivergenceTerms())
}
