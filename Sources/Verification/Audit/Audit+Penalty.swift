import Plumbline

extension Audit {
  /// A penalty that is missing or too much and so weak that the gradient agrees without it: what is left over is a multiple of the parameter,
  /// which rounding never is.
  func smallPenalty(
    _ own: Tensor<Double>, _ right: Tensor<Double>, _ quantity: Quantity, noise: Double
  ) -> Mistake? {
    let layer = quantity.layer
    let isWeight = quantity.kind == .weightGradient
    let parameter = isWeight ? context.weight(layer) : context.bias(layer)
    let rest = own - right
    // The noise is that of the sums; a thousand times of it is none.
    guard run.cost != nil, comparison.tolerance <= 1e-5, own.count > 3,
      rest.norm > max(1e3 * noise, 1e-10 * right.norm)
    else { return nil }
    let size = parameter.dot(parameter)
    guard size > 0 else { return nil }
    let ratio = rest.dot(parameter) / size
    guard (rest - parameter * ratio).norm <= 1e-3 * rest.norm else { return nil }
    let penalty = network.penalty
    guard isWeight else {
      return penalty.counts(layer) && penalty.countsBiases
        ? MissingRegularization.mistake(quantity, ": the cost penalizes biases as well")
        : RegularizedBias.mistake(layer, ratio)
    }
    let expected = penalty.counts(layer) ? 2 * penalty.squares : 0
    let found = abs(expected + ratio) < 1e-3 * abs(expected) ? 0 : expected + ratio
    return abs(found) < abs(expected)
      ? MissingRegularization.mistake(quantity, found: found, expected: expected, "W")
      : ExtraRegularization.mistake(quantity, found: found, expected: expected, "W")
  }

  /// The audit of the gradients without a penalty that they include and the cost does not, where something else is wrong besides: what
  /// people print is often the cost of the data alone. `nil` where this explains no more.
  func withoutPenaltyOfGradients() -> Audit? {
    let wrong = items.values.filter { $0.verdict == .fail }.sorted { $0.quantity < $1.quantity }
    let extra = wrong.filter { $0.cause?.id == ExtraRegularization.id }
    guard run.cost != nil, network.penalty.isNone, last > 1,
      let factor = extra.first?.cause?.factor,
      factor > 0, extra.allSatisfy({ comparison.isSame($0.cause?.factor ?? 0, factor) }),
      wrong.contains(where: { ![ExtraRegularization.id, Inherited.id].contains($0.cause?.id) })
    else { return nil }
    var plain = run
    for layer in 1...last {
      let quantity = Quantity(.weightGradient, layer)
      guard let own = run.quantities[quantity], own.isFinite else { continue }
      let rest = own - run.parameters.weights[layer - 1] * factor
      // A penalty that is in one of them only is a mistake there.
      guard rest.relativeDistance(to: right(quantity)) < own.relativeDistance(to: right(quantity))
      else { return nil }
      plain.quantities[quantity] = rest
    }
    var audit = Audit(plain, network, derivatives: truth)
    audit.judge()
    let left = audit.items.values.filter { $0.verdict == .fail }
    guard !left.isEmpty, left.count(where: { $0.relativeError != nil }) < wrong.count else {
      return nil
    }
    audit.remarks.append(
      "The gradients of the weights include the penalty's \(factor.text) W, which the cost does not include: they were judged without it. If you do "
        + "not train with this penalty, remove it (\(ExtraRegularization.id))."
    )
    return audit
  }
}
