import Plumbline

/// What the given gradients of a layer's parameters say about the gradient of its pre-activations.
///
/// A weight gradient is compared through a few random combinations of its rows, so that hundreds of hypotheses cost
/// little for a layer of many inputs.
struct Evidence {
  let parameters: ParameterHypotheses
  let weight: Tensor<Double>?
  let bias: Tensor<Double>?

  private let comparison: Comparison
  /// The sketch of the given gradient without the penalty's, and of the layer's input.
  private let weightSketch: Tensor<Double>?
  private let inputSketch: Tensor<Double>

  init(parameters: ParameterHypotheses, weight: Tensor<Double>?, bias: Tensor<Double>?) {
    self.parameters = parameters
    self.weight = weight
    self.bias = bias
    comparison = parameters.comparison
    let input = parameters.backward.entering(parameters.layer)
    let rows = input.shape[1]
    let sketch =
      rows <= 16
      ? Tensor<Double>.identity(rows) : Tensor([rows, 8], Key(seed: 0)["sketch"].normal(rows * 8))
    inputSketch = matmul(input, sketch)
    let data = weight.map { own in parameters.penalty().map { own - $0 } ?? own }
    weightSketch = data.map { matmul(sketch, $0, transposingFirst: true) }
  }

  /// How a hypothesis fits: with what further mistakes, and how unlikely that makes it. `nil` where it does not.
  func fit(
    of hypothesis: Hypothesis, at quantity: Quantity
  ) -> (hypothesis: Hypothesis, weight: Double)? {
    let dz = hypothesis.value
    let mistakes = Double(hypothesis.mistakes)
    guard weight != nil || bias != nil else { return mistakes == 0 ? (hypothesis, 0) : nil }
    let sketch = matmul(inputSketch, dz, transposingFirst: true)
    let sum = parameters.biasGradient(dz)
    let noise = comparison.rounding
    let sketchNoise = noise * matmul(abs(inputSketch), abs(dz), transposingFirst: true).norm
    let biasNoise = parameters.biasNoise(dz)
    let fitsWeight = weightSketch.map { comparison.agree($0, sketch, noise: sketchNoise) }
    let fitsBias = bias.map { comparison.agree($0, sum, noise: biasNoise) }
    if fitsWeight ?? true && fitsBias ?? true { return (hypothesis, mistakes) }
    // One and the same factor in both.
    if let ratio = commonRatio(sketch, sum, sketchNoise, biasNoise) {
      let extra = comparison.findings(ratio: ratio, at: quantity)
      var scaled = hypothesis
      scaled.value = dz * ratio
      scaled.findings += extra
      return (scaled, mistakes + Double(extra.count) + (comparison.name(ratio) == nil ? 0.5 : 0.2))
    }
    guard mistakes <= 1 else { return nil }
    if weight != nil && bias != nil && (fitsWeight == true || fitsBias == true) {
      return (hypothesis, mistakes + 1)
    }
    // Neither fits: mistakes of their own in both, where they can be named.
    guard mistakes == 0 else { return nil }
    let own = weight.map {
      parameters.weightFindings($0, from: dz, upstream: hypothesis.upstream, isTransposed: false)
    }
    let others = bias.map { parameters.biasFindings($0, from: dz, upstream: hypothesis.upstream) }
    if let own, own == nil { return nil }
    if let others, others == nil { return nil }
    let count = (own.flatMap { $0 }?.count ?? 0) + (others.flatMap { $0 }?.count ?? 0)
    return (hypothesis, mistakes + Double(count) + 0.1)
  }

  private func commonRatio(
    _ sketch: Tensor<Double>, _ sum: Tensor<Double>, _ sketchNoise: Double, _ biasNoise: Double
  ) -> Double? {
    // Behind units that are all off the weights say nothing, and the biases alone tell.
    let isSilent = weightSketch.map { max($0.norm, sketch.norm) <= sketchNoise } ?? true
    if let weightSketch, !isSilent || bias == nil {
      guard let ratio = comparison.factor(of: weightSketch, to: sketch, noise: sketchNoise) else {
        return nil
      }
      if let bias, !comparison.agree(bias, sum * ratio, noise: biasNoise * abs(ratio)) {
        return nil
      }
      return ratio
    }
    return bias.flatMap { comparison.factor(of: $0, to: sum, noise: biasNoise) }
  }
}
