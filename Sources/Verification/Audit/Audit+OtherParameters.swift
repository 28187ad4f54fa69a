import Plumbline

extension Audit {
  /// Where a gradient of a parameter that nothing explains is right for the parameter of another layer: the two were exchanged, or computed
  /// from the other layer's error.
  mutating func judgeByOtherParameters() {
    for (quantity, item) in items where item.verdict == .fail && quantity.kind.isParameter {
      guard let cause = item.cause,
        [.unknown, .inherited, .constantFactor].contains(cause.id),
        let own = context.given[quantity],
        own.count > 1, own.norm > 0
      else { continue }
      let other = network.parameterGradients.first { other in
        other.kind == quantity.kind && other.layer != quantity.layer
          && comparison.agree(own, right(other))
      }
      guard let other else { continue }
      let parameter = "\(quantity)".dropFirst()
      add(
        quantity, .fail, item.relativeError,
        Cause(
          id: WrongLayerInput.id,
          explanation:
            "\(quantity) holds the gradient of \("\(other)".dropFirst()), not that of \(parameter): it was computed from the values of layer \(other.layer), or "
            + "the two were exchanged."))
      // What was inferred from it falls with it.
      for (inferred, item) in items
      where inferred.layer == quantity.layer && item.relativeError == nil {
        items[inferred] = nil
      }
    }
  }
}
