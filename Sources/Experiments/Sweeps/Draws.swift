import Dispatch

/// One result for each draw 0 ..< `count`, computed on all cores, in the order of the draws. Each draw takes
/// its randomness from its number alone, so the results do not depend on the number of cores.
public func draws<Result: Sendable>(
  _ count: Int, _ body: @Sendable (_ draw: Int) -> Result
) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { buffer, initializedCount in
    // Every element is written by exactly one iteration, before the array exists.
    nonisolated(unsafe) let base = buffer.baseAddress
    DispatchQueue.concurrentPerform(iterations: count) { draw in
      base.map { ($0 + draw).initialize(to: body(draw)) }
    }
    initializedCount = count
  }
}
