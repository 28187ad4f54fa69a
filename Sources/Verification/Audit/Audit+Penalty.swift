import Plumbline

extension Audit {
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
