/// A training step that was recorded once: the loss and the gradient of every parameter as kernel calls on
/// memory assigned beforehand. A replay allocates nothing, counts no references, and gives the eager tape's
/// numbers bit for bit.
///
/// A replay belongs to one task, like a tape.
final class Replay<Scalar: TensorScalar> {
  private let plan: ReplayPlan
  private let memory: ReplayMemory
  private let arena: Storage<Scalar>
  private let constants: Storage<Scalar>
  private let inputs: [(offset: Int, shape: Shape)]
  private let loss: ReplayMemory.Address
  /// Gradients that did not end up in place: where from, where to, how many values.
  private let copies: [(source: ReplayMemory.Address, target: Int, count: Int)]
  private var calls: [ReplayCall<Scalar>] = []

  /// A replay of what `tape` holds.
  ///
  /// - Parameters:
  ///   - inputs: The leaves whose values each replay is given.
  ///   - parameters: The leaves that are parameters, in the order of `layout`.
  ///   - loss: The single number that is computed.
  ///   - gradients: Its gradient with respect to each parameter, on the same tape.
  init(
    _ tape: Tape<Scalar>, inputs: [Int], parameters: [Int], layout: ParameterLayout, loss: Int,
    gradients: [Int]
  ) {
    let nodes = tape.nodes
    let plan = ReplayPlan(of: tape, results: [loss] + gradients)
    var fixed: [Int: ReplayMemory.Address] = [:]
    for (node, entry) in zip(parameters, layout.entries) {
      fixed[node] = .init(region: .parameters, offset: entry.offset)
    }
    // Every other leaf is a constant of the recording.
    var constantCount = 0
    var constantNodes: [Int] = []
    let variable = Set(inputs).union(parameters)
    for index in nodes.indices where nodes[index].operation == nil && !variable.contains(index) {
      fixed[index] = .init(region: .constants, offset: constantCount)
      constantCount += nodes[index].shape.elementCount
      constantNodes.append(index)
    }
    // A gradient that is computed once, whole, and for one parameter, is computed in its place.
    let computed = Set(plan.steps.flatMap(\.outputs))
    var copies: [(node: Int, target: Int, count: Int)] = []
    for (gradient, entry) in zip(gradients, layout.entries) {
      let place = plan.places[gradient]
      let count = entry.shape.elementCount
      if computed.contains(place.root), place.offset == 0, plan.counts[place.root] == count,
        fixed[place.root] == nil, place.root != plan.places[loss].root
      {
        fixed[place.root] = .init(region: .gradient, offset: entry.offset)
      } else {
        copies.append((gradient, entry.offset, count))
      }
    }
    let memory = ReplayMemory(plan, fixed: fixed, inputs: inputs, results: [loss] + gradients)
    self.plan = plan
    self.memory = memory
    self.inputs = inputs.map { (memory.address(plan.places[$0]).offset, nodes[$0].shape) }
    self.loss = memory.address(plan.places[loss])
    self.copies = copies.map { (memory.address(plan.places[$0.node]), $0.target, $0.count) }
    arena = Storage(count: memory.arenaCount)
    constants = Storage(count: constantCount)
    for node in constantNodes {
      let target = constants.pointer + memory.address(ReplayPlace(root: node)).offset
      let value = tape.value(at: node)
      value.withValues { target.update(from: $0, count: value.count) }
    }
    calls = plan.steps.map { ReplayCall($0, plan, memory) }
  }

  /// The bytes that intermediate values and inputs take.
  var arenaBytes: Int { memory.arenaCount * MemoryLayout<Scalar>.stride }

  /// The number of kernel calls.
  var callCount: Int { calls.count }

  /// The shapes of the inputs.
  var inputShapes: [Shape] { inputs.map(\.shape) }

  /// Where the values of an input are written before a replay.
  func input(_ index: Int) -> UnsafeMutablePointer<Scalar> { arena.pointer + inputs[index].offset }

  /// Computes loss and gradient at `parameters`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run(
    parameters: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>
  ) -> Scalar {
    let bases = ReplayBases(
      arena: arena.pointer, parameters: UnsafeMutablePointer(mutating: parameters),
      gradient: gradient, constants: constants.pointer)
    for index in calls.indices { calls[index].run(bases) }
    for copy in copies {
      (gradient + copy.target).update(from: bases[copy.source], count: copy.count)
    }
    return bases[loss].pointee
  }
}

/// The memory regions of one replay.
struct ReplayBases<Scalar: TensorScalar> {
  let arena: UnsafeMutablePointer<Scalar>
  /// Only read from.
  let parameters: UnsafeMutablePointer<Scalar>
  let gradient: UnsafeMutablePointer<Scalar>
  let constants: UnsafeMutablePointer<Scalar>

  @inline(__always)
  subscript(address: ReplayMemory.Address) -> UnsafeMutablePointer<Scalar> {
    switch address.region {
    case .arena: arena + address.offset
    case .parameters: parameters + address.offset
    case .gradient: gradient + address.offset
    case .constants: constants + address.offset
    }
  }
}
