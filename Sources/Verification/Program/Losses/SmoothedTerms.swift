import Plumbline

/// The terms of another loss for smoothed targets, where the file holds the classes and the number that smooths them.
struct SmoothedTerms: TermsOfAnotherLoss {
  let base: ProgramLoss.Kind
  /// What is taken from the right class, and what every class or every other one gets of it.
  let smoothing: Double, share: Double
  /// Whether the right class gets its share back.
  let isForAll: Bool

  var title: String { "\(base.rawValue) of labels smoothed by \(smoothing.text)" }
  static let names: [String] = []
  /// The number is in the file, so that only the plain loss has to be named.
  var name: String { base.name }

  private static let words = [
    "labelsmoothing", "smoothing", "smooth", "labelsmooth", "lsmooth", "ls", "smoothingfactor",
    "epsilon", "eps", "epsls", "lseps", "alpha",
  ]

  /// Towards the same share for all classes, 1/k, or for all others, 1/(k - 1); with one output towards ½.
  static func forms(_ hints: LossHints) -> [Self] {
    guard let targets = hints.targets, let smoothing = hints.number(words), smoothing > 0,
      smoothing < 1, targets.scalars.allSatisfy({ $0 == 0 || $0 == 1 })
    else { return [] }
    let k = Double(max(targets.shape[1], 2))
    let shares = [(smoothing / k, true)] + (k > 2 ? [(smoothing / (k - 1), false)] : [])
    return ProgramLoss.Kind.plain.filter {
      $0.takesShares && $0.terms.isWeighted && $0.terms.isPossible(targets)
    }.flatMap { base in
      shares.map { Self(base: base, smoothing: smoothing, share: $0.0, isForAll: $0.1) }
    }
  }

  private func smoothed<T: TensorProtocol>(_ targets: T) -> T {
    let rest = 1 - smoothing - (isForAll ? 0 : share)
    return targets * rest + share
  }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    base.terms.terms(outputs, function, of: preactivations, targets: smoothed(targets))
  }

  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    base.terms.values(outputs, function, targets: smoothed(targets))
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    base.terms.derivative(outputs, function, targets: smoothed(targets), guardedBy: small)
  }

  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    base.terms.halfWritten(outputs, function, of: preactivations, targets: smoothed(targets))
  }

  func isPossible(_ targets: Tensor<Double>) -> Bool {
    targets.scalars.allSatisfy { $0 == 0 || $0 == 1 } && base.terms.isPossible(targets)
  }
}
