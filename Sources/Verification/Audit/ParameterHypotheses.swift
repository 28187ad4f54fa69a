import Plumbline

/// What the gradients of a layer's weights and biases tell about mistakes, given the gradient of its
/// pre-activations.
struct ParameterHypotheses {
  let backward: BackwardHypotheses
  let comparison: Comparison
  let layer: Int
  /// The factor on sums over examples: 1/m where pre-activation gradients are not averaged yet.
  let average: Double

  private var run: CanonicalRun { backward.run }
  private var network: DenseNetworkDescription { backward.network }
  private var examples: Double { comparison.examples }

  /// The penalties' gradient.
  func penalty() -> Tensor<Double>? {
    let weight = backward.weight(layer)
    var terms: [Tensor<Double>] = []
    if network.l2 != 0 { terms.append(weight * (network.l2 / examples)) }
    if network.l1 != 0 { terms.append(sign(weight) * (network.l1 / examples)) }
    return terms.first.map { terms.dropFirst().reduce($0, +) }
  }

  func data(_ dz: Tensor<Double>) -> Tensor<Double> {
    matmul(backward.entering(layer), dz, transposingFirst: true) * average
  }

  func weightGradient(_ dz: Tensor<Double>) -> Tensor<Double> {
    penalty().map { data(dz) + $0 } ?? data(dz)
  }

  func biasGradient(_ dz: Tensor<Double>) -> Tensor<Double> { dz.sum(alongAxes: [0]) * average }

  /// What rounding may leave of sums whose terms cancel.
  func weightNoise(_ dz: Tensor<Double>) -> Double {
    noise(matmul(abs(backward.entering(layer)), abs(dz), transposingFirst: true).norm)
  }
  func biasNoise(_ dz: Tensor<Double>) -> Double { noise(abs(dz).sum(alongAxes: [0]).norm) }
  private func noise(_ size: Double) -> Double { size * average * comparison.rounding }

  // MARK: Weights

  /// What is wrong with dW, given the gradient of the pre-activations that it was computed from; `nil` where no known
  /// mistake gives it.
  func weightFindings(
    _ given: Tensor<Double>, from dz: Tensor<Double>, upstream: Tensor<Double>?,
    isTransposed: Bool
  ) -> [Finding]? {
    let quantity = Quantity(.weightGradient, layer)
    let noise = weightNoise(dz)
    let right = weightGradient(dz)
    var shape: [Finding] = []
    if isTransposed {
      shape.append(transposed(quantity))
    }
    if comparison.agree(given, right, noise: noise) { return shape }
    if let found = zero(given, right, quantity) { return found }
    if let found = coefficients(given, data(dz), noise: noise) { return shape + found }
    let size = given.shape
    if size[0] == size[1], size[0] > 1 {
      if comparison.agree(given.transposed(), right, noise: noise) { return [transposed(quantity)] }
      if let found = coefficients(given.transposed(), data(dz), noise: noise) {
        return [transposed(quantity)] + found
      }
    }
    // As it stands first, and where rows and columns may have been exchanged unnoticed, transposed.
    let isSquare = size[0] == size[1] && size[0] > 1
    for (value, before) in [(given, shape)]
      + (isSquare ? [(given.transposed(), [transposed(quantity)])] : [])
    {
      for (name, input) in inputs() {
        let data = matmul(input, dz, transposingFirst: true) * average
        guard let found = explained(value, data, noise) else { continue }
        return before + [
          Finding(
            quantity, .wrongLayerInput,
            "\(quantity) is computed with \(name) where \(layer == 1 ? "X" : "A\(layer - 1)") belongs, what entered "
              + "the layer.")
        ] + found
      }
    }
    if let mask = run.masks[layer - 1] {
      // Activations without the mask are not known where units are off: only where nothing was off but the scale.
      let input = backward.entering(layer)
      let plain = input * select(mask, 1 / mask, mask)
      if let found = explained(given, matmul(plain, dz, transposingFirst: true) * average, noise) {
        return [
          Finding(
            quantity, .dropoutScaleMissing,
            "\(quantity) is computed with activations without dropout's scale.")
        ] + found
      }
      let undropped = network.activation(layer - 1)(backward.z[layer - 2])
      if let found = explained(
        given, matmul(undropped, dz, transposingFirst: true) * average, noise)
      {
        return [
          Finding(
            quantity, .maskMissing,
            "\(quantity) is computed with activations that dropout's mask has not passed.")
        ] + found
      }
    }
    if let upstream, let found = explained(given, data(upstream), noise) {
      return shape + [
        Finding(
          quantity, .missingActivationDerivative,
          "\(quantity) is computed from dA\(layer) where dZ\(layer) belongs.")
      ] + found
    }
    return nil
  }

  private func explained(
    _ given: Tensor<Double>, _ data: Tensor<Double>, _ noise: Double
  ) -> [Finding]? {
    if comparison.agree(given, penalty().map { data + $0 } ?? data, noise: noise) { return [] }
    return coefficients(given, data, noise: noise)
  }

  private func transposed(_ quantity: Quantity) -> Finding {
    Finding(
      quantity, .transposed,
      "\(quantity) is the transpose of what it should be: its rows and columns are exchanged.")
  }

  /// Everything that may have been taken for the layer's input.
  private func inputs() -> [(String, Tensor<Double>)] {
    let width = network.widths[layer - 1]
    var all: [(String, Tensor<Double>)] = []
    if layer > 1 { all.append(("Z\(layer - 1)", backward.z[layer - 2])) }
    for other in 0...network.layerCount where other != layer - 1 {
      if network.widths[other] == width {
        all.append(other == 0 ? ("X", run.inputs) : ("A\(other)", backward.a[other - 1]))
        if other > 0 { all.append(("Z\(other)", backward.z[other - 1])) }
      }
    }
    return all
  }

  /// given = α data + β W + γ sign W, where that holds to rounding and α, β or γ are not what they should be.
  private func coefficients(
    _ given: Tensor<Double>, _ data: Tensor<Double>, noise: Double
  ) -> [Finding]? {
    let quantity = Quantity(.weightGradient, layer)
    let weight = backward.weight(layer)
    let (l2, l1) = (network.l2 / examples, network.l1 / examples)
    let threshold = comparison.tolerance * given.norm + noise
    // Few numbers fit any three coefficients: first what needs the fewest.
    let penalty = penalty()
    var attempts: [[Tensor<Double>]] = [[]]
    if given.count > 2 { attempts += [[weight], [sign(weight)]] }
    if given.count > 3 && l1 != 0 { attempts.append([weight, sign(weight)]) }
    if data.norm <= noise {
      return penaltyAlone(given, threshold)
    }
    // As if everything were right but the factor on the data, or on the whole.
    if let ratio = comparison.factor(
      of: penalty.map { given - $0 } ?? given, to: data, noise: noise),
      comparison.name(ratio) != nil || comparison.name(-ratio) != nil || penalty == nil
    {
      return comparison.findings(ratio: ratio, at: quantity)
    }
    if let penalty, let ratio = comparison.factor(of: given, to: data + penalty, noise: noise) {
      return comparison.findings(ratio: ratio, at: quantity)
    }
    for columns in attempts {
      guard let fit = LeastSquares(given, [data] + columns), fit.residual <= threshold else {
        continue
      }
      let alpha = fit.coefficients[0]
      var (beta, gamma) = (0.0, 0.0)
      for (column, coefficient) in zip(columns, fit.coefficients.dropFirst()) {
        if column == weight { beta = coefficient } else { gamma = coefficient }
      }
      var findings: [Finding] = []
      if abs(alpha - 1) > 10 * comparison.tolerance {
        guard given.count > 1 || comparison.name(alpha) != nil else { continue }
        findings += comparison.findings(ratio: alpha, at: quantity)
      }
      findings += regularization(beta, l2, "\(quantity) %: dW holds λ/m W.", quantity, alpha)
      findings += regularization(gamma, l1, "\(quantity) %: dW holds λ/m sign(W).", quantity, alpha)
      if !findings.isEmpty { return findings }
    }
    return nil
  }

  /// given = β W + γ sign W where the data have no part in it, as behind units that are all off.
  private func penaltyAlone(_ given: Tensor<Double>, _ threshold: Double) -> [Finding]? {
    guard penalty() != nil else { return nil }
    let quantity = Quantity(.weightGradient, layer)
    let weight = backward.weight(layer)
    let (l2, l1) = (network.l2 / examples, network.l1 / examples)
    var columns: [Tensor<Double>] = []
    if l2 != 0 { columns.append(weight) }
    if l1 != 0 { columns.append(sign(weight)) }
    guard given.count > columns.count, let fit = LeastSquares(given, columns),
      fit.residual <= threshold
    else { return nil }
    var coefficients = fit.coefficients[...]
    var findings: [Finding] = []
    if l2 != 0, let beta = coefficients.popFirst() {
      findings += regularization(beta, l2, "\(quantity) %: dW holds λ/m W.", quantity, 1)
    }
    if l1 != 0, let gamma = coefficients.popFirst() {
      findings += regularization(gamma, l1, "\(quantity) %: dW holds λ/m sign(W).", quantity, 1)
    }
    return findings.isEmpty ? nil : findings
  }

  private func regularization(
    _ found: Double, _ expected: Double, _ words: String, _ quantity: Quantity, _ alpha: Double
  ) -> [Finding] {
    func near(_ x: Double, _ y: Double) -> Bool { abs(x - y) <= 1e-4 * max(abs(x), abs(y)) }
    if near(found, expected) || (expected != 0 && near(found, alpha * expected)) { return [] }
    if expected == 0 && abs(found) < 1e-9 { return [] }
    let isMissing = abs(found) < abs(expected)
    let what =
      expected == 0
      ? "holds a penalty on the weights that the cost does not"
      : abs(found) <= 1e-6 * abs(expected)
        ? "lacks the gradient of the penalty"
        : "has the gradient of the penalty \(Comparison.text(found / expected)) times"
    return [
      Finding(
        quantity, isMissing ? .missingRegularization : .extraRegularization,
        factor: expected == 0 ? found : found / expected,
        words.split(separator: "%").joined(separator: what).replacingDoubleSpace())
    ]
  }

  private func zero(
    _ given: Tensor<Double>, _ right: Tensor<Double>, _ quantity: Quantity
  ) -> [Finding]? {
    guard given.norm == 0 || (right.norm > 0 && given.norm < 1e-12 * right.norm) else { return nil }
    // Where the data have no part in it, as behind units that are all off, it is the penalty that is missing.
    if quantity.kind == .weightGradient, let penalty = penalty(),
      comparison.agree(right, penalty, noise: 0)
    {
      return [missingPenalty(quantity)]
    }
    return [
      Finding(
        quantity, .zeroGradient, "\(quantity) is zero: it was never computed, or overwritten.")
    ]
  }

  private func missingPenalty(_ quantity: Quantity) -> Finding {
    Finding(
      quantity, .missingRegularization, factor: 0,
      "\(quantity) lacks the gradient of the penalty, which is all of it here: dW holds λ/m W and λ/m sign(W)."
    )
  }

  // MARK: Biases

  /// What is wrong with db.
  func biasFindings(
    _ given: Tensor<Double>, from dz: Tensor<Double>, upstream: Tensor<Double>?
  ) -> [Finding]? {
    let quantity = Quantity(.biasGradient, layer)
    let noise = biasNoise(dz)
    let right = biasGradient(dz)
    if comparison.agree(given, right, noise: noise) { return [] }
    // One example's gradient, or a sum over everything.
    let notSummed = Finding(
      quantity, .biasNotSummed,
      "\(quantity) is not the sum of dZ\(layer) over the examples: db = sum of dZ over the examples"
        + (average == 1 ? "." : ", divided by m."))
    // After softmax the sum over everything cancels: one and the same rounding in every place.
    if given.count > 1, given.norm > 0, given.norm < 1e-12 * right.norm,
      given.scalars.allSatisfy({ $0 == given.scalars[0] })
    {
      return [notSummed]
    }
    if let found = zero(given, right, quantity) { return found }
    if let ratio = comparison.factor(of: given, to: right, noise: noise),
      comparison.name(ratio) != nil
    {
      return comparison.findings(ratio: ratio, at: quantity)
    }
    let rows = dz.shape[0]
    for row in [0, rows - 1] where rows > 1 {
      let single = dz.sliced(axis: 0, row..<row + 1).reshaped(to: given.shape)
      for scale in [1, examples, 1 / examples] where comparison.agree(given, single * scale) {
        return [notSummed]
      }
    }
    let everything = dz.sum().scalar
    for scale in [1, examples, 1 / examples, 1 / Double(given.count)] where given.count > 1 {
      if comparison.agree(given, .ones(given.shape) * (everything * scale)) { return [notSummed] }
    }
    let bias = backward.bias(layer)
    if bias.norm > 0 && given.count > 1 {
      for alpha in [1, examples, 1 / examples, -1] {
        let rest = given - right * alpha
        guard let ratio = comparison.ratio(of: rest, to: bias, noise: noise) else { continue }
        return (alpha == 1 ? [] : comparison.findings(ratio: alpha, at: quantity)) + [
          regularizedBias(quantity, ratio)
        ]
      }
    } else if bias.norm > 0, network.l2 != 0 {
      let ratio = (given - right).scalar / bias.scalar
      for expected in [1 / examples, 1, 0.5 / examples, 2 / examples] {
        if abs(ratio / (network.l2 * expected) - 1) < 1e-6 {
          return [regularizedBias(quantity, ratio)]
        }
      }
    }
    if let upstream, comparison.agree(given, biasGradient(upstream), noise: noise) {
      return [
        Finding(
          quantity, .missingActivationDerivative,
          "\(quantity) is computed from dA\(layer) where dZ\(layer) belongs.")
      ]
    }
    if given.count > 1, let ratio = comparison.factor(of: given, to: right, noise: noise) {
      return comparison.findings(ratio: ratio, at: quantity)
    }
    // Not summed, and a factor besides.
    if given.count > 1 {
      let unsummed =
        [0, rows - 1].filter { _ in rows > 1 }.map {
          dz.sliced(axis: 0, $0..<$0 + 1).reshaped(to: given.shape)
        } + [.ones(given.shape) * everything]
      for value in unsummed {
        guard let ratio = comparison.factor(of: given, to: value) else { continue }
        return [notSummed] + comparison.findings(ratio: ratio, at: quantity)
      }
    }
    if given.count == 1, right.norm > 0 {
      let ratio = given.scalar / right.scalar
      if comparison.name(-ratio) != nil { return comparison.findings(ratio: ratio, at: quantity) }
    }
    return nil
  }

  private func regularizedBias(_ quantity: Quantity, _ ratio: Double) -> Finding {
    Finding(
      quantity, .regularizedBias, factor: ratio,
      "\(quantity) holds \(Comparison.text(ratio)) times the bias: penalties are on weights, not on biases."
    )
  }

  /// A bias gradient that was not summed to one value for each unit.
  func unsummedBias(_ given: Tensor<Double>, from dz: Tensor<Double>) -> Finding {
    let quantity = Quantity(.biasGradient, layer)
    let what = given.shape.rank == 1 ? "one number for all units" : "one value for each example"
    return Finding(
      quantity, .biasNotSummed,
      "\(quantity) has \(what): db = sum of dZ over the examples, one value for each unit"
        + (average == 1 ? "." : ", divided by m."))
  }
}

extension String {
  fileprivate func replacingDoubleSpace() -> String {
    split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
  }
}
