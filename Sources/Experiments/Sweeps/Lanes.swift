import Foundation
import Plumbline
import Synchronization

/// Threads that take work from a common list.
enum Lanes {
  /// Calls `body` on this many threads at the same time, including the calling one, and returns when all have returned.
  ///
  /// If the system refuses threads, there are fewer of them, down to the calling one, so `body` has to take its work from a list
  /// that all share.
  static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    let work = Work(body)
    // A thread that is about to end would keep what the body holds, such as a locked file, for a moment longer.
    defer { work.clear() }
    let running = DispatchGroup()
    for _ in 0..<max(0, count - 1) {
      running.enter()
      let isStarted = SystemThread.start {
        work.call()
        running.leave()
      }
      if !isStarted {
        running.leave()
        break
      }
    }
    body()
    running.wait()
  }

  /// The values of the positions from 0, in their order, computed on this many threads.
  ///
  /// - Throws: What `value` throws, for one of the positions at which it does.
  static func map<Value: Sendable>(
    _ count: Int, lanes: Int, _ value: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    // Taken in groups, so that a cheap value does not pay for a lock.
    let group = 256
    let groups = (count + group - 1) / group
    let state = Mutex(
      (next: 0, values: [[Value]](repeating: [], count: groups), failure: (any Error)?.none))
    run(min(lanes, groups)) {
      while let index = state.withLock({ state -> Int? in
        guard state.failure == nil, state.next < groups else { return nil }
        defer { state.next += 1 }
        return state.next
      }) {
        do {
          let values = try (index * group..<min(count, (index + 1) * group)).map(value)
          state.withLock { $0.values[index] = values }
        } catch {
          state.withLock { $0.failure = error }
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return Array(state.values.joined())
    }
  }
}

/// The work of the threads, until all of them have done it.
private final class Work: Sendable {
  private let body: Mutex<(@Sendable () -> Void)?>

  init(_ body: @escaping @Sendable () -> Void) { self.body = Mutex(body) }

  func call() {
    let body = body.withLock { $0 }
    body?()
  }

  func clear() { body.withLock { $0 = nil } }
}
