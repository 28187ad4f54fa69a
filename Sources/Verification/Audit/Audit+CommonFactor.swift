import Plumbline

extension Audit {
  /// Where every gradient of a parameter is the same multiple of what it should be, in several layers: they were scaled together at the
  /// end, as by a norm that is clipped, and what was computed before is right.
  mutating func judgeByCommonFactor() {
    let given = network.parameterGradients.compactMap { quantity in
      run.quantities[quantity].map { (quantity: quantity, own: $0) }
    }
    guard last > 1, given.count > 2, network.ties.isEmpty, run.transposed.isEmpty,
      given.count == network.parameterGradients.count,
      let first = given.first,
      let ratio = comparison.ratio(of: first.own, to: right(first.quantity)),
      ratio > 0, !comparison.isSame(ratio, 1), !comparison.hasMeaning(ratio),
      given.allSatisfy({ comparison.agree($0.own, right($0.quantity) * ratio) })
    else { return }
    for (quantity, item) in items where !quantity.kind.isForward && !quantity.kind.isParameter {
      if item.relativeError == nil { items[quantity] = nil }
      // What is called dA may be dZ, where the derivative was multiplied in place.
      if item.verdict == .fail, (1...last).contains(quantity.layer),
        let own = context.given[quantity],
        comparison.agree(own, truth.dz[quantity.layer - 1])
      {
        add(quantity, .pass, 0, nil)
      }
    }
    for (quantity, own) in given {
      add(
        quantity, .fail, own.relativeDistance(to: right(quantity)),
        Cause(
          id: ConstantFactor.id, factor: ratio,
          explanation:
            "\(quantity) is \(ratio.text) times what it should be, and so is every other gradient of a parameter: "
            + (comparison.words(ofFactor: ratio).map { "\($0)." }
              ?? "they were scaled together, as by a clipped norm or a learning rate\(sum(of: ratio)). Save them before that.")
        ))
    }
  }

  /// That they may be a sum over equal parts of the batch, in words; empty if so many parts are not equal.
  private func sum(of ratio: Double) -> String {
    let (parts, m) = (ratio.rounded(), run.inputs.shape[0])
    guard parts > 1, comparison.isSame(ratio, parts), Double(m) > parts,
      m.isMultiple(of: Int(parts))
    else { return "" }
    return
      ", or they are the sum over \(Int(parts)) mini-batches, each averaged: divide it by \(Int(parts))"
  }
}
