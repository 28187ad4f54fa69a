import Plumbline

extension Audit {
  mutating func judgeBackward(_ layer: Int) {
    let isLast = layer == last
    // From the layer above.
    var arriving: [Hypothesis] = []
    if isLast {
      arriving = OutputStep(context: context).hypotheses()
    } else if let next = dz[layer + 1] {
      arriving = WeightsStep(
        context: context, layer: layer, next: next, nextUpstream: da[layer + 1],
        skip: skipGradient(layer)
      ).hypotheses()
    }
    let activationGradient = Quantity(.activationGradient, layer)
    var isPreactivationGradient = false
    var isCalledSo = false
    if let own = context.given[activationGradient] {
      if isOverwritten(own, layer, arriving) {
        isPreactivationGradient = true
      } else if isPreactivation(own, layer, arriving) {
        isCalledSo = true
      } else {
        judge(activationGradient, own, truth.da[layer - 1], arriving, layer: layer)
        da[layer] = own.isFinite ? own : truth.da[layer - 1]
        arriving = own.isFinite ? [Hypothesis(value: own)] : arriving
      }
    }
    // Through the activation.
    var through: [Hypothesis] = []
    if isLast && da[layer] == nil {
      through = FunctionStep.fromLoss(context)
    } else {
      for arrival in arriving where arrival.value.isFinite {
        through += step(layer, arrival).hypotheses().filter { $0.mistakeCount <= 2 }
      }
      if isLast, let given = da[layer], comparison.agree(given, truth.da[layer - 1]) {
        // The stable formula where the quotient of dA and f' has lost its digits.
        through.insert(Hypothesis(value: truth.dz[layer - 1], upstream: given), at: 0)
      }
    }
    if through.isEmpty { through = [Hypothesis(value: truth.dz[layer - 1])] }
    let quantity = Quantity(.preactivationGradient, layer)
    let given = context.given[quantity]
    let called = isPreactivationGradient || isCalledSo ? context.given[activationGradient] : nil
    if let own = given ?? called {
      if run.broadcast[quantity] != nil { return }
      let chosen =
        given == nil && !isCalledSo
        ? through.first
        : judge(quantity, own, truth.dz[layer - 1], through, layer: layer)
      dz[layer] = own.isFinite ? own : truth.dz[layer - 1]
      if da[layer] == nil { da[layer] = chosen?.upstream ?? through.first?.upstream }
    } else if judgeBroadcast(layer) {
      dz[layer] = truth.dz[layer - 1]
      da[layer] = da[layer] ?? truth.da[layer - 1]
    } else {
      infer(layer, among: through)
    }
    judgeParameters(layer)
  }

  /// The gradient of the examples, which no parameter shows.
  mutating func judgeInputGradient() {
    guard let own = context.given[.inputGradient], let next = dz[1] else { return }
    let skip = network.skips(from: 0).isEmpty ? nil : skipGradient(0)
    func whole(_ next: Tensor<Double>) -> Tensor<Double> {
      let part = matmul(next, context.weight(1), transposingSecond: true)
      return skip.map { part + $0 } ?? part
    }
    let right = whole(truth.dz[0])
    let noise = comparison.rounding * next.norm * context.weight(1).norm
    let error = own.relativeDistance(to: right)
    if comparison.agree(own, right, noise: noise) {
      add(.inputGradient, .pass, error, nil)
    } else if !own.isFinite {
      add(.inputGradient, .fail, .infinity, nonFinite(.inputGradient, own))
    } else if comparison.agree(own, whole(next), noise: noise) {
      add(
        .inputGradient, upstream, error, upstream == .fail ? Inherited.cause(.inputGradient) : nil)
    } else {
      add(
        .inputGradient, .fail, error,
        comparison.plainCause(of: own, right: whole(next), at: .inputGradient)
          ?? UnknownMistake.cause(.inputGradient))
    }
  }

  private func step(_ layer: Int, _ upstream: Hypothesis) -> FunctionStep {
    FunctionStep(
      context: context, layer: layer, upstream: upstream,
      mask: masked.contains(layer) ? nil : run.masks[layer])
  }

  /// The right dZ from a dA.
  func throughFunction(_ layer: Int, _ value: Tensor<Double>) -> Tensor<Double> {
    let step = step(layer, Hypothesis(value: value))
    return step.hypothesis(step.right()).value
  }

  /// Whether the array of dA holds dZ: a program that wrote dZ in place of dA has changed the array and made no mistake.
  private mutating func isOverwritten(
    _ own: Tensor<Double>, _ layer: Int, _ arriving: [Hypothesis]
  ) -> Bool {
    let quantity = Quantity(.activationGradient, layer)
    guard own.isFinite, let right = arriving.first, right.mistakes.isEmpty,
      !comparison.agree(own, right.value)
    else { return false }
    let through = throughFunction(layer, right.value)
    guard through.norm > 0, comparison.agree(own, through) else {
      return isOverwrittenWithMistake(own, layer, arriving)
    }
    if let dz = context.given[Quantity(.preactivationGradient, layer)] {
      guard comparison.agree(dz, through) else { return false }
    }
    let isRight = comparison.agree(own, truth.dz[layer - 1])
    add(
      quantity, isRight ? .pass : .fail, own.relativeDistance(to: truth.dz[layer - 1]),
      isRight ? nil : Inherited.cause(quantity))
    noteOverwritten(layer)
    return true
  }

  private mutating func noteOverwritten(_ layer: Int) {
    remarks.append(
      "dA\(layer) holds the values of dZ\(layer): the program reused the array after it had been used."
    )
  }

  /// Whether it holds the dZ that follows from a dA with one mistake.
  private mutating func isOverwrittenWithMistake(
    _ own: Tensor<Double>, _ layer: Int, _ arriving: [Hypothesis]
  ) -> Bool {
    let quantity = Quantity(.activationGradient, layer)
    guard context.given[Quantity(.preactivationGradient, layer)] == nil,
      comparison.explanation(of: own, at: quantity, among: arriving) == nil,
      let wrong = arriving.first(where: { arrival in
        arrival.mistakeCount == 1 && arrival.value.isFinite
          && comparison.agree(own, throughFunction(layer, arrival.value))
      }), let cause = cause(wrong.mistakes)
    else { return false }
    add(quantity, .fail, own.relativeDistance(to: truth.dz[layer - 1]), cause)
    noteOverwritten(layer)
    return true
  }

  /// Whether an array that is called the gradient of a layer's activation is that of its pre-activation, with a mistake: people call
  /// either so, and only as the latter a known mistake explains it.
  private mutating func isPreactivation(
    _ own: Tensor<Double>, _ layer: Int, _ arriving: [Hypothesis]
  ) -> Bool {
    let quantity = Quantity(.preactivationGradient, layer)
    guard own.isFinite, own.norm > 0, context.given[quantity] == nil, run.masks[layer] == nil,
      let right = arriving.first, right.mistakes.isEmpty, !comparison.agree(own, right.value),
      comparison.explanation(
        of: own, at: Quantity(.activationGradient, layer), among: arriving) == nil,
      comparison.explanation(
        of: own, at: quantity,
        among: step(layer, right).hypotheses().filter { $0.mistakeCount == 1 })
        != nil
    else { return false }
    remarks.append(
      "dA\(layer) was read as dZ\(layer), the gradient before the function: read so, a known mistake explains it."
    )
    return true
  }

  /// What arrives at a layer's activation by skips; `nil` if none begins there.
  func skipGradient(_ layer: Int) -> Tensor<Double>? {
    let parts = network.skips(from: layer).compactMap { end -> Tensor<Double>? in
      guard let skip = network.layers[end - 1].skip else { return nil }
      if skip.isInside { return dz[end].map { $0 * (1 / skip.branchScale) } }
      guard let gradient = da[end] else { return nil }
      return masked.contains(end) ? gradient : run.masks[end].map { gradient * $0 } ?? gradient
    }
    return parts.first.map { parts.dropFirst().reduce($0, +) }
  }

  /// Judges a gradient of an intermediate value that was given.
  @discardableResult
  mutating func judge(
    _ quantity: Quantity, _ own: Tensor<Double>, _ right: Tensor<Double>,
    _ hypotheses: [Hypothesis], layer: Int
  ) -> Hypothesis? {
    guard own.isFinite else {
      add(quantity, .fail, .infinity, nonFinite(quantity, own))
      return nil
    }
    let error = own.relativeDistance(to: right)
    // What cancels or underflows is judged by the size of what it is made from.
    let size =
      quantity == Quantity(.preactivationGradient, last)
      ? (context.a[last - 1] - context.targets).norm * network.loss.scale
      : hypotheses.first?.upstream?.norm ?? 0
    var noise = comparison.rounding * size
    if quantity.kind == .activationGradient, let next = dz[layer + 1] {
      noise = comparison.rounding * next.norm * context.weight(layer + 1).norm
    }
    if comparison.agree(own, right, noise: noise) {
      add(quantity, .pass, error, nil)
      return hypotheses.first
    }
    // dA may have passed dropout's mask already.
    var hypotheses = hypotheses
    if quantity.kind == .activationGradient, let mask = run.masks[layer] {
      if comparison.agree(own, right * mask) {
        masked.insert(layer)
        add(quantity, .pass, own.relativeDistance(to: right * mask), nil)
        return nil
      }
      // The scale without the mask that it belongs to.
      let scale = mask.scalars.max() ?? 1
      if scale != 1 {
        hypotheses += hypotheses.filter(\.mistakes.isEmpty).map {
          Hypothesis(
            value: $0.value * scale,
            mistakes: [
              Mistake(
                quantity, MaskMissing.id,
                "\(quantity) has dropout's scale but lacks its mask: units dropped in the forward pass pass nothing back."
              )
            ])
        }
      }
      hypotheses += maskedHypotheses(hypotheses, mask, quantity)
    }
    if own.norm == 0 && right.norm > 0 {
      add(quantity, .fail, error, ZeroGradient.mistake(quantity).cause)
      return nil
    }
    guard
      let found = comparison.explanation(
        of: own, at: quantity, among: hypotheses, noise: noise)
    else {
      if isKink(own, quantity, hypotheses) {
        add(quantity, .kink, error, nil)
      } else if let stale = stale(own, quantity, hypotheses) {
        add(quantity, .fail, error, stale)
      } else {
        add(quantity, .fail, error, UnknownMistake.cause(quantity))
      }
      return nil
    }
    if quantity.kind == .activationGradient, found.hypothesis.upstream != nil {
      masked.insert(layer)
    }
    if let cause = cause(found.hypothesis.mistakes, alternatives: found.alternatives) {
      add(quantity, .fail, error, cause)
    } else if found.hypothesis.mistakes.isEmpty {
      // Right by its own upstream values; where these were accepted: rounding, a step further.
      add(
        quantity, upstream, error, upstream == .fail ? Inherited.cause(quantity) : nil)
    } else {
      add(
        quantity, found.hypothesis.mistakes.contains(where: \.isKink) ? .kink : .pass, error, nil)
    }
    return found.hypothesis
  }

  /// The hypotheses after dropout's mask, and with the mask but without its scale.
  private func maskedHypotheses(
    _ hypotheses: [Hypothesis], _ mask: Tensor<Double>, _ quantity: Quantity
  ) -> [Hypothesis] {
    let kept = compare(mask, .greater, Tensor(0))
    return hypotheses.flatMap { hypothesis in
      var passed = hypothesis
      passed.value = hypothesis.value * mask
      passed.upstream = mask
      var unscaled = hypothesis
      unscaled.value = hypothesis.value * kept
      unscaled.upstream = mask
      unscaled.mistakes.append(
        Mistake(
          quantity, DropoutScaleMissing.id,
          "\(quantity) has dropout's mask but lacks its scale: divide by the probability of keeping a unit."
        ))
      return [passed, unscaled]
    }
  }

  /// Whether a gradient of pre-activations differs only at kinks, and lies between the slopes there.
  private func isKink(
    _ own: Tensor<Double>, _ quantity: Quantity, _ hypotheses: [Hypothesis]
  ) -> Bool {
    guard quantity.kind == .preactivationGradient, network.function(quantity.layer).hasKink,
      let local = hypotheses.first
    else { return false }
    let z = context.argument[quantity.layer - 1].scalars
    let upper = (local.upstream ?? own).scalars
    let (values, rights) = (own.scalars, local.value.scalars)
    let size = rights.map(Swift.abs).max() ?? 0
    return values.indices.allSatisfy { index in
      if Swift.abs(values[index] - rights[index]) <= comparison.tolerance * size { return true }
      let (low, high) = (Swift.min(0, upper[index]), Swift.max(0, upper[index]))
      return z[index] == 0 && values[index] >= low && values[index] <= high
    }
  }

  /// Whether dA was computed with weights that had been changed already; if it is not given, dZ shows it.
  private func stale(
    _ own: Tensor<Double>, _ quantity: Quantity, _ hypotheses: [Hypothesis]
  ) -> Cause? {
    let layer = quantity.layer
    let isHidden = context.given[Quantity(.activationGradient, layer)] == nil
    guard let right = hypotheses.first?.value, let next = dz[layer + 1], own.count > 1,
      quantity.kind == .activationGradient || isHidden
    else { return nil }
    let carried = WeightsStep(
      context: context, layer: layer, next: next, nextUpstream: nil, skip: skipGradient(layer))
    // The error of the next layer, and that before its function's derivative, which people forget as well.
    for error in [next, da[layer + 1]].compactMap({ $0 }) {
      guard var direction = updateDirection(layer, from: error) else { return nil }
      var base =
        error == next
        ? right : carried.whole(matmul(error, carried.weight, transposingSecond: true))
      if quantity.kind == .preactivationGradient {
        direction = throughFunction(layer, direction)
        if error != next { base = throughFunction(layer, base) }
      }
      let step = comparison.ratio(of: own - base, to: direction, noise: 1e-12 * base.norm)
      if let step { return UpdatedWeights.cause(quantity, step: step) }
    }
    return nil
  }

  /// The change in a layer's dA due to a step of the following weights along their own gradient.
  func updateDirection(_ layer: Int, from next: Tensor<Double>) -> Tensor<Double>? {
    context.given[Quantity(.weightGradient, layer + 1)].flatMap {
      $0.isFinite && $0.shape == context.weight(layer + 1).shape
        ? matmul(next, $0, transposingSecond: true) : nil
    }
  }
}
