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
        if items[place] == nil { add(place, .kink, nil, nil) }
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
}
