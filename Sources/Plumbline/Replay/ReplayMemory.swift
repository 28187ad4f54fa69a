/// Where the values of a plan lie: intermediate ones in an arena whose blocks are reused as soon as their
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
    /// What was constant when the step was recorded.
    case constants
    /// The running statistics before the step, which a replay reads.
    case statistics
    /// Those after it, which it writes.
    case newStatistics

    /// Whether a replay reads it and never writes.
    var isOnlyRead: Bool { self == .parameters || self == .constants || self == .statistics }
  }

  /// A region and an offset in it.
  struct Address {
    var region: Region
    var offset: Int
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
  ///   - fixed: Where leaves lie, and results that belong in the gradient vector or among the running statistics.
  ///   - inputs: The nodes whose values are copied into the arena before each replay.
  ///   - results: The nodes whose values are read after it.
  init(_ plan: ReplayPlan, fixed: [Int: Address], inputs: [Int], results: [Int]) {
    addresses = fixed
    // Inputs stay where they are for the whole replay: nothing may take their blocks.
    for input in inputs { allocate(input, count: plan.counts[input]) }
    var lastUse: [Int: Int] = [:]
    for (index, step) in plan.steps.enumerated() {
      for place in step.inputs { lastUse[place.root] = index }
    }
    let kept = Set(inputs).union(results.map { plan.places[$0].root })
    for (index, step) in plan.steps.enumerated() {
      func dies(_ root: Int) -> Bool {
        lastUse[root] == index && !kept.contains(root) && blocks[root] != nil
      }
      for output in step.outputs where addresses[output] == nil {
        let count = plan.counts[output]
        let heir = step.replaceableInputs.first { place in
          output == step.output && dies(place.root) && place.offset == 0
            && plan.counts[place.root] == count
            && step.inputs.count { $0.root == place.root } == 1
        }
        if let heir {
          addresses[output] = addresses[heir.root]
          blocks[output] = blocks.removeValue(forKey: heir.root)
        } else {
          allocate(output, count: count)
        }
      }
      for root in Set(step.inputs.map(\.root)) where dies(root) { release(root) }
      // A second output that nothing reads.
      for output in step.outputs where lastUse[output] == nil && !kept.contains(output) {
        release(output)
      }
    }
  }

  /// Where a place lies.
  func address(_ place: ReplayPlace) -> Address {
    guard var address = addresses[place.root] else {
      fatalError("node \(place.root) of a replay has no memory")
    }
    address.offset += place.offset
    return address
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
