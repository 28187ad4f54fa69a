import Plumbline

/// The terms of another loss, each times the weight of its example or class.
struct WeightedTerms: TermsOfAnotherLoss {
  let base: ProgramLoss.Kind
  /// `[examples, 1]` or `[examples, outputs]`.
  let weights: Tensor<Double>

  var title: String { "weighted \(base.rawValue)" }
  static let names: [String] = []
  /// The weights are in the file, so that only the plain loss has to be named.
  var name: String { base.name }

  static func == (left: Self, right: Self) -> Bool {
    left.base == right.base && left.weights == right.weights
  }
  func hash(into hasher: inout Hasher) { hasher.combine(base) }

  /// Weights of examples, of classes, and of the ones among the targets (`pos_weight`), as far as the file holds them.
  static func forms(_ hints: LossHints) -> [Self] {
    guard let targets = hints.targets else { return [] }
    let (m, k) = (targets.shape[0], targets.shape[1])
    var all: [Tensor<Double>] = []
    for weights in hints.weights {
      if weights.count == m { all.append(weights.reshaped(to: [m, 1])) }
      if weights.count == k, k > 1 {
        let row = weights.reshaped(to: [1, k])
        // The weight of the right class, for every output of the example.
        all.append((targets * row).sum(alongAxes: [1], keepingAxes: true))
        all.append(Tensor<Double>.ones([m, k]) * row)
      }
      if weights.count == 2, k == 1 {
        let (no, yes) = (weights.scalars[0], weights.scalars[1])
        all.append(targets * yes + (1 - targets) * no)
      }
    }
    if let yes = hints.number(["posweight", "positiveweight", "wpos", "weightpos"]), yes > 0 {
      let no = hints.number(["negweight", "negativeweight", "wneg", "weightneg"]) ?? 1
      all.append(targets * yes + (1 - targets) * no)
    }
    return all.flatMap { weights in
      ProgramLoss.Kind.plain.filter {
        $0.terms.isWeighted && $0.terms.isPossible(targets)
      }.map { Self(base: $0, weights: weights) }
    }
  }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    base.terms.terms(outputs, function, of: preactivations, targets: targets)
      * outputs.constant(Tensor(converting: weights))
  }

  func values(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>
  ) -> Tensor<Double> {
    base.terms.values(outputs, function, targets: targets) * weights
  }

  func derivative(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, targets: Tensor<Double>,
    guardedBy small: Double
  ) -> Tensor<Double> {
    base.terms.derivative(
      outputs, function, targets: targets, weights: weights, guardedBy: small)
  }

  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    base.terms.halfWritten(outputs, function, of: preactivations, targets: targets)
      .map { ($0.0 * weights, $0.1) }
  }

  func isPossible(_ targets: Tensor<Double>) -> Bool {
    targets.shape[0] == weights.shape[0] && base.terms.isPossible(targets)
  }
  var ownScales: [(scale: Double, words: String)] {
    let sum = weights.shape[1] == 1 ? weights.sum().scalar : 0
    return sum > 0 ? [(1 / sum, "the weighted mean over the examples")] : []
  }
}
