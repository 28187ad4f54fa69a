import Plumbline

extension Audit {
  /// Where every gradient of a parameter that is wrong is the same function of what it should be, value by value: then the backward pass is
  /// right, and what was saved is not its result.
  mutating func judgeByChangeAfterwards() {
    let given = network.parameterGradients.compactMap { quantity in
      run.quantities[quantity].map { (quantity: quantity, own: $0, right: right(quantity)) }
    }
    guard given.count > 1, given.count == network.parameterGradients.count,
      run.transposed.isEmpty, network.ties.isEmpty,
      given.allSatisfy({ $0.own.isFinite && $0.own.shape == $0.right.shape }),
      items.values.contains(where: { $0.verdict == .fail && $0.cause?.id == .unknown })
    else { return }
    let wrong = given.filter { !comparison.agree($0.own, $0.right) }
    guard
      let change = ChangedAfterwards.Change(
        wrong.flatMap(\.own.scalars), wrong.flatMap(\.right.scalars),
        tolerance: comparison.tolerance)
    else { return }
    for (quantity, item) in items where item.relativeError == nil { items[quantity] = nil }
    for (quantity, own, right) in wrong {
      add(
        quantity, .fail, own.relativeDistance(to: right),
        ChangedAfterwards.cause(change, quantity))
    }
  }
}
