import Plumbline

/// What the gradient of a layer's weights tells about mistakes, given the gradient of its pre-activations.
struct WeightExplanation {
  let step: ParameterStep

  private var comparison: Comparison { step.comparison }
  private var quantity: Quantity { Quantity(.weightGradient, step.layer) }
  private var weight: Tensor<Double> { step.context.weight(step.layer) }
  /// What the penalty multiplies weights and their signs with in the gradient.
  private var expected: (squares: Double, absolutes: Double) {
    let penalty = step.network.penalty
    return penalty.counts(step.layer) ? (2 * penalty.squares, penalty.absolutes) : (0, 0)
  }

  /// What is wrong with dW; `nil` if no known mistake gives it.
  ///
  /// - Parameter isTransposed: Whether the shape was that of the transpose.
  func mistakes(in given: Tensor<Double>, isTransposed: Bool) -> [Mistake]? {
    let noise = step.weightNoise
    let right = step.weightGradient
    let shape = isTransposed ? [transposed] : []
    if comparison.agree(given, right, noise: noise) { return shape }
    if let found = zero(given, right) { return found }
    let data = step.data(step.dz)
    if let found = coefficients(given, data, noise: noise) { return shape + found }
    let size = given.shape
    let isSquare = size[0] == size[1] && size[0] > 1
    if isSquare {
      if comparison.agree(given.transposed(), right, noise: noise) { return [transposed] }
      if let found = coefficients(given.transposed(), data, noise: noise) {
        return [transposed] + found
      }
    }
    // As it is first, and where rows and columns may have been exchanged unnoticed, transposed.
    let hypotheses = knownCauses.flatMap { $0.weightGradients(step) }
    for (value, before) in [(given, shape)] + (isSquare ? [(given.transposed(), [transposed])] : [])
    {
      var best: [Mistake]?
      for hypothesis in hypotheses where hypothesis.value.shape == value.shape {
        guard let found = explained(value, hypothesis.value, noise) else { continue }
        let mistakes = before + hypothesis.mistakes + found
        if mistakes.count < best?.count ?? .max { best = mistakes }
      }
      if let best { return best }
    }
    return step.partOfExamples(in: given, .weightGradient).map { shape + [$0] }
  }

  private var transposed: Mistake { Transposed.mistake(quantity) }

  private func explained(
    _ given: Tensor<Double>, _ data: Tensor<Double>, _ noise: Double
  ) -> [Mistake]? {
    let penalty = step.weightPenalty
    if comparison.agree(given, penalty.map { data + $0 } ?? data, noise: noise) { return [] }
    return coefficients(given, data, noise: noise)
  }

  /// given = α data + β W + γ sign W, where that holds to rounding and α, β or γ are not what they should be.
  private func coefficients(
    _ given: Tensor<Double>, _ data: Tensor<Double>, noise: Double
  ) -> [Mistake]? {
    let threshold = comparison.tolerance * given.norm + noise
    // Few numbers fit any three coefficients: first what needs the fewest.
    let penalty = step.weightPenalty
    var attempts: [[Tensor<Double>]] = [[]]
    if given.count > 2 { attempts += [[weight], [sign(weight)]] }
    if given.count > 3 && expected.absolutes != 0 { attempts.append([weight, sign(weight)]) }
    if data.norm <= noise { return penaltyAlone(given, threshold) }
    // As if everything were right but the factor on the data, or on the whole.
    if let ratio = comparison.factor(
      of: penalty.map { given - $0 } ?? given, to: data, noise: noise),
      comparison.hasMeaning(ratio) || comparison.hasMeaning(-ratio) || penalty == nil
    {
      return comparison.mistakes(ratio: ratio, at: quantity)
    }
    if let penalty, let ratio = comparison.factor(of: given, to: data + penalty, noise: noise) {
      return comparison.mistakes(ratio: ratio, at: quantity)
    }
    for columns in attempts {
      guard let fit = LeastSquares(given, [data] + columns), fit.residual <= threshold else {
        continue
      }
      let alpha = fit.coefficients[0]
      var (beta, gamma) = (0.0, 0.0)
      for (column, coefficient) in zip(columns, fit.coefficients.dropFirst()) {
        // What rounding may leave is not a penalty.
        let isNothing = abs(coefficient) * column.norm <= 3 * threshold
        if isNothing, (column == weight ? expected.squares : expected.absolutes) == 0 { continue }
        if column == weight { beta = coefficient } else { gamma = coefficient }
      }
      var mistakes: [Mistake] = []
      if !comparison.isSame(alpha, 1) {
        guard given.count > 1 || comparison.hasMeaning(alpha) else { continue }
        mistakes += comparison.mistakes(ratio: alpha, at: quantity)
      }
      if expected.squares == 0, expected.absolutes != 0, abs(beta) > 1e-9, abs(gamma) < 1e-9 {
        // W where the cost asks for its sign.
        mistakes.append(
          MissingRegularization.mistake(
            quantity, ", \(expected.absolutes.text) sign(W): it holds \(beta.text) W in its place"))
        return mistakes
      }
      mistakes += regularization(beta, expected.squares, "W", alpha)
      mistakes += regularization(gamma, expected.absolutes, "sign(W)", alpha)
      if !mistakes.isEmpty { return mistakes }
    }
    return nil
  }

  /// given = β W + γ sign W where the data have no part in it, as after units that are all off.
  private func penaltyAlone(_ given: Tensor<Double>, _ threshold: Double) -> [Mistake]? {
    guard step.weightPenalty != nil else { return nil }
    var columns: [Tensor<Double>] = []
    if expected.squares != 0 { columns.append(weight) }
    if expected.absolutes != 0 { columns.append(sign(weight)) }
    guard given.count > columns.count, let fit = LeastSquares(given, columns),
      fit.residual <= threshold
    else { return nil }
    var coefficients = fit.coefficients[...]
    var mistakes: [Mistake] = []
    if expected.squares != 0, let beta = coefficients.popFirst() {
      mistakes += regularization(beta, expected.squares, "W", 1)
    }
    if expected.absolutes != 0, let gamma = coefficients.popFirst() {
      mistakes += regularization(gamma, expected.absolutes, "sign(W)", 1)
    }
    return mistakes.isEmpty ? nil : mistakes
  }

  private func regularization(
    _ found: Double, _ expected: Double, _ of: String, _ alpha: Double
  ) -> [Mistake] {
    func near(_ x: Double, _ y: Double) -> Bool {
      abs(x - y) <= Swift.max(1e-4, 10 * comparison.tolerance) * max(abs(x), abs(y))
    }
    if near(found, expected) || (expected != 0 && near(found, alpha * expected)) { return [] }
    if expected == 0 && abs(found) < 1e-9 { return [] }
    return [
      abs(found) < abs(expected)
        ? MissingRegularization.mistake(quantity, found: found, expected: expected, of)
        : ExtraRegularization.mistake(quantity, found: found, expected: expected, of)
    ]
  }

  private func zero(_ given: Tensor<Double>, _ right: Tensor<Double>) -> [Mistake]? {
    guard given.norm == 0 || (right.norm > 0 && given.norm < 1e-12 * right.norm) else { return nil }
    // Where the data have no part in it, as behind units that are all off, it is the penalty that is missing.
    if let penalty = step.weightPenalty, comparison.agree(right, penalty, noise: 0) {
      return [MissingRegularization.mistake(quantity, ", which is all of it here")]
    }
    return [ZeroGradient.mistake(quantity)]
  }
}
