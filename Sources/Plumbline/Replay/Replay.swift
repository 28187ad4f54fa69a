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
  private let workers: Workers
  private let schedule: ReplaySchedule<Scalar>?
  private var threadChoice = ThreadChoice()

  /// A replay of what `tape` holds.
  ///
  /// - Parameters:
  ///   - inputs: The leaves whose values each replay is given.
  ///   - parameters: The leaves that are parameters, in the order of `layout`.
  ///   - loss: The single number that is computed.
  ///   - gradients: Its gradient with respect to each parameter, on the same tape.
  ///   - workers: The threads that may take part.
  init(
    _ tape: Tape<Scalar>, inputs: [Int], parameters: [Int], layout: ParameterLayout, loss: Int,
    gradients: [Int], workers: Workers
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
    let calls = plan.steps.map { ReplayCall<Scalar>($0, plan, memory) }
    self.calls = calls
    self.workers = workers
    // Below some work the threads cost more than they do.
    let isLarge = plan.steps.reduce(0) { $0 + $1.multiplications } >= workers.leastWork.step
    if workers.count > 1 && isLarge {
      schedule = ReplaySchedule(
        calls,
        inputs: self.inputs.map { (.init(region: .arena, offset: $0.offset), $0.shape) },
        regionCounts: [memory.arenaCount, 0, layout.count, 0], workers: workers.count)
    } else {
      schedule = nil
    }
  }

  /// The bytes that intermediate values and inputs take.
  var arenaBytes: Int { memory.arenaCount * MemoryLayout<Scalar>.stride }

  /// The bytes that the kernel calls of one replay read and write, each operand once a call.
  var trafficBytes: Int {
    calls.reduce(0) { sum, call in
      let footprint = call.footprint
      return (footprint.reads + footprint.writes).reduce(sum) { $0 + $1.count }
    } * MemoryLayout<Scalar>.stride
  }

  /// The number of kernel calls.
  var callCount: Int { calls.count }

  /// Writes some values of an input, whole rows of it, to where the replay reads them.
  typealias InputWriter = (
    _ input: Int, _ rows: Range<Int>, _ target: UnsafeMutablePointer<Scalar>
  ) -> Void

  /// Computes loss and gradient at `parameters`, on inputs that `write` provides.
  func run(
    parameters: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>, write: InputWriter
  ) -> Scalar {
    let bases = ReplayBases(
      arena: arena.pointer, parameters: UnsafeMutablePointer(mutating: parameters),
      gradient: gradient, constants: constants.pointer)
    if schedule == nil {
      runAlone(bases, write)
    } else {
      let usesAllThreads = threadChoice.usesAllThreads()
      let time = ContinuousClock().measure {
        if usesAllThreads { runTogether(bases, write) } else { runAlone(bases, write) }
      }
      threadChoice.record(usedAllThreads: usesAllThreads, seconds: time / .seconds(1))
    }
    for copy in copies {
      (gradient + copy.target).update(from: bases[copy.source], count: copy.count)
    }
    return bases[loss].pointee
  }

  private func writeInputs(_ worker: Int, of workers: Int, _ write: InputWriter) {
    for (index, input) in inputs.enumerated() {
      let share = ReplaySchedule<Scalar>.inputShare(of: input.shape, worker, of: workers)
      if share.isEmpty { continue }
      let length = input.shape.elementCount / (input.shape.extents.first ?? 1)
      write(
        index, share.lowerBound / length..<share.upperBound / length,
        arena.pointer + input.offset + share.lowerBound)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runAlone(_ bases: ReplayBases<Scalar>, _ write: InputWriter) {
    writeInputs(0, of: 1, write)
    for index in calls.indices { calls[index].run(bases) }
  }

  private func runTogether(_ bases: ReplayBases<Scalar>, _ write: InputWriter) {
    workers.run { worker in
      self.writeInputs(worker, of: self.workers.count, write)
      self.workers.reach(1, as: worker)
      self.runParts(of: worker, bases)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runParts(of worker: Int, _ bases: ReplayBases<Scalar>) {
    let parts = schedule!.parts[worker]
    for index in parts.indices {
      if parts[index].wait > 0 { workers.wait(for: parts[index].wait, as: worker) }
      for call in parts[index].calls { call.run(bases) }
      workers.reach(index + 2, as: worker)
    }
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
