import Plumbline

extension Audit {
  /// The audit of the gradients without a penalty that they include and the cost does not, where something else is wrong besides: what
  /// people print is often the cost of the data alone. `nil` where this explains no more.
  func withoutPenaltyOfGradients() -> Audit? {
    let wrong = items.values.filter { $0.verdict == .fail }
    let extra = wrong.filter { $0.cause?.id == ExtraRegularization.id }
    guard run.cost != nil, network.penalty.isNone, last > 1,
      let factor = extra.first?.cause?.factor,
      factor > 0, extra.allSatisfy({ comparison.isSame($0.cause?.factor ?? 0, factor) }),
      wrong.count > extra.count, wrong.contains(where: { $0.cause?.id == .unknown })
    else { return nil }
    var plain = run
    for layer in 1...last {
      let quantity = Quantity(.weightGradient, layer)
      plain.quantities[quantity] = run.quantities[quantity].map {
        $0 - run.parameters.weights[layer - 1] * factor
      }
    }
    var audit = Audit(plain, network, derivatives: truth)
    audit.judge()
    let left = audit.items.values.filter { $0.verdict == .fail }
    guard !left.isEmpty, !left.contains(where: { $0.cause?.id == .unknown }) else { return nil }
    audit.remarks.append(
      "The gradients of the weights include the penalty's \(factor.text) W, which the cost does not include: they were judged without it. If you do "
        + "not train with this penalty, remove it (\(ExtraRegularization.id))."
    )
    return audit
  }
}
