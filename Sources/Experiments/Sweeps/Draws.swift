import Foundation
import Plumbline
import Synchronization

/// One result for each draw 0 ..< `count`, computed on all cores, in the order of the draws. Each draw takes
/// its randomness only from its number, so the results do not depend on the number of cores.
public func draws<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (_ draw: Int) -> Result
) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { buffer, initializedCount in
    // Every element is written by exactly one lane, before the array exists.
    nonisolated(unsafe) let base = buffer.baseAddress
    let next = Next()
    let cores = ProcessInfo.processInfo.activeProcessorCount
    Lanes.run(min(count, cores)) {
      while case let draw = next.draw, draw < count {
        base.map { ($0 + draw).initialize(to: body(draw)) }
      }
    }
    initializedCount = count
  }
}

/// The next draw.
private final class Next: Sendable {
  private let made = Atomic<Int>(0)

  var draw: Int { made.add(1, ordering: .relaxed).oldValue }
}
