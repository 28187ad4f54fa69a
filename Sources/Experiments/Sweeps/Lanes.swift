import Foundation
import Plumbline
import Synchronization

/// Threads that take work from a common list.
enum Lanes {
  /// Calls `body` on this many threads at the same time, the asking one among them, and returns when all have returned.
  ///
  /// Where the system refuses a thread there are fewer of them, down to the asking one, so `body` has to take its work from a
  /// list that all share.
  static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    let work = Work(body)
    // A thread that is about to end would keep what the body holds, such as a locked file, for a moment more.
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
}

/// What the threads do, until they all have.
private final class Work: Sendable {
  private let body: Mutex<(@Sendable () -> Void)?>

  init(_ body: @escaping @Sendable () -> Void) { self.body = Mutex(body) }

  func call() {
    let body = body.withLock { $0 }
    body?()
  }

  func clear() { body.withLock { $0 = nil } }
}
