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
    let operation: (any Operation)?
    let inputs: [Int]
    let value: Tensor<Scalar>
    let requiresGradient: Bool
    /// What a leaf is called; `nil` for the results of operations.
    let label: String?
    /// The place of the layer's path in `layerPaths`, or -1.
    let layer: Int
  }

  private(set) var nodes: [Node] = []

  /// What gradients, which may outlive the tape, know it by.
  let identity = Identity()

  /// The paths of the layers that nodes belong to.
  private(set) var layerPaths: [String] = []
  private var openLayers: [Int] = []
  private var pausedRecordings = 0

  /// Whether every value is examined and the first that is not finite reported (see ``NonFiniteError``).
  public let checksFinite: Bool

  /// The first value that was not finite, where ``checksFinite`` is set.
  public internal(set) var firstNonFinite: NonFiniteError?

  /// Whether a value, a gradient or a random key was read while the tape was recorded: then what follows may depend on it in a way that
  /// the tape does not show, and the recording cannot be replayed.
  var valueWasRead = false

  /// The training step to name in reports.
  public let step: Int?

  /// An empty tape. With `checkingFinite`, the first value or gradient that is not finite is noted, with
  /// its layer, operation and the ranges of the operation's inputs.
  public init(checkingFinite: Bool = false, step: Int? = nil) {
    checksFinite = checkingFinite
    self.step = step
  }

  /// The number of recorded values.
  public var count: Int { nodes.count }

  // MARK: Leaves

  /// Records a value that gradients are wanted for.
  public func variable(_ value: Tensor<Scalar>, name: String? = nil) -> Variable<Scalar> {
    append(nil, [], value, requiresGradient: true, label: name ?? "variable")
  }

  /// Records a value that no gradient flows to: data, labels, masks.
  public func constant(_ value: Tensor<Scalar>, name: String? = nil) -> Variable<Scalar> {
    append(nil, [], value, requiresGradient: false, label: name ?? "constant")
  }

  // MARK: Recording

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func record(_ operation: any Operation, _ inputs: [Variable<Scalar>]) -> Variable<Scalar> {
    var places: [Int] = []
    var values: [Tensor<Scalar>] = []
    var shapes: [Shape] = []
    places.reserveCapacity(inputs.count)
    values.reserveCapacity(inputs.count)
    shapes.reserveCapacity(inputs.count)
    var requiresGradient = false
    for input in inputs {
      require(
        input.tape === self,
        "operation \(operation.name) was given variables of two tapes; a tape is one computation")
      let node = nodes[input.index]
      places.append(input.index)
      values.append(node.value)
      shapes.append(node.value.shape)
      requiresGradient = requiresGradient || node.requiresGradient
    }
    let shape = operation.shape(of: shapes)
    let value = Scalar.forward(operation, values)
    require(
      value.shape == shape,
      "operation \(operation.name) promised shape \(shape) and computed \(value.shape)")
    return append(
      operation, places, value, requiresGradient: requiresGradient && pausedRecordings == 0,
      label: nil)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func append(
    _ operation: (any Operation)?, _ inputs: [Int], _ value: Tensor<Scalar>, requiresGradient: Bool,
    label: String?
  ) -> Variable<Scalar> {
    // An operation outside every named layer belongs to the layer that its input came from.
    let layer = openLayers.last ?? inputs.map { nodes[$0].layer }.max() ?? -1
    nodes.append(
      Node(
        operation: operation, inputs: inputs, value: value, requiresGradient: requiresGradient,
        label: label, layer: layer))
    if checksFinite && firstNonFinite == nil && !value.isFinite {
      firstNonFinite = nonFiniteError(at: nodes.count - 1, in: .forward)
    }
    return Variable(tape: self, index: nodes.count - 1)
  }

  /// Runs `body` so that what it records is constant: no gradient flows through it.
  public func withoutRecording<Result>(_ body: () throws -> Result) rethrows -> Result {
    pausedRecordings += 1
    defer { pausedRecordings -= 1 }
    return try body()
  }

  /// Drops everything recorded at or after place `count`. Variables that stand there become invalid.
  func truncate(to count: Int) { nodes.removeLast(nodes.count - count) }

  // MARK: Layers

  /// Makes the paths of a network's layers known; returns the place of the first.
  func addLayerPaths(_ paths: [String]) -> Int {
    layerPaths += paths
    return layerPaths.count - paths.count
  }

  /// What is recorded from here on belongs to the layer, until the matching ``closeLayer()``.
  func openLayer(_ layer: Int) { openLayers.append(layer) }
  func closeLayer() { openLayers.removeLast() }

  // MARK: Reading

  func value(at index: Int) -> Tensor<Scalar> { nodes[index].value }

  /// The value for whoever is outside.
  func read(_ index: Int) -> Tensor<Scalar> {
    valueWasRead = true
    return nodes[index].value
  }

  func shape(at index: Int) -> Shape { nodes[index].value.shape }
  func requiresGradient(at index: Int) -> Bool { nodes[index].requiresGradient }

  /// The operation's or the leaf's name.
  func title(at index: Int) -> String {
    nodes[index].operation?.name ?? nodes[index].label ?? ""
  }

  /// The path of the layer that a node belongs to; `nil` where there is none, or where it is the network
  /// itself, whose path is empty.
  func layerPath(at index: Int) -> String? {
    let layer = nodes[index].layer
    return layer < 0 || layerPaths[layer].isEmpty ? nil : layerPaths[layer]
  }
}
