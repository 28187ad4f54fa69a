extension Tape {
  /// The reverse pass: the gradient of node `output`, weighted by `seed`, with respect to every node
  /// for which `isKept` holds; `nil` if nothing flows.
  ///
  /// Written once for both uses: on tensors it computes first derivatives and keeps nothing; on
  /// variables it records itself, which is what gives derivatives of any order.
  ///
  /// - Parameters:
  ///   - flows: Whether a gradient is wanted for or through a node.
  ///   - lift: The value or variable of a node.
  ///   - inspect: Called with every gradient that a node's pullback contributes.
  ///   - isDone: Called with a node whose value the pass no longer needs.
  ///   - mistakes: What is done wrong on purpose, by node.
  /// Complexity: O(number of nodes up to the output).
  func reversePass<T: TensorProtocol>(
    from output: Int, seed: T, flows: (Int) -> Bool, isKept: (Int) -> Bool, lift: (Int) -> T,
    inspect: (_ node: Int, _ gradient: T) -> Void, isDone: (_ node: Int) -> Void = { _ in },
    mistakes: [Int: ReverseMistake] = [:]
  ) -> [T?] where T.Scalar == Scalar {
    var gradients = [T?](repeating: nil, count: output + 1)
    gradients[output] = seed
    // The stand-ins of nodes whose values were not kept.
    var standIns: [Int: T] = [:]
    func value(_ index: Int) -> T { standIns[index] ?? lift(index) }
    for index in stride(from: output, through: 0, by: -1) {
      if let part = recomputedParts[index] { computeAgain(part, &standIns, lift: lift) }
      defer {
        if !standIns.isEmpty { standIns[index] = nil }
        isDone(index)
      }
      guard let upstream = gradients[index] else { continue }
      let node = nodes[index]
      guard let operation = node.operation, flows(index) else { continue }
      var needed: UInt64 = 0
      for (position, input) in node.inputs.prefix(64).enumerated() where flows(input) {
        needed |= 1 << UInt64(position)
      }
      var call = Call(inputs: node.inputs.map(value), output: value(index), needed: needed)
      let mistake = mistakes.isEmpty ? nil : mistakes[index]
      if let mistake { call = mistake.call(in: call, value) }
      var contributions = T.pullback(operation, upstream, call)
      if let mistake { contributions = mistake.changed(contributions, upstream) }
      require(
        contributions.count == node.inputs.count,
        "the pullback of \(operation.name) returned \(contributions.count) gradients for "
          + "\(node.inputs.count) inputs")
      for (input, contribution) in zip(node.inputs, contributions) {
        guard let contribution, flows(input) else { continue }
        require(
          contribution.shape == nodes[input].shape,
          "the pullback of \(operation.name) returned a gradient of shape \(contribution.shape) "
            + "for an input of shape \(nodes[input].shape)")
        inspect(index, contribution)
        gradients[input] = gradients[input].map { $0 + contribution } ?? contribution
      }
      if !isKept(index) { gradients[index] = nil }
    }
    return gradients
  }

  /// The gradients of `output` with respect to every leaf and every node in `keeping`, as a value.
  ///
  /// Calling it twice gives the same answer.
  ///
  /// - Parameters:
  ///   - output: What is differentiated; a node of this tape.
  ///   - seed: The weights of the output's elements; by default ones. An output with more than one element needs a seed.
  ///   - keeping: Variables between leaves and output whose gradients are also wanted.
  ///   - releasingValues: Whether the tape releases each value between leaves and output as soon as the pass is done with it.
  ///     A value that is read afterwards is recomputed.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradients(
    of output: Variable<Scalar>, seed: Tensor<Scalar>? = nil, keeping: [Variable<Scalar>] = [],
    releasingValues: Bool = false
  ) -> Gradients<Scalar> {
    valueWasRead = true
    restoreReleasedValues()
    let seed = checkedSeed(seed, for: output)
    let kept = Set(keeping.map(\.index))
    let tensors = reversePass(
      from: output.index, seed: seed, flows: { nodes[$0].requiresGradient },
      isKept: { kept.contains($0) }, lift: { value(at: $0) },
      inspect: { index, gradient in
        if checksFinite && firstNonFinite == nil && !gradient.isFinite {
          firstNonFinite = nonFiniteError(at: index, in: .reverse)
        }
      },
      isDone: { if releasingValues && $0 != output.index { release(CollectionOfOne($0)) } })
    hasReleasedValues = releasingValues
    var byIndex: [Int: Tensor<Scalar>] = [:]
    for (index, tensor) in tensors.enumerated() {
      guard let tensor, nodes[index].operation == nil || kept.contains(index) else { continue }
      byIndex[index] = tensor
    }
    return Gradients(tape: identity, tensors: byIndex)
  }

  /// The gradients as variables on the same tape, so that they can be differentiated again.
  ///
  /// If the output does not depend on an input, its gradient is a constant of zeros.
  public func gradients(
    of output: Variable<Scalar>, withRespectTo inputs: [Variable<Scalar>],
    seed: Variable<Scalar>? = nil
  ) -> [Variable<Scalar>] {
    require(
      output.tape === self && inputs.allSatisfy { $0.tape === self },
      "the output or an input belongs to another tape")
    let wanted = Set(inputs.map(\.index))
    var depends = [Bool](repeating: false, count: output.index + 1)
    for index in depends.indices {
      depends[index] =
        wanted.contains(index)
        || (nodes[index].requiresGradient && nodes[index].inputs.contains { depends[$0] })
    }
    let seed = seed ?? constant(checkedSeed(nil, for: output), name: "seed")
    require(
      seed.shape == output.shape, "a seed of shape \(seed.shape) for an output of \(output.shape)")
    let gradients = reversePass(
      from: output.index, seed: seed, flows: { depends[$0] }, isKept: { wanted.contains($0) },
      lift: { Variable(tape: self, index: $0) }, inspect: { _, _ in })
    return inputs.map { input in
      (input.index <= output.index ? gradients[input.index] : nil)
        ?? constant(.zeros(input.shape), name: "zero")
    }
  }

  private func checkedSeed(_ seed: Tensor<Scalar>?, for output: Variable<Scalar>) -> Tensor<Scalar>
  {
    require(output.tape === self, "the output belongs to another tape")
    require(
      output.shape.elementCount == 1 || seed != nil,
      "a gradient needs a single number; the output has shape \(output.shape), so give a seed of "
        + "that shape or reduce it with sum() or mean()")
    let seed = seed ?? .ones(output.shape)
    require(
      seed.shape == output.shape, "a seed of shape \(seed.shape) for an output of \(output.shape)")
    return seed
  }
}

/// The gradients of one output: a value, independent of what the tape records later.
public struct Gradients<Scalar: TensorScalar>: Sendable {
  /// The tape's identity rather than its address, which another tape may reuse.
  private let tape: Identity
  private let tensors: [Int: Tensor<Scalar>]

  init(tape: Identity, tensors: [Int: Tensor<Scalar>]) {
    self.tape = tape
    self.tensors = tensors
  }

  /// The gradient with respect to a leaf (or a kept variable): zeros if the output does not depend
  /// on it.
  public subscript(variable: Variable<Scalar>) -> Tensor<Scalar> {
    require(variable.tape.identity === tape, "these gradients belong to another tape")
    if let tensor = tensors[variable.index] { return tensor }
    require(
      variable.tape.nodes[variable.index].operation == nil,
      "the gradient of %\(variable.index) was not kept; list it in gradients(of:keeping:)")
    return .zeros(variable.shape)
  }

  /// Whether the output depends on this variable.
  public func reaches(_ variable: Variable<Scalar>) -> Bool {
    require(variable.tape.identity === tape, "these gradients belong to another tape")
    return tensors[variable.index] != nil
  }
}
