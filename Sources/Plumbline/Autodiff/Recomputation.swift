// Values that are computed again in the reverse pass instead of being kept until then. A part of the tape is marked when it is
// recorded, and its values are released at once; when the reverse pass reaches the part's end, it computes them again as stand-ins,
// uses those, and releases them at the part's start. Written over `TensorProtocol` like the reverse pass itself: on tensors it
// computes, on variables it records, and in a replay the same memory serves every part.

/// A part of a tape whose values are not kept.
enum RecomputedPart {
  /// Computed again from the values before it. The last node is the result and is kept.
  case checkpoint(Range<Int>)
  /// sum = base + branch, where the branch does not depend on the base: from the sum, base = sum - branch.
  case coupling(branch: Range<Int>, output: Int, sum: Int, base: Int, isBaseKept: Bool)

  /// All nodes of the part.
  var nodes: Range<Int> {
    switch self {
    case .checkpoint(let nodes): nodes
    case .coupling(let branch, _, let sum, _, _): branch.lowerBound..<sum + 1
    }
  }
}

/// `body(input)`, whose intermediate values are not kept for the reverse pass but recomputed in it: memory
/// for time.
///
/// A chain of n equal steps in √n checkpointed segments keeps √n values between the segments and √n inside
/// the one that the reverse pass is in. It costs at most one more evaluation of each segment; first derivatives
/// are bit-identical, higher ones equal to rounding. Source: Chen et al., arXiv:1604.06174; Griewank and Walther, TOMS 26 (2000). A
/// segment inside a segment saves nothing more.
///
/// ```swift
/// let y = checkpointed(x) { h in blocks.reduce(h) { $1($0, pass) } }
/// ```
public func checkpointed<T: TensorProtocol>(_ input: T, _ body: (T) -> T) -> T {
  T.checkpointed(input, body)
}

/// Reversible residual coupling: the pair (x₁, x₂) is updated by x₁ ← x₁ + f₁(x₂), x₂ ← x₂ + f₂(x₁),
/// x₁ ← x₁ + f₃(x₂), ... for each branch in turn, and no intermediate value is kept: the reverse pass computes
/// each from the one after it, by subtraction.
///
/// Memory does not grow with the number of branches. It costs one more evaluation of each branch; the gradients
/// differ from those with kept values by the rounding error of (x + f) - f. Source: Gomez et al.,
/// arXiv:1707.04585.
public func reversible<T: TensorProtocol>(
  _ first: T, _ second: T, branches: [(T) -> T]
) -> (T, T) {
  T.reversible(first, second, branches: branches)
}

extension TensorProtocol {
  /// Without a tape nothing is kept in any case.
  public static func checkpointed(_ input: Self, _ body: (Self) -> Self) -> Self { body(input) }

  /// Without a tape nothing is kept in any case.
  public static func reversible(
    _ first: Self, _ second: Self, branches: [(Self) -> Self]
  ) -> (Self, Self) {
    var pair = (first, second)
    for branch in branches { pair = (pair.1, pair.0 + branch(pair.1)) }
    return branches.count.isMultiple(of: 2) ? pair : (pair.1, pair.0)
  }
}

extension Variable {
  /// Recorded as a part whose values are computed again.
  public static func checkpointed(_ input: Variable, _ body: (Variable) -> Variable) -> Variable {
    let tape = input.tape
    let start = tape.count
    let output = body(input)
    require(output.tape === tape, "a checkpointed segment returned a variable of another tape")
    guard output.index >= start else { return output }
    tape.keepOnly(output.index, of: .checkpoint(start..<tape.count))
    return output
  }

  /// Recorded as couplings whose values are computed again.
  public static func reversible(
    _ first: Variable, _ second: Variable, branches: [(Variable) -> Variable]
  ) -> (Variable, Variable) {
    let tape = first.tape
    let chainStart = tape.count
    // The stream to which the next branch is added, and the other one.
    var (base, other) = (first, second)
    for branch in branches {
      let start = tape.count
      let change = branch(other)
      require(
        change.shape == base.shape,
        "a reversible branch is added to a value of shape \(base.shape) but gave \(change.shape)")
      // A branch that returns an existing value has no nodes of its own.
      let output = change.index >= start ? change : change.reshaped(to: change.shape)
      let sum = base + output
      tape.keepOnly(
        sum.index,
        of: .coupling(
          branch: start..<sum.index, output: output.index, sum: sum.index, base: base.index,
          isBaseKept: base.index < chainStart))
      if base.index >= chainStart { tape.forget(base.index) }
      (base, other) = (other, sum)
    }
    return branches.count.isMultiple(of: 2) ? (base, other) : (other, base)
  }
}

extension Tape {
  /// Marks a part that was just recorded and releases its values except one.
  fileprivate func keepOnly(_ kept: Int, of part: RecomputedPart) {
    recomputedParts[count - 1] = part
    for position in part.nodes where position != kept { forget(position) }
  }

  fileprivate func forget(_ position: Int) {
    recomputedNodes.insert(position)
    release(CollectionOfOne(position))
  }

  /// Adds stand-ins for the values of a part.
  func computeAgain<T: TensorProtocol>(
    _ part: RecomputedPart, _ standIns: inout [Int: T], lift: (Int) -> T
  ) {
    func value(_ position: Int) -> T { standIns[position] ?? lift(position) }
    func compute(_ position: Int) {
      guard let operation = nodes[position].operation, recomputedNodes.contains(position),
        standIns[position] == nil
      else { return }
      let result = T.apply(operation, to: nodes[position].inputs.map(value))
      // A value that was recorded as a constant stays one.
      let isConstant = !nodes[position].requiresGradient
      standIns[position] = isConstant ? T.apply(Detach(), to: [result]) : result
    }
    switch part {
    case .checkpoint(let nodes):
      for position in nodes { compute(position) }
    case .coupling(let branch, let output, let sum, let base, let isBaseKept):
      for position in branch { compute(position) }
      if !isBaseKept, standIns[base] == nil { standIns[base] = value(sum) - value(output) }
    }
  }
}
