import Plumbline

// What was not given, from what follows from it.

extension Audit {
  /// Finds the gradient of a layer's pre-activations, which was not given, from those of its parameters.
  mutating func infer(_ layer: Int, among hypotheses: [Hypothesis]) {
    let weightQuantity = Quantity(.weightGradient, layer)
    let biasQuantity = Quantity(.biasGradient, layer)
    let quantity = Quantity(.preactivationGradient, layer)
    let weight =
      run.transposed.contains(weightQuantity) || isTied(layer) ? nil : context.given[weightQuantity]
    let bias = context.given[biasQuantity]
    let evidence = Evidence(
      context, layer: layer, weight: weight.flatMap { $0.isFinite ? $0 : nil },
      bias: bias.flatMap { $0.isFinite ? $0 : nil })
    var best: (hypothesis: Hypothesis, weight: Double, alternatives: Set<CauseID>)?
    for hypothesis in hypotheses where hypothesis.value.isFinite {
      guard let fit = evidence.fit(of: hypothesis, at: quantity) else { continue }
      let weight = fit.weight
      let id = fit.hypothesis.mistakes.compactMap(\.cause).last?.id
      if weight < (best?.weight ?? .infinity) - 1e-9 {
        best = (fit.hypothesis, weight, Set([id].compactMap { $0 }))
      } else if let least = best?.weight, Swift.abs(weight - least) < 1e-9, let id {
        best?.alternatives.insert(id)
      }
    }
    if best == nil || (best?.weight ?? 0) >= 1, let stale = inferredStale(layer, evidence) {
      dz[layer] = stale.dz
      da[layer] = stale.da
      add(Quantity(.activationGradient, layer), .fail, nil, stale.cause)
      return
    }
    guard let best else {
      if let weight, let bias, let right = hypotheses.first,
        isWrongAltogether(weight, bias, by: right, layer)
      {
        var cause = UnknownMistake.cause(quantity)
        cause.explanation +=
          " dW\(layer) and db\(layer) are both wrong: save dZ\(layer) too, to have it compared."
        add(quantity, .fail, nil, cause)
      }
      dz[layer] = hypotheses.first?.value ?? truth.dz[layer - 1]
      da[layer] = da[layer] ?? hypotheses.first?.upstream
      return
    }
    dz[layer] = best.hypothesis.value
    da[layer] = da[layer] ?? best.hypothesis.upstream
    guard !best.hypothesis.mistakes.isEmpty else { return }
    // The mistakes are shown where they were made; the gradients of the parameters show them.
    var locations: [Quantity: [Mistake]] = [:]
    for mistake in best.hypothesis.mistakes {
      // Of the output, dA and dZ cannot be told apart from here.
      let isOutput =
        mistake.quantity == Quantity(.activationGradient, last)
        && items[mistake.quantity] == nil
      locations[isOutput ? quantity : mistake.quantity, default: []].append(mistake)
    }
    for (location, mistakes) in locations {
      guard let cause = cause(mistakes, alternatives: Swift.max(best.alternatives.count, 1)) else {
        if items[location] == nil && mistakes.contains(where: \.isKink) {
          add(location, .kink, nil, nil)
        }
        continue
      }
      if items[location] == nil { add(location, .fail, nil, cause) }
    }
    let causes = cause(
      best.hypothesis.mistakes, alternatives: Swift.max(best.alternatives.count, 1))
    for (location, own) in [(weightQuantity, weight), (biasQuantity, bias)] {
      guard let own, own.isFinite, let causes else { continue }
      let step = parameterStep(layer, best.hypothesis.value)
      let follows =
        location == weightQuantity
        ? comparison.agree(own, step.weightGradient, noise: step.weightNoise)
        : comparison.agree(own, step.biasGradient, noise: step.biasNoise)
      let right = right(location)
      // What is 0 by cancellation, as the gradient of a bias before a normalization, is so with the mistake as well.
      let noise = location == weightQuantity ? step.weightNoise : step.biasNoise
      if follows && !comparison.agree(own, right, noise: noise) {
        add(location, .fail, own.relativeDistance(to: right), causes)
      }
    }
  }

  /// Whether the gradients of weights and biases are both wrong and neither by a mistake of its own that has a name: then
  /// what both are computed from is wrong.
  private func isWrongAltogether(
    _ weight: Tensor<Double>, _ bias: Tensor<Double>, by right: Hypothesis, _ layer: Int
  ) -> Bool {
    guard upstream == .pass, weight.isFinite, bias.isFinite, !weight.scalars.isEmpty else {
      return false
    }
    let step = parameterStep(layer, right.value, upstream: right.upstream)
    return WeightExplanation(step: step).mistakes(in: weight, isTransposed: false) == nil
      && BiasExplanation(step: step).mistakes(in: bias) == nil
  }

  private func inferredStale(
    _ layer: Int, _ evidence: Evidence
  ) -> (dz: Tensor<Double>, da: Tensor<Double>, cause: Cause)? {
    guard layer < last, let next = dz[layer + 1], upstream == .pass, let own = evidence.weight,
      own.count > 1
    else { return nil }
    // The error of the next layer, and that before its function's derivative, which people forget as well.
    for error in [next, self.da[layer + 1]].compactMap({ $0 }) {
      guard let direction = updateDirection(layer, from: error) else { return nil }
      let right = WeightsStep(
        context: context, layer: layer, next: error, nextUpstream: nil, skip: skipGradient(layer))
      let value = right.whole(right.branch)
      let change = evidence.step(direction, upstream: nil).data(throughFunction(layer, direction))
      let rest = own - parameterStep(layer, throughFunction(layer, value)).weightGradient
      guard let step = comparison.ratio(of: rest, to: change, noise: 1e-12 * own.norm),
        rest.norm > comparison.tolerance * own.norm
      else { continue }
      let da = value + direction * step
      return (
        throughFunction(layer, da), da,
        UpdatedWeights.cause(Quantity(.activationGradient, layer), step: step)
      )
    }
    return nil
  }

  /// Where no mistake explains the gradients: whether they belong to the parameters before a step of gradient descent,
  /// as when a program saves its parameters after the update.
  mutating func judgeByEarlierParameters() {
    let unexplained = items.values.contains { $0.cause?.id == .unknown && $0.verdict == .fail }
    guard unexplained, let step = Self.earlierStep(run, network) else { return }
    for (quantity, item) in items where item.verdict == .fail {
      // What was inferred from the gradients falls with them.
      guard item.relativeError != nil else {
        items[quantity] = nil
        continue
      }
      items[quantity] = AuditReport.Item(
        quantity: quantity, verdict: .fail, relativeError: item.relativeError,
        cause: Stale.cause(quantity, step: step))
    }
  }

  /// The length of the step back along the gradients after which they are those of the parameters there; `nil` if there is none.
  static func earlierStep(_ run: ProgramRun, _ network: ProgramNetwork) -> Double? {
    let own = network.parameterGradients.map { run.quantities[$0] }
    guard own.allSatisfy({ $0?.isFinite ?? false }), run.transposed.isEmpty, run.masks.isEmpty,
      run.unsummed.isEmpty, run.broadcast.isEmpty, network.ties.isEmpty,
      run.parameters.count <= 1_000_000
    else { return nil }
    let pass = ProgramPass(network: network, inputs: run.inputs, targets: run.targets)
    func gradient(_ kind: Quantity.Kind, _ layer: Int) -> Tensor<Double>? {
      run.quantities[Quantity(kind, layer)]
    }
    let size = own.reduce(0) { $0 + ($1?.norm ?? 0) }
    guard size > 0 else { return nil }
    /// What the gradients given are more than those at the parameters a step back.
    func rest(_ step: Double) -> [Tensor<Double>] {
      var earlier = run.parameters
      for layer in 1...network.layerCount {
        func back(_ value: Tensor<Double>, _ kind: Quantity.Kind) -> Tensor<Double> {
          gradient(kind, layer).map { value + $0 * step } ?? value
        }
        earlier.weights[layer - 1] = back(earlier.weights[layer - 1], .weightGradient)
        earlier.biases[layer - 1] = back(earlier.biases[layer - 1], .biasGradient)
        earlier.scales[layer] = earlier.scales[layer].map { back($0, .scaleGradient) }
        earlier.shifts[layer] = earlier.shifts[layer].map { back($0, .shiftGradient) }
      }
      let there = pass.derivatives(at: earlier)
      return (1...network.layerCount).flatMap { layer -> [Tensor<Double>] in
        let penalty = network.penalty
        let dw =
          penalty.counts(layer)
          ? there.dw[layer - 1] + penalty.gradient(of: earlier.weights[layer - 1])
          : there.dw[layer - 1]
        let db =
          penalty.counts(layer) && penalty.countsBiases
          ? there.db[layer - 1] + penalty.gradient(of: earlier.biases[layer - 1])
          : there.db[layer - 1]
        let pairs = [
          (gradient(.weightGradient, layer), dw), (gradient(.biasGradient, layer), db),
          (gradient(.scaleGradient, layer), there.dscale[layer] ?? dw),
          (gradient(.shiftGradient, layer), there.dshift[layer] ?? dw),
        ]
        return pairs.compactMap { own, right in own.map { $0 - right } }
      }
    }
    func distance(_ rest: [Tensor<Double>]) -> Double { rest.reduce(0) { $0 + $1.norm } / size }
    func distance(_ step: Double) -> Double { distance(rest(step)) }
    let bound = Swift.max(1e-6, run.tolerance / 10)
    // Gradients that are right where they are need no step.
    guard distance(0) > 10 * bound else { return nil }
    if Double(run.parameters.count) * Double(run.inputs.shape[0]) > 1e7 {
      return stepOfFewPasses(rest, distance, run.parameters, size, bound)
    }
    let steps = (0...30).map { index in
      (0..<index).reduce(1e-5) { step, _ in step * 1.584_893_192_461_113_4 }
    }
    let distances = steps.map(distance)
    guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }) else {
      return nil
    }
    // The golden section of the interval around the best of them.
    var low = steps[Swift.max(best - 1, 0)]
    var high = steps[Swift.min(best + 1, steps.count - 1)]
    for _ in 0..<60 {
      let (left, right) = (
        high - 0.618_033_988_749_895 * (high - low), low + 0.618_033_988_749_895 * (high - low)
      )
      if distance(left) < distance(right) { high = right } else { low = left }
    }
    let step = (low + high) / 2
    return distance(step) < bound ? step : nil
  }

  /// The step at which nothing is left, by Newton's method: a pass through a large batch takes long. Where the first step brings the rest
  /// no nearer to nothing, it is another matter.
  private static func stepOfFewPasses(
    _ rest: (Double) -> [Tensor<Double>], _ distance: ([Tensor<Double>]) -> Double,
    _ parameters: ProgramParameters, _ gradientSize: Double, _ bound: Double
  ) -> Double? {
    let small = 1e-5 * parameters.weights.reduce(0) { $0 + $1.norm } / gradientSize
    guard small > 0, small.isFinite else { return nil }
    var (step, left) = (0.0, rest(0))
    for _ in 0..<6 {
      let slope = zip(rest(step + small), left).map { ($0 - $1) * (1 / small) }
      let size = slope.reduce(0) { $0 + $1.dot($1) }
      guard size > 0, size.isFinite else { return nil }
      step -= zip(left, slope).reduce(0) { $0 + $1.0.dot($1.1) } / size
      let next = rest(step)
      guard distance(next) < 0.8 * distance(left) else { return nil }
      left = next
      if distance(left) < bound { return step > 0 ? step : nil }
    }
    return nil
  }
}
