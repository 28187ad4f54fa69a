import Plumbline

// What was not given, from what follows from it.

extension Audit {
  /// Finds the gradient of a layer's pre-activations, which was not given, from those of its parameters.
  mutating func infer(_ layer: Int, among hypotheses: [Hypothesis]) {
    let weightQuantity = Quantity(.weightGradient, layer)
    let biasQuantity = Quantity(.biasGradient, layer)
    let quantity = Quantity(.preactivationGradient, layer)
    let weight = run.transposed.contains(weightQuantity) ? nil : run.quantities[weightQuantity]
    let bias = run.quantities[biasQuantity]
    let evidence = Evidence(
      parameters: parameters(layer), weight: weight.flatMap { $0.isFinite ? $0 : nil },
      bias: bias.flatMap { $0.isFinite ? $0 : nil })
    var best: (hypothesis: Hypothesis, weight: Double, alternatives: Set<CauseID>)?
    for hypothesis in hypotheses where hypothesis.value.isFinite {
      guard let fit = evidence.fit(of: hypothesis, at: quantity) else { continue }
      let weight = fit.weight
      let id = fit.hypothesis.findings.compactMap(\.cause).last?.id
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
        var cause = unknown(quantity)
        cause.explanation +=
          " dW\(layer) and db\(layer) are both wrong: save dZ\(layer) too, and it will be compared."
        add(quantity, .fail, nil, cause)
      }
      dz[layer] = hypotheses.first?.value ?? truth.dz[layer - 1]
      da[layer] = da[layer] ?? hypotheses.first?.upstream
      return
    }
    dz[layer] = best.hypothesis.value
    da[layer] = da[layer] ?? best.hypothesis.upstream
    guard !best.hypothesis.findings.isEmpty else { return }
    // The mistakes stand where they were made; the gradients of the parameters show them.
    var places: [Quantity: [Finding]] = [:]
    for finding in best.hypothesis.findings {
      // Of the output, dA and dZ cannot be told apart from here.
      let isOutput =
        finding.quantity == Quantity(.activationGradient, description.layerCount)
        && items[finding.quantity] == nil
      places[isOutput ? quantity : finding.quantity, default: []].append(finding)
    }
    for (place, findings) in places {
      guard let cause = cause(findings, alternatives: Swift.max(best.alternatives.count, 1)) else {
        if items[place] == nil && findings.contains(where: \.isKink) { add(place, .kink, nil, nil) }
        continue
      }
      if items[place] == nil { add(place, .fail, nil, cause) }
    }
    let causes = cause(
      best.hypothesis.findings, alternatives: Swift.max(best.alternatives.count, 1))
    for (place, own) in [(weightQuantity, weight), (biasQuantity, bias)] {
      guard let own, own.isFinite, let causes else { continue }
      let dz = best.hypothesis.value
      let follows =
        place == weightQuantity
        ? comparison.agree(
          own, parameters(layer).weightGradient(dz), noise: parameters(layer).weightNoise(dz))
        : comparison.agree(
          own, parameters(layer).biasGradient(dz), noise: parameters(layer).biasNoise(dz))
      let right = right(place)
      if follows && !comparison.agree(own, right) {
        add(place, .fail, own.relativeDistance(to: right), causes)
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
    let parameters = parameters(layer)
    let weights = parameters.weightFindings(
      weight, from: right.value, upstream: right.upstream, isTransposed: false)
    let biases = parameters.biasFindings(bias, from: right.value, upstream: right.upstream)
    return weights == nil && biases == nil
  }

  private func inferredStale(
    _ layer: Int, _ evidence: Evidence
  ) -> (dz: Tensor<Double>, da: Tensor<Double>, cause: Cause)? {
    guard layer < description.layerCount, let next = dz[layer + 1], upstream == .pass,
      let direction = backward.staleDirection(layer, from: next), let own = evidence.weight,
      let right = backward.activationGradients(
        layer, from: next, nextUpstream: nil, blockOutput: blockOutput(layer + 2)
      ).first
    else { return nil }
    func through(_ value: Tensor<Double>) -> Tensor<Double> {
      backward.preactivationGradients(layer, from: Hypothesis(value: value))[0].value
    }
    let change = evidence.parameters.data(through(direction))
    let rest = own - evidence.parameters.weightGradient(through(right.value))
    guard own.count > 1, let step = comparison.ratio(of: rest, to: change, noise: 1e-12 * own.norm),
      rest.norm > comparison.tolerance * own.norm
    else { return nil }
    let da = right.value + direction * step
    return (through(da), da, staleCause(Quantity(.activationGradient, layer), step))
  }

  /// Where no mistake explains the gradients: whether they belong to the parameters before a step of gradient descent,
  /// as when a program saves its parameters after the update.
  mutating func judgeByEarlierParameters() {
    let unexplained = items.values.contains { $0.cause?.id == .unknown && $0.verdict == .fail }
    let quantities = (1...description.layerCount).flatMap {
      [Quantity(.weightGradient, $0), Quantity(.biasGradient, $0)]
    }
    let own = quantities.compactMap { run.quantities[$0] }
    guard unexplained, own.count == quantities.count, own.allSatisfy(\.isFinite),
      run.transposed.isEmpty, description.parameterCount <= 1_000_000
    else { return }
    let cost = DenseNetworkCost(network, inputs: run.inputs, targets: run.targets)
    let size = own.reduce(0) { $0 + $1.norm }
    /// How far the gradients are from those at the parameters a step back.
    func distance(_ step: Double) -> Double {
      let earlier = zip(run.parameters, own).map { $0 + $1 * step }
      let there = cost.derivatives(at: earlier)
      let gradients = zip(there.dw, there.db).flatMap { [$0, $1] }
      return zip(own, gradients).reduce(0) { $0 + ($1.0 - $1.1).norm } / size
    }
    guard size > 0 else { return }
    let steps = (0...30).map { index in
      (0..<index).reduce(1e-5) { step, _ in step * 1.584_893_192_461_113_4 }
    }
    let distances = steps.map(distance)
    guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }) else { return }
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
    guard distance(step) < 1e-6 else { return }
    for (quantity, item) in items where item.verdict == .fail {
      // What was inferred from the gradients falls with them.
      guard item.relativeError != nil else {
        items[quantity] = nil
        continue
      }
      items[quantity] = AuditReport.Item(
        quantity: quantity, verdict: .fail, relativeError: item.relativeError,
        cause: Cause(
          id: .stale, factor: step,
          explanation:
            "\(quantity) belongs to other parameters: to those before a step of \(Comparison.text(step)) along these "
            + "gradients. Save parameters and gradients of the same moment, before the update."))
    }
  }
}
