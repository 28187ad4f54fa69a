import Plumbline

extension Audit {
  mutating func judgeForward() {
    for layer in 1...last {
      let quantity = Quantity(.preactivation, layer)
      if let own = run.quantities[quantity] {
        let local = matmul(context.entering(layer), context.weight(layer)) + context.bias(layer)
        judgeForward(quantity, own, truth.z[layer - 1], local: local)
      }
      let output = Quantity(.activation, layer)
      guard let own = run.quantities[output] else { continue }
      let description = network.layers[layer - 1]
      let local = ProgramPass.activation(
        of: description, context.z[layer - 1], scale: run.parameters.scales[layer],
        shift: run.parameters.shifts[layer],
        skipped: description.skip.map { context.entering($0.source + 1) }, mask: run.masks[layer]
      ).activation
      judgeForward(output, own, truth.a[layer - 1], local: local)
    }
    // A wrong forward pass does not excuse the gradients, which are judged by the values that it left.
    upstream = .pass
    isUpstreamUnknown = false
  }

  mutating func judgeForward(
    _ quantity: Quantity, _ own: Tensor<Double>, _ right: Tensor<Double>, local: Tensor<Double>
  ) {
    guard own.isFinite else { return add(quantity, .fail, .infinity, nonFinite(quantity, own)) }
    let error = own.relativeDistance(to: right)
    if comparison.agree(own, right) { return add(quantity, .pass, error, nil) }
    if comparison.agree(own, local) {
      return add(quantity, .fail, error, Inherited.cause(quantity))
    }
    var explained = UnknownMistake.cause(quantity)
    explained.explanation =
      isSoftmaxOverExamples(quantity)
      ? "\(quantity) is a softmax over the examples: its sum must run over the units of each example."
      : "\(quantity) of the forward pass does not follow from the values before it"
        + (quantity.kind == .activation
          ? ": no known function of Z\(quantity.layer) gives it."
          : ": check what it is multiplied by, and that X and the parameters were saved in the same step.")
    add(quantity, .fail, error, explained)
  }

  /// Whether an activation is the softmax along the other axis: a known mistake, and not an operation that is not known.
  func isSoftmaxOverExamples(_ quantity: Quantity) -> Bool {
    guard quantity.kind == .activation, network.function(quantity.layer) == .softmax,
      let own = run.quantities[quantity]
    else { return false }
    return comparison.agree(
      own, softmax(context.z[quantity.layer - 1].transposed()).transposed())
  }
}
