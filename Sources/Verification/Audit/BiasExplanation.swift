import Plumbline

/// What the gradient of a layer's biases tells about mistakes, given the gradient of its pre-activations.
struct BiasExplanation {
  let step: ParameterStep

  private var comparison: Comparison { step.comparison }
  private var quantity: Quantity { Quantity(.biasGradient, step.layer) }

  /// What is wrong with db; `nil` if no known mistake gives it.
  func mistakes(in given: Tensor<Double>) -> [Mistake]? {
    let noise = step.biasNoise
    let right = step.biasGradient
    if comparison.agree(given, right, noise: noise) { return [] }
    // After softmax the sum over everything cancels: one and the same rounding in every element.
    if given.count > 1, given.norm > 0, given.norm < 1e-12 * right.norm,
      given.scalars.allSatisfy({ $0 == given.scalars[0] })
    {
      return [BiasNotSummed.mistake(step)]
    }
    if given.norm == 0 || (right.norm > 0 && given.norm < 1e-12 * right.norm) {
      return [ZeroGradient.mistake(quantity)]
    }
    if let ratio = comparison.factor(of: given, to: right, noise: noise),
      comparison.hasMeaning(ratio)
    {
      return comparison.mistakes(ratio: ratio, at: quantity)
    }
    let hypotheses = knownCauses.flatMap { $0.biasGradients(step) }.filter {
      $0.value.shape == given.shape && $0.value.norm > 0
    }
    for hypothesis in hypotheses {
      for scale in [1, step.examples, 1 / step.examples]
      where (given.count > 1 || scale == 1) && comparison.agree(given, hypothesis.value * scale) {
        return hypothesis.mistakes
      }
    }
    if let found = regularized(given, right, noise) { return found }
    guard given.count > 1 else {
      guard right.norm > 0 else { return nil }
      let ratio = given.scalars[0] / right.scalars[0]
      return comparison.hasMeaning(-ratio) ? comparison.mistakes(ratio: ratio, at: quantity) : nil
    }
    if let ratio = comparison.factor(of: given, to: right, noise: noise) {
      return comparison.mistakes(ratio: ratio, at: quantity)
    }
    for hypothesis in hypotheses {
      guard let ratio = comparison.factor(of: given, to: hypothesis.value) else { continue }
      return hypothesis.mistakes + comparison.mistakes(ratio: ratio, at: quantity)
    }
    return step.partOfExamples(in: given, .biasGradient).map { [$0] }
  }

  /// A penalty on biases that is missing, or is there without one in the cost.
  private func regularized(
    _ given: Tensor<Double>, _ right: Tensor<Double>, _ noise: Double
  ) -> [Mistake]? {
    if let penalty = step.biasPenalty, comparison.agree(given, right - penalty, noise: noise) {
      return [MissingRegularization.mistake(quantity, ": the cost penalizes biases as well")]
    }
    let strength = 2 * step.network.penalty.squares
    if strength != 0, comparison.agree(given, right + strength, noise: noise) {
      return [RegularizedBias.mistake(ofOnes: strength, step.layer)]
    }
    let bias = step.context.bias(step.layer)
    guard bias.norm > 0 else { return nil }
    if given.count > 1 {
      for alpha in [1, step.examples, 1 / step.examples, -1] {
        let rest = given - right * alpha
        guard let ratio = comparison.ratio(of: rest, to: bias, noise: noise) else { continue }
        return (alpha == 1 ? [] : comparison.mistakes(ratio: alpha, at: quantity)) + [
          RegularizedBias.mistake(step.layer, ratio)
        ]
      }
      return nil
    }
    // One number is a multiple of any other: only a factor that the penalty on the weights has tells.
    let ratio = (given.scalars[0] - right.scalars[0]) / bias.scalars[0]
    guard strength != 0,
      [1, step.examples, 0.5, 2].contains(where: { abs(ratio / (strength * $0) - 1) < 1e-6 })
    else { return nil }
    return [RegularizedBias.mistake(step.layer, ratio)]
  }
}
