/// What a reverse pass does wrong at one operation: to see which gradients a mistake in a hand-written one gives.
package enum ReverseMistake: Sendable, Hashable {
  /// Nothing goes back to the input at this position.
  case omitted(input: Int)
  /// What comes back goes on to the input at this position as it is, where it has the input's shape.
  case passedOn(input: Int)
  /// What goes back to the input at this position is multiplied by a number.
  case multiplied(input: Int, by: Double)
  /// The gradients are computed with the value of another node in place of the input at this position.
  case reading(node: Int, inPlaceOf: Int)
  /// The gradients are computed with the value of another node in place of the output.
  case readingAsOutput(node: Int)

  /// The call that the pullback sees.
  func call<T: TensorProtocol>(in call: Call<T>, _ value: (Int) -> T) -> Call<T> {
    switch self {
    case .reading(let node, let input):
      var inputs = call.inputs
      inputs[input] = value(node)
      return call.replacing(inputs: inputs, output: call.output)
    case .readingAsOutput(let node):
      return call.replacing(inputs: call.inputs, output: value(node))
    case .omitted, .passedOn, .multiplied: return call
    }
  }

  /// The gradients that go on to the inputs.
  func changed<T: TensorProtocol>(_ gradients: [T?], _ upstream: T) -> [T?] {
    var changed = gradients
    switch self {
    case .omitted(let input): changed[input] = nil
    case .passedOn(let input):
      if gradients[input]?.shape == upstream.shape { changed[input] = upstream }
    case .multiplied(let input, let factor):
      changed[input] = gradients[input].map { $0 * factor }
    case .reading, .readingAsOutput: break
    }
    return changed
  }
}

extension Tape {
  /// The gradients of `output` with respect to every leaf, with these mistakes in the reverse pass, by node.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func gradients(
    of output: Variable<Scalar>, with mistakes: [Int: ReverseMistake]
  ) -> Gradients<Scalar> {
    valueWasRead = true
    restoreReleasedValues()
    let tensors = reversePass(
      from: output.index, seed: Tensor<Scalar>.ones(output.shape),
      flows: { nodes[$0].requiresGradient }, isKept: { _ in false }, lift: { value(at: $0) },
      inspect: { _, _ in }, mistakes: mistakes)
    var leaves: [Int: Tensor<Scalar>] = [:]
    for (index, tensor) in tensors.enumerated() where nodes[index].operation == nil {
      leaves[index] = tensor
    }
    return Gradients(tape: identity, tensors: leaves)
  }
}
