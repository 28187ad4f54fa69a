/// A training step that was recorded once: the loss and the gradient of every parameter as kernel calls on
/// memory assigned beforehand. A replay allocates nothing, counts no references, and gives the eager tape's
/// numbers bit for bit.
///
/// A replay belongs to one task, like a tape.
final class Replay<Scalar: TensorScalar> {
  private let memory: ReplayMemory
  private let arena: Storage<Scalar>
  private let constants: Storage<Scalar>
  /// The scratch memory of calls while they run, for each worker.
  private let workerMemory: [Storage<Scalar>]
  /// The computations on tensors that calls refer to, and how random tensors are made, both by number.
  private let computations: [TensorComputation]
  private let drawnValues: [RandomValues<Scalar>]
  private let inputs: [(offset: Int, shape: Shape)]
  /// The layers that draw random numbers, and the bits of their keys in the current replay.
  private let drawingLayers: [String]
  private let keys: Storage<UInt64>
  private let loss: ReplayMemory.Address
  /// Results that are computed elsewhere: source, target and number of values.
  private let copies: [(source: ReplayMemory.Address, target: ReplayMemory.Address, count: Int)]
  private var calls: [ReplayCall] = []
  private let workers: Workers
  private let schedule: ReplaySchedule?
  private var threadChoice = ThreadChoice()

  /// A replay of what was recorded, which `workers` may carry out together.
  init(_ recording: ReplayRecording<Scalar>, layout: ParameterLayout, workers: Workers) {
    let nodes = recording.tape.nodes
    let results = recording.results(layout)
    let resultNodes = [recording.loss] + results.map(\.node)
    let plan = ReplayPlan(of: recording.tape, draws: recording.draws, results: resultNodes)
    var fixed = recording.addresses(layout)
    // Every other leaf is a constant of the recording.
    var constantCount = 0
    var constantNodes: [Int] = []
    let variable = Set(recording.inputs + recording.draws.map(\.constant.index))
    for index in nodes.indices
    where nodes[index].operation == nil && fixed[index] == nil && !variable.contains(index) {
      fixed[index] = .init(region: .constants, offset: constantCount)
      constantCount += nodes[index].shape.elementCount
      constantNodes.append(index)
    }
    // A result that is computed once, as a whole, and for one target, is computed in that target.
    let computed = Set(plan.calls.flatMap { $0.writes.map(\.root) })
    var copies: [ReplayRecording<Scalar>.Result] = []
    for result in results {
      let value = plan.values[result.node]
      if computed.contains(value.root), value.offset == 0,
        plan.counts[value.root] == result.count, fixed[value.root] == nil,
        value.root != plan.values[recording.loss].root
      {
        fixed[value.root] = result.target
      } else {
        copies.append(result)
      }
    }
    let memory = ReplayMemory(plan, fixed: fixed, inputs: recording.inputs, results: resultNodes)
    self.memory = memory
    inputs = recording.inputs.map { (memory.address(plan.values[$0]).offset, nodes[$0].shape) }
    drawingLayers = recording.draws.map(\.layer)
    keys = Storage(count: drawingLayers.count)
    loss = memory.address(plan.values[recording.loss])
    self.copies =
      copies.map { (memory.address(plan.values[$0.node]), $0.target, $0.count) }
      + recording.unchangedStatistics(layout)
    arena = Storage(count: memory.arenaCount)
    constants = Storage(count: constantCount)
    for node in constantNodes {
      let target = constants.pointer + memory.address(PlannedValue(root: node)).offset
      let value = recording.tape.value(at: node)
      value.withValues { target.update(from: $0, count: value.count) }
    }
    drawnValues = recording.draws.map(\.values)
    computations = plan.computations
    let calls = plan.calls.map { $0.map(memory.address) }
    self.calls = calls
    self.workers = workers
    let scratchCount = calls.map(\.kernel.description.scratchCount).max() ?? 0
    // Below a certain amount of work, the threads cost more than they save.
    let multiplications = plan.calls.reduce(0) { $0 + $1.kernel.description.multiplications }
    let isLarge = multiplications >= workers.leastWork.step
    if workers.count > 1 && isLarge {
      schedule = ReplaySchedule(
        calls,
        inputs: inputs.map { (.init(region: .arena, offset: $0.offset), $0.shape) },
        regionCounts: [memory.arenaCount, 0, layout.count, 0, 0, layout.statisticCount],
        workers: workers.count)
    } else {
      schedule = nil
    }
    workerMemory = (0..<(schedule == nil ? 1 : workers.count)).map { _ in
      Storage(count: scratchCount)
    }
  }

  /// The bytes that intermediate values and inputs take.
  var arenaBytes: Int { memory.arenaCount * MemoryLayout<Scalar>.stride }

  /// The bytes that the kernel calls of one replay read and write, each operand once per call.
  var trafficBytes: Int {
    calls.reduce(0) { sum, call in call.uses.reduce(sum) { $0 + $1.use.count } }
      * MemoryLayout<Scalar>.stride
  }

  /// The number of kernel calls.
  var callCount: Int { calls.count }

  /// Writes some values of an input, whole rows of it, to where the replay reads them.
  typealias InputWriter = (
    _ input: Int, _ rows: Range<Int>, _ target: UnsafeMutablePointer<Scalar>
  ) -> Void

  /// The vectors that a replay works on, in addition to its own memory.
  struct Vectors {
    let parameters: UnsafePointer<Scalar>
    let gradient: UnsafeMutablePointer<Scalar>
    /// The running statistics before and after.
    let statistics: UnsafePointer<Scalar>, newStatistics: UnsafeMutablePointer<Scalar>
  }

  /// Computes loss, gradient and running statistics, with the randomness of `key` and on inputs that `write` provides.
  func run(_ vectors: Vectors, key: Key, write: InputWriter) -> Scalar {
    for (number, layer) in drawingLayers.enumerated() { keys.pointer[number] = key[layer].bits }
    let bases = ReplayBases(
      arena: arena.pointer, parameters: UnsafeMutablePointer(mutating: vectors.parameters),
      gradient: vectors.gradient, constants: constants.pointer,
      statistics: UnsafeMutablePointer(mutating: vectors.statistics),
      newStatistics: vectors.newStatistics, keys: keys.pointer,
      scratch: workerMemory[0].pointer, replay: self)
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
      bases[copy.target].update(from: bases[copy.source], count: copy.count)
    }
    return bases[loss].pointee
  }

  private func writeInputs(_ worker: Int, of workers: Int, _ write: InputWriter) {
    for (index, input) in inputs.enumerated() {
      let share = ReplaySchedule.inputShare(of: input.shape, worker, of: workers)
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
    for index in calls.indices { calls[index].run(in: bases) }
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
    var bases = bases
    bases.scratch = workerMemory[worker].pointer
    for index in parts.indices {
      if parts[index].wait > 0 { workers.wait(for: parts[index].wait, as: worker) }
      for call in parts[index].calls { call.run(in: bases) }
      workers.reach(index + 2, as: worker)
    }
  }

  /// A computation on whole tensors: copies in and out, and allocates.
  fileprivate func compute(
    _ number: Int, _ inputs: [(ReplayMemory.Address, Shape)], _ shape: Shape,
    into output: ReplayMemory.Address, _ bases: ReplayBases<Scalar>
  ) {
    let result: Tensor<Scalar>
    switch computations[number] {
    case .draw(let draw):
      result = drawnValues[draw](bases.key(draw))
      require(
        result.shape == shape,
        "a random tensor of shape \(shape) has shape \(result.shape) with another key; its "
          + "shape must not depend on the key")
    case .operation(let operation):
      let tensors = inputs.map { address, shape in
        Tensor<Scalar>(shape) { $0.update(from: bases[address], count: shape.elementCount) }
      }
      result = Tensor.forward(operation, tensors)
      require(
        result.shape == shape,
        "operation \(operation.name) promised shape \(shape) but computed \(result.shape)")
    }
    result.withValues { bases[output].update(from: $0, count: shape.elementCount) }
  }
}

/// A kernel call of a replay, on addresses.
typealias ReplayCall = KernelCall<ReplayMemory.Address>

/// The memory regions of one replay.
struct ReplayBases<Scalar: TensorScalar>: OperandMemory {
  let arena: UnsafeMutablePointer<Scalar>
  /// Only read from.
  let parameters: UnsafeMutablePointer<Scalar>
  let gradient: UnsafeMutablePointer<Scalar>
  let constants: UnsafeMutablePointer<Scalar>
  /// Only read from.
  let statistics: UnsafeMutablePointer<Scalar>
  let newStatistics: UnsafeMutablePointer<Scalar>
  /// The bits of the keys that draws take their numbers from.
  let keys: UnsafeMutablePointer<UInt64>
  /// The scratch memory of a call while it is carried out; each worker has its own.
  var scratch: UnsafeMutablePointer<Scalar>
  /// The replay that keeps all of this alive.
  unowned(unsafe) let replay: Replay<Scalar>

  @inline(__always)
  subscript(address: ReplayMemory.Address) -> UnsafeMutablePointer<Scalar> {
    switch address.region {
    case .arena: arena + address.offset
    case .parameters: parameters + address.offset
    case .gradient: gradient + address.offset
    case .constants: constants + address.offset
    case .statistics: statistics + address.offset
    case .newStatistics: newStatistics + address.offset
    }
  }

  @inline(__always)
  func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void) { body(scratch) }

  func key(_ number: Int) -> Key { Key(bits: keys[number]) }

  func run(_ kernel: ReplayKernel, _ operands: Operands<ReplayMemory.Address>) {
    switch kernel {
    case .mask(let mask, let number, let first, let count):
      Scalar.mask(
        count: count, key: key(number), from: first, below: mask.threshold, kept: mask.kept,
        into: self[operands[0]])
    case .computation(let number, let inputs, let shape):
      replay.compute(
        number, inputs.enumerated().map { (operands[$0 + 1], $1) }, shape, into: operands[0], self)
    case .block(let extents, let from, let to):
      ReplayKernel.addZero(
        self[operands[1]], from, extents: extents, into: self[operands[0]], to)
    }
  }
}
