/// The calls of a replay divided among workers: each carries out its parts in order, and waits for the others only
/// if it needs what they compute, or would overwrite what they still read.
///
/// So a chain of layers on a batch of examples needs no wait on its way forward: each worker takes its own examples
/// through all layers. The gradient of a weight, a sum over all examples, waits for the others' part of its
/// operands.
struct ReplaySchedule {
  /// What a worker does for one call.
  struct Part {
    let calls: [ReplayCall]
    /// The number of calls that all others must have done before; 0 if there is none to wait for.
    let wait: Int
  }

  /// The parts of each worker, one for each call.
  let parts: [[Part]]

  /// - Parameters:
  ///   - inputs: Where inputs lie that the workers write before the first call, each its share of the rows.
  ///   - regionCounts: How many values each region of the memory has.
  init(
    _ calls: [ReplayCall], inputs: [(start: ReplayMemory.Address, shape: Shape)],
    regionCounts: [Int], workers: Int
  ) {
    var history = History(regionCounts: regionCounts, workers: workers)
    for worker in 0..<workers {
      for input in inputs {
        let share = Self.inputShare(of: input.shape, worker, of: workers)
        history.write(
          .init(
            start: .init(region: .arena, offset: input.start.offset + share.lowerBound),
            count: share.count), by: worker, at: 0)
      }
    }
    var parts = [[Part]](repeating: [], count: workers)
    for (index, call) in calls.enumerated() {
      let own = (0..<workers).map { call.part($0, of: workers) }
      let extents = own.map { $0.map(Self.extents) }
      for worker in 0..<workers {
        var wait = 0
        for extents in extents[worker] {
          for extent in extents.reads {
            wait = max(wait, history.lastWrite(of: extent, byOthersThan: worker) + 1)
          }
          for extent in extents.writes {
            wait = max(wait, history.lastUse(of: extent, byOthersThan: worker) + 1)
          }
        }
        parts[worker].append(Part(calls: own[worker], wait: wait))
      }
      // The inputs are stage 0, the first call is stage 1.
      for worker in 0..<workers {
        for extents in extents[worker] {
          for extent in extents.reads { history.read(extent, by: worker, at: index + 1) }
          for extent in extents.writes { history.write(extent, by: worker, at: index + 1) }
        }
      }
    }
    self.parts = parts
  }

  /// The values of an input that a worker writes: whole rows.
  static func inputShare(of shape: Shape, _ worker: Int, of workers: Int) -> Range<Int> {
    let rows = shape.extents.first ?? 1
    let length = rows == 0 ? 0 : shape.elementCount / rows
    return rows * worker / workers * length..<rows * (worker + 1) / workers * length
  }

  /// A run of values that a call reads or writes.
  struct Extent {
    let start: ReplayMemory.Address
    let count: Int
  }

  /// What a call reads and what it writes.
  private static func extents(of call: ReplayCall) -> (reads: [Extent], writes: [Extent]) {
    let uses = call.uses
    func extents(_ isWritten: Bool) -> [Extent] {
      uses.filter { $0.use.isWritten == isWritten }
        .map { Extent(start: $0.operand, count: $0.use.count) }
    }
    return (extents(false), extents(true))
  }

  /// Which worker last wrote and read which values, in blocks of a cache line of `Float`.
  private struct History {
    private static var block: Int { 16 }
    private static var several: Int32 { -1 }
    private let regionStarts: [Int]
    private let workers: Int
    private var lastWrite: [Int32], lastWriter: [Int32]
    private var lastRead: [[Int32]]

    init(regionCounts: [Int], workers: Int) {
      var starts: [Int] = []
      var total = 0
      for count in regionCounts {
        starts.append(total)
        total += (count + Self.block - 1) / Self.block + 1
      }
      regionStarts = starts
      self.workers = workers
      lastWrite = Array(repeating: -1, count: total)
      lastWriter = Array(repeating: 0, count: total)
      lastRead = Array(repeating: Array(repeating: -1, count: total), count: workers)
    }

    private func blocks(of extent: Extent) -> Range<Int> {
      if extent.count <= 0 { return 0..<0 }
      let start = regionStarts[extent.start.region.rawValue]
      let first = extent.start.offset / Self.block
      return start + first..<start + (extent.start.offset + extent.count - 1) / Self.block + 1
    }

    mutating func read(_ extent: Extent, by worker: Int, at stage: Int) {
      if extent.start.region.isOnlyRead { return }
      for block in blocks(of: extent) { lastRead[worker][block] = Int32(stage) }
    }

    mutating func write(_ extent: Extent, by worker: Int, at stage: Int) {
      for block in blocks(of: extent) {
        let isShared = lastWrite[block] == Int32(stage) && lastWriter[block] != Int32(worker)
        lastWriter[block] = isShared ? Self.several : Int32(worker)
        lastWrite[block] = Int32(stage)
      }
    }

    func lastWrite(of extent: Extent, byOthersThan worker: Int) -> Int {
      if extent.start.region.isOnlyRead { return -1 }
      var last: Int32 = -1
      for block in blocks(of: extent) where lastWriter[block] != Int32(worker) {
        last = max(last, lastWrite[block])
      }
      return Int(last)
    }

    func lastUse(of extent: Extent, byOthersThan worker: Int) -> Int {
      var last = Int32(lastWrite(of: extent, byOthersThan: worker))
      let blocks = blocks(of: extent)
      for other in 0..<workers where other != worker {
        for block in blocks { last = max(last, lastRead[other][block]) }
      }
      return Int(last)
    }
  }
}
