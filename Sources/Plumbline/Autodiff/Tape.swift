/// The record of a computation: one append-only list of nodes.
///
/// Append order is topological order, so the reverse pass is one loop from the end to the start, without
/// recursion or search, at any depth. A tape belongs to one task.
///
/// ```swift
/// let tape = Tape<Double>()
/// let x = tape.variable([1, 2, 3])
/// let y = (x * x).sum()
/// let gradients = tape.gradients(of: y)
/// gradients[x]                                   // [2, 4, 6]
/// ```
public final class Tape<Scalar: TensorScalar> {
  struct Node {
    let operation: (any TensorOperation)?
    let inputs: [Int]
    let shape: Shape
    /// `nil` if it was released, or not yet requested from a tape that defers its values.
    fileprivate(set) var value: Tensor<Scalar>?
    let requiresGradient: Bool
    /// The name of a leaf; `nil` for the results of operations.
    let label: String?
    /// The position of the layer's path in `layerPaths`, or -1.
    let layer: Int
  }

  // Unchecked, since no access by the tape is in progress when another begins, and each operation makes several.
  @exclusivity(unchecked) private(set) var nodes: [Node] = []

  /// The parts whose values the reverse pass computes again, by the position of their last node.
  @exclusivity(unchecked) var recomputedParts: [Int: RecomputedPart] = [:]
  /// The nodes of those parts whose values are not kept.
  var recomputedNodes: Set<Int> = []
  /// Whether a reverse pass has released values that were kept until then.
  var hasReleasedValues = false

  /// The identity by which gradients, which may outlive the tape, recognize it.
  let identity = Identity()

  /// The paths of the layers that nodes belong to.
  private(set) var layerPaths: [String] = []
  @exclusivity(unchecked) private var openLayers: [Int] = []
  @exclusivity(unchecked) private var pausedRecordings = 0

  /// Whether every value is examined and the first non-finite one reported (see ``NonFiniteError``).
  public let checksFinite: Bool

  /// The first non-finite value, if ``checksFinite`` is set.
  public internal(set) var firstNonFinite: NonFiniteError?

  /// Whether a value, a gradient or a random key was read while the tape was recorded: then what follows may depend on it in a way
  /// that the tape does not show, and the recording cannot be replayed.
  @exclusivity(unchecked) var valueWasRead = false

  /// The training step to mention in reports.
  public let step: Int?

  /// Whether only shapes are recorded, and a value is computed only on request.
  private let defersValues: Bool

  /// An empty tape. With `checkingFinite`, the first non-finite value or gradient is noted, with
  /// its layer, operation and the ranges of the operation's inputs.
  public init(checkingFinite: Bool = false, step: Int? = nil) {
    checksFinite = checkingFinite
    self.step = step
    defersValues = false
    nodes.reserveCapacity(64)
  }

  /// An empty tape that records shapes: a value is computed only on request. A recording for a replay then costs no memory and next
  /// to no time.
  package init(deferringValues: Void) {
    checksFinite = false
    step = nil
    defersValues = true
  }

  /// The number of recorded values.
  public var count: Int { nodes.count }

  // MARK: Leaves

  /// Records a value for which gradients are wanted.
  public func variable(_ value: Tensor<Scalar>, name: String? = nil) -> Variable<Scalar> {
    append(nil, [], value.shape, value, requiresGradient: true, label: name ?? "variable")
  }

  /// Records a value to which no gradient flows: data, labels, masks.
  public func constant(_ value: Tensor<Scalar>, name: String? = nil) -> Variable<Scalar> {
    append(nil, [], value.shape, value, requiresGradient: false, label: name ?? "constant")
  }

  // MARK: Recording

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func record(_ operation: any TensorOperation, _ inputs: [Variable<Scalar>]) -> Variable<Scalar> {
    var positions: [Int] = []
    var shapes: [Shape] = []
    positions.reserveCapacity(inputs.count)
    shapes.reserveCapacity(inputs.count)
    var requiresGradient = false
    for input in inputs {
      require(
        input.tape === self,
        "operation \(operation.name) was given variables from two tapes; a tape is one computation")
      let node = nodes[input.index]
      positions.append(input.index)
      shapes.append(node.shape)
      requiresGradient = requiresGradient || node.requiresGradient
    }
    let shape = operation.shape(of: shapes)
    let value = defersValues ? nil : result(of: operation, positions.map(value(at:)), shape)
    return append(
      operation, positions, shape, value,
      requiresGradient: requiresGradient && pausedRecordings == 0,
      label: nil)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func append(
    _ operation: (any TensorOperation)?, _ inputs: [Int], _ shape: Shape, _ value: Tensor<Scalar>?,
    requiresGradient: Bool, label: String?
  ) -> Variable<Scalar> {
    // An operation outside every named layer belongs to the layer that its input came from.
    let layer = openLayers.last ?? inputs.map { nodes[$0].layer }.max() ?? -1
    nodes.append(
      Node(
        operation: operation, inputs: inputs, shape: shape, value: value,
        requiresGradient: requiresGradient, label: label, layer: layer))
    if checksFinite, firstNonFinite == nil, let value, !value.isFinite {
      firstNonFinite = nonFiniteError(at: nodes.count - 1, in: .forward)
    }
    return Variable(tape: self, index: nodes.count - 1)
  }

  /// Runs `body` so that everything it records is constant: no gradient flows through it.
  public func withoutRecording<Result>(_ body: () throws -> Result) rethrows -> Result {
    pausedRecordings += 1
    defer { pausedRecordings -= 1 }
    return try body()
  }

  // MARK: Layers

  /// Makes the paths of a network's layers known; returns the position of the first.
  func addLayerPaths(_ paths: [String]) -> Int {
    layerPaths += paths
    return layerPaths.count - paths.count
  }

  /// Everything recorded from here on belongs to the layer, until the matching ``closeLayer()``.
  func openLayer(_ layer: Int) { openLayers.append(layer) }
  func closeLayer() { openLayers.removeLast() }

  // MARK: Reading

  /// The value, computed (again) if the tape does not hold it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value(at index: Int) -> Tensor<Scalar> { nodes[index].value ?? computed(index) }

  /// The value for outside callers.
  func read(_ index: Int) -> Tensor<Scalar> {
    valueWasRead = true
    return value(at: index)
  }

  func shape(at index: Int) -> Shape { nodes[index].shape }
  func requiresGradient(at index: Int) -> Bool { nodes[index].requiresGradient }

  /// The operation's or the leaf's name.
  func title(at index: Int) -> String {
    nodes[index].operation?.name ?? nodes[index].label ?? ""
  }

  /// The path of the layer that a node belongs to; `nil` if there is none, or if it is the network itself, whose path is empty.
  func layerPath(at index: Int) -> String? {
    let layer = nodes[index].layer
    return layer < 0 || layerPaths[layer].isEmpty ? nil : layerPaths[layer]
  }

  // MARK: Values that are not kept

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func result(
    of operation: any TensorOperation, _ inputs: [Tensor<Scalar>], _ shape: Shape
  ) -> Tensor<Scalar> {
    let value = Tensor.forward(operation, inputs)
    require(
      value.shape == shape,
      "operation \(operation.name) promised shape \(shape) but computed \(value.shape)")
    return value
  }

  /// A value that the tape does not hold, from the nearest values that it holds, in the order of the tape.
  private func computed(_ index: Int) -> Tensor<Scalar> {
    var missing: Set<Int> = [index]
    var open = [index]
    while let next = open.popLast() {
      for input in nodes[next].inputs where nodes[input].value == nil {
        if missing.insert(input).inserted { open.append(input) }
      }
    }
    var values: [Int: Tensor<Scalar>] = [:]
    for position in missing.sorted() {
      let node = nodes[position]
      let inputs = node.inputs.map { nodes[$0].value ?? values[$0]! }
      let value = result(of: node.operation!, inputs, node.shape)
      if defersValues { nodes[position].value = value } else { values[position] = value }
    }
    return nodes[index].value ?? values[index]!
  }

  /// Releases the results of operations, but not leaves. A released result is recomputed on request.
  func release(_ positions: some Sequence<Int>) {
    for position in positions where nodes[position].operation != nil { nodes[position].value = nil }
  }

  /// Recomputes what an earlier reverse pass has released, except the parts whose values are never kept.
  func restoreReleasedValues() {
    guard hasReleasedValues else { return }
    hasReleasedValues = false
    for position in nodes.indices where nodes[position].value == nil {
      if !recomputedNodes.contains(position) { nodes[position].value = value(at: position) }
    }
  }
}
