/// The locations of a plan's values: intermediate ones in an arena whose blocks are reused as soon as their
/// values are no longer needed, gradients in place in the gradient vector.
struct ReplayMemory {
  /// A region of memory.
  enum Region: Int {
    /// Inputs and intermediate values.
    case arena
    /// The parameters, which a replay reads.
    case parameters
    /// Their gradient, which it writes.
    case gradient
    /// The constants of the recorded step.
    case constants
    /// The running statistics before the step, which a replay reads.
    case statistics
    /// Those after it, which it writes.
    case newStatistics

    /// Whether a replay only reads it.
    var isOnlyRead: Bool { self == .parameters || self == .constants || self == .statistics }
  }

  /// A region and an offset in it.
  struct Address: KernelOperand {
    typealias Addition = ReplayKernel

    var region: Region
    var offset: Int

    static func + (address: Self, offset: Int) -> Self {
      Self(region: address.region, offset: address.offset + offset)
    }
  }

  /// Blocks begin at multiples of this many values: 64 bytes for `Float`.
  private static let granule = 16

  private var addresses: [Int: Address]
  /// The number of values in the arena.
  private(set) var arenaCount = 0
  private var free: [(start: Int, count: Int)] = []
  private var blocks: [Int: (start: Int, count: Int)] = [:]

  /// Assigns memory to every value of `plan`.
  ///
  /// - Parameters:
  ///   - fixed: The addresses of leaves, and of results that belong in the gradient vector or among the running statistics.
  ///   - inputs: The nodes whose values are copied into the arena before each replay.
  ///   - results: The nodes whose values are read after it.
  init(_ plan: ReplayPlan, fixed: [Int: Address], inputs: [Int], results: [Int]) {
    addresses = fixed
    // Inputs stay where they are for the whole replay: nothing may take their blocks.
    for input in inputs { allocate(input, count: plan.counts[input]) }
    var lastUse: [Int: Int] = [:]
    for (index, call) in plan.calls.enumerated() {
      for value in call.reads { lastUse[value.root] = index }
    }
    let kept = Set(inputs).union(results.map { plan.values[$0].root })
    for (index, call) in plan.calls.enumerated() {
      func dies(_ root: Int) -> Bool {
        lastUse[root] == index && !kept.contains(root) && blocks[root] != nil
      }
      let uses = call.uses
      let reads = uses.filter { !$0.use.isWritten }
      let outputs = uses.filter(\.use.isWritten).map(\.operand.root)
      for output in outputs where addresses[output] == nil {
        let count = plan.counts[output]
        let heir = reads.first { value, use in
          use.isReplaceable && output == outputs[0] && dies(value.root) && value.offset == 0
            && plan.counts[value.root] == count
            && reads.count { $0.operand.root == value.root } == 1
        }
        if let heir = heir?.operand.root {
          addresses[output] = addresses[heir]
          blocks[output] = blocks.removeValue(forKey: heir)
        } else {
          allocate(output, count: count)
        }
      }
      for root in Set(reads.map(\.operand.root)) where dies(root) { release(root) }
      // A second output that nothing reads.
      for output in outputs where lastUse[output] == nil && !kept.contains(output) {
        release(output)
      }
    }
  }

  /// The address of a value.
  func address(_ value: PlannedValue) -> Address {
    guard let address = addresses[value.root] else {
      fatalError("node \(value.root) of a replay has no memory")
    }
    return address + value.offset
  }

  private mutating func allocate(_ root: Int, count: Int) {
    let size = max(1, (count + Self.granule - 1) / Self.granule) * Self.granule
    // The smallest block that fits keeps the large ones whole.
    let best = free.indices.filter { free[$0].count >= size }.min {
      free[$0].count < free[$1].count
    }
    let start: Int
    if let best {
      start = free[best].start
      if free[best].count == size {
        free.remove(at: best)
      } else {
        free[best] = (start + size, free[best].count - size)
      }
    } else {
      start = arenaCount
      arenaCount += size
    }
    addresses[root] = Address(region: .arena, offset: start)
    blocks[root] = (start, size)
  }

  private mutating func release(_ root: Int) {
    guard let block = blocks.removeValue(forKey: root) else { return }
    var (start, count) = block
    if let before = free.firstIndex(where: { $0.start + $0.count == start }) {
      start = free[before].start
      count += free[before].count
      free.remove(at: before)
    }
    if let after = free.firstIndex(where: { $0.start == start + count }) {
      count += free[after].count
      free.remove(at: after)
    }
    free.append((start, count))
  }
}
