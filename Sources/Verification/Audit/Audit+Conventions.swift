import Plumbline

// What differs from person to person and is right all the same.

extension Audit {
  /// What the loss is divided by differs: by the examples alone, by examples and outputs, or twice that. A cost that
  /// is given decides.
  static func lossScale(
    _ cost: Double?, _ ours: Double, _ run: CanonicalRun, _ network: DenseNetworkDescription
  ) -> Double {
    guard let cost, network.loss != .crossEntropy, ours > 0 else { return 1 }
    let outputs = Double(run.targets.shape[1])
    let factors =
      network.loss == .meanSquaredError ? [1, 0.5, outputs, outputs / 2] : [1, outputs]
    let penalty = DenseNetworkCost.penalty(
      run.parameters, network, examples: Double(run.inputs.shape[0]))
    let matching = factors.first {
      abs($0 * ours - cost) <= 1e-5 * abs(cost)
        || abs($0 * ours + penalty - cost) <= 1e-5 * abs(cost)
    }
    return matching ?? 1
  }

  /// m where gradients of intermediate values are each example's own, 1 where they are averaged.
  static func scale(
    _ run: CanonicalRun, _ truth: Derivatives, _ backward: BackwardHypotheses,
    _ comparison: Comparison
  ) -> Double {
    let examples = comparison.examples
    guard examples > 1 else { return 1 }
    let layers = (1...truth.dz.count).reversed()
    let anchors = layers.flatMap { layer in
      [
        (run.quantities[Quantity(.activationGradient, layer)], truth.da[layer - 1]),
        (run.quantities[Quantity(.preactivationGradient, layer)], truth.dz[layer - 1]),
      ]
    }
    let anchor = anchors.lazy.compactMap { own, right in
      own.flatMap { comparison.ratio(of: $0, to: right) }
    }.first
    // How each gradient of a parameter follows from the person's own gradient of pre-activations.
    var (averages, sums) = (0, 0)
    for layer in layers {
      guard let dz = run.quantities[Quantity(.preactivationGradient, layer)], dz.isFinite else {
        continue
      }
      let parameters = ParameterHypotheses(
        backward: backward, comparison: comparison, layer: layer, average: 1)
      func vote(_ own: Tensor<Double>?, _ sum: Tensor<Double>, _ penalty: Tensor<Double>?) {
        guard let own else { return }
        let data = penalty.map { own - $0 } ?? own
        if comparison.agree(data, sum) { sums += 1 }
        if comparison.agree(data, sum * (1 / examples)) { averages += 1 }
      }
      vote(
        run.quantities[Quantity(.weightGradient, layer)], parameters.data(dz), parameters.penalty())
      vote(run.quantities[Quantity(.biasGradient, layer)], parameters.biasGradient(dz), nil)
    }
    func near(_ x: Double, _ y: Double) -> Bool { abs(x / y - 1) < 1e-3 }
    switch anchor {
    case .some(let ratio) where near(abs(ratio), 1): return 1
    // Not averaged here and never after: then the average is missing here.
    case .some(let ratio) where near(abs(ratio), examples):
      return sums > 0 && averages == 0 ? 1 : examples
    default: return averages > sums ? examples : 1
    }
  }
}
