import Plumbline

/// What the given gradients of a layer's parameters say about the gradient of its pre-activations.
///
/// A weight gradient is compared through a few random combinations of its rows, so that hundreds of hypotheses cost
/// little for a layer of many inputs.
struct Evidence {
  let context: BackwardContext
  let layer: Int
  let weight: Tensor<Double>?
  let bias: Tensor<Double>?

  private let comparison: Comparison
  /// The sketch of the given gradient without the penalty's, and of the layer's input.
  private let weightSketch: Tensor<Double>?
  private let inputSketch: Tensor<Double>

  init(
    _ context: BackwardContext, layer: Int, weight: Tensor<Double>?, bias: Tensor<Double>?
  ) {
    self.context = context
    self.layer = layer
    self.weight = weight
    self.bias = bias
    comparison = context.comparison
    let input = context.entering(layer)
    let rows = input.shape[1]
    let sketch =
      rows <= 16
      ? Tensor<Double>.identity(rows) : Tensor([rows, 8], Key(seed: 0)["sketch"].normal(rows * 8))
    inputSketch = matmul(input, sketch)
    let penalty = context.network.penalty
    let data = weight.map {
      penalty.counts(layer) ? $0 - penalty.gradient(of: context.weight(layer)) : $0
    }
    weightSketch = data.map { matmul(sketch, $0, transposingFirst: true) }
  }

  func step(_ dz: Tensor<Double>, upstream: Tensor<Double>?) -> ParameterStep {
    ParameterStep(context: context, layer: layer, dz: dz, upstream: upstream)
  }

  /// How a hypothesis fits: with what further mistakes, and how unlikely that makes it. `nil` if it does not.
  func fit(
    of hypothesis: Hypothesis, at quantity: Quantity
  ) -> (hypothesis: Hypothesis, weight: Double)? {
    let dz = hypothesis.value
    let weightOfMistakes = hypothesis.weight
    guard weight != nil || bias != nil else {
      return weightOfMistakes == 0 ? (hypothesis, 0) : nil
    }
    let step = step(dz, upstream: hypothesis.upstream)
    let sketch = matmul(inputSketch, dz, transposingFirst: true)
    let sum = step.biasGradient
    let sketchNoise =
      comparison.rounding * matmul(abs(inputSketch), abs(dz), transposingFirst: true).norm
    let biasNoise = step.biasNoise
    let fitsWeight = weightSketch.map { comparison.agree($0, sketch, noise: sketchNoise) }
    let fitsBias = bias.map { comparison.agree($0, sum, noise: biasNoise) }
    if fitsWeight ?? true && fitsBias ?? true { return (hypothesis, weightOfMistakes) }
    // One and the same factor in both.
    if let ratio = commonRatio(sketch, sum, sketchNoise, biasNoise) {
      let extra = comparison.mistakes(ratio: ratio, at: quantity)
      var scaled = hypothesis
      scaled.value = dz * ratio
      scaled.mistakes += extra
      return (
        scaled,
        weightOfMistakes + Double(extra.count) + (comparison.hasMeaning(ratio) ? 0.2 : 0.5)
      )
    }
    guard hypothesis.mistakeCount <= 1 else { return nil }
    if let weight, let bias, fitsWeight == true || fitsBias == true {
      // What remains is one more mistake, and less likely where it has no name.
      let isNamed =
        fitsWeight == true
        ? BiasExplanation(step: step).mistakes(in: bias) != nil
        : WeightExplanation(step: step).mistakes(in: weight, isTransposed: false) != nil
      return (hypothesis, weightOfMistakes + (isNamed ? 1 : 1.3))
    }
    // Neither fits: mistakes of their own in both, where they can be named.
    guard hypothesis.mistakeCount == 0 else { return nil }
    let own = weight.map { WeightExplanation(step: step).mistakes(in: $0, isTransposed: false) }
    let others = bias.map { BiasExplanation(step: step).mistakes(in: $0) }
    if let own, own == nil { return nil }
    if let others, others == nil { return nil }
    let count = (own.flatMap { $0 }?.count ?? 0) + (others.flatMap { $0 }?.count ?? 0)
    return (hypothesis, weightOfMistakes + Double(count) + 0.1)
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
