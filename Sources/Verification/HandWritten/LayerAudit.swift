import Plumbline

/// Compares one hand-written backward pass with the engine's derivative of the same forward pass.
public enum LayerAudit {
  /// The gradient of one input.
  public struct Item: Sendable {
    /// The number of the input.
    public let input: Int
    /// Right, right as far as a kink lets it be, or wrong.
    public let verdict: Verdict
    /// ‖yours - ours‖ / (‖yours‖ + ‖ours‖).
    public let relativeError: Double
    /// Why it is wrong.
    public let cause: Cause?
  }

  /// What an audit of a layer found.
  public struct Report: Sendable {
    /// One for each input.
    public let items: [Item]
    /// The worst verdict.
    public var verdict: Verdict { items.map(\.verdict).max() ?? .pass }
  }

  /// Compares both gradients for a random upstream gradient.
  ///
  /// Gradients that differ where the layer is at a kink are right if each entry lies between the slopes there.
  public static func report(
    on layer: some HandWrittenLayer, at inputs: [Tensor<Double>], key: Key = Key(seed: 0)
  ) -> Report {
    let tape = Tape<Double>()
    let variables = inputs.map { tape.variable($0) }
    let output = layer.forward(variables)
    let upstream = Tensor(output.shape, key["upstream"].normal(output.shape.elementCount))
    let value = output.value
    let gradients = tape.gradients(of: output, seed: upstream)
    let own = layer.backward(upstream, inputs: inputs, output: value)
    let examples = Double(inputs.first?.shape.extents.first ?? 1)
    let comparison = Comparison(tolerance: 1e-7, examples: examples)
    let items = inputs.indices.map { input in
      judge(
        input, input < own.count ? own[input] : nil, gradients[variables[input]], comparison)
    }
    let mayBeKink =
      items.contains { $0.verdict == .fail } && !tape.decisions.isEmpty
      && own.map(\.shape) == inputs.map(\.shape)
    guard mayBeKink else { return Report(items: items) }
    // The mounted layer knows its kinks: an entry that fails there alone is not a mistake.
    let check = GradientCheck(key: key).report(on: Mounted(layer: layer), at: inputs)
    return Report(
      items: zip(items, check.tensors).map { item, tensor in
        item.verdict == .fail && tensor.verdict == .kink
          ? Item(input: item.input, verdict: .kink, relativeError: item.relativeError, cause: nil)
          : item
      })
  }

  private struct Mounted<Written: HandWrittenLayer>: DifferentiableFunction {
    let layer: Written
    func callAsFunction<T: TensorProtocol>(_ inputs: [T]) -> T {
      T.apply(HandWrittenOperation(layer), to: inputs)
    }
  }

  private static func judge(
    _ input: Int, _ own: Tensor<Double>?, _ right: Tensor<Double>, _ comparison: Comparison
  ) -> Item {
    func fail(_ id: CauseID, _ error: Double, factor: Double? = nil, _ explanation: String) -> Item
    {
      Item(
        input: input, verdict: .fail, relativeError: error,
        cause: Cause(id: id, factor: factor, explanation: explanation))
    }
    let name = "the gradient of input \(input)"
    guard let own else { return fail(.zeroGradient, 1, "\(name) is not returned.") }
    guard own.isFinite else {
      return fail(.nonFinite, .infinity, "\(name) holds non-finite values.")
    }
    guard own.shape == right.shape else {
      if own.shape.rank == 2, own.shape == Shape(right.shape.extents.reversed()),
        comparison.agree(own.transposed(), right)
      {
        return fail(.transposed, 1, "\(name) is the transpose of what it should be.")
      }
      let isBias = right.shape.rank == 1 && own.count > right.count
      return fail(
        isBias ? .biasNotSummed : .unknown, 1,
        "\(name) has shape \(own.shape), but the input has \(right.shape)"
          + (isBias ? ": sum over the axes along which it was broadcast." : "."))
    }
    let error = own.relativeDistance(to: right)
    if comparison.agree(own, right) {
      return Item(input: input, verdict: .pass, relativeError: error, cause: nil)
    }
    if own.norm == 0 { return fail(.zeroGradient, error, "\(name) is zero.") }
    if let ratio = comparison.factor(of: own, to: right) {
      let known = comparison.mistakes(ratio: ratio, at: Quantity(.weightGradient, 1))
      let id = known.first?.cause?.id ?? .constantFactor
      return fail(
        id, error, factor: ratio, "\(name) is \(ratio.text) times what it should be.")
    }
    if own.shape.rank == 2, own.shape[0] == own.shape[1], comparison.agree(own.transposed(), right)
    {
      return fail(.transposed, error, "\(name) is the transpose of what it should be.")
    }
    return fail(.unknown, error, "\(name) is wrong in a way that no known mistake explains.")
  }
}
