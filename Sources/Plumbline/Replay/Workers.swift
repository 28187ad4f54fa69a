import CKernels
import Foundation
import Synchronization

/// Threads that execute one computation together; the calling thread is the first of them.
///
/// What is computed does not depend on their number. Between two computations they wait actively for some tens of
/// microseconds and then sleep. One computation at a time.
public final class Workers: Sendable {
  /// The number of threads, including the calling one.
  public let count: Int
  /// The number of multiplications of a replayed step, and of values of a vector, from which on they take part.
  let leastWork: (step: Int, vector: Int)
  private let crew: Crew?

  /// One thread: the calling one.
  public static let single = Workers(1)

  /// This many threads.
  public convenience init(_ count: Int) { self.init(count, leastWork: (1 << 20, 1 << 16)) }

  /// This many threads, which take part from a certain amount of work on; fewer if the system provides no more.
  package init(_ count: Int, leastWork: (step: Int, vector: Int)) {
    require(count >= 1, "a computation needs at least one thread, not \(count)")
    self.leastWork = leastWork
    guard count > 1 else {
      (self.count, crew) = (1, nil)
      return
    }
    let crew = Crew(upTo: count)
    let started = (1..<count).prefix { worker in SystemThread.start { crew.serve(worker) } }
    crew.count = started.count + 1
    self.count = crew.count
    self.crew = started.isEmpty ? nil : crew
  }

  deinit { crew?.stop() }

  /// Calls `body` once for each worker, at the same time, with its number from 0, and returns when all have
  /// returned.
  package func run(_ body: (Int) -> Void) {
    guard let crew else { return body(0) }
    crew.run(body)
  }

  /// Divides `count` values among the workers if there are enough for it to be worthwhile, and calls `body` for each part at
  /// the same time.
  func divide(_ count: Int, _ body: (Range<Int>) -> Void) {
    guard crew != nil, count >= leastWork.vector else { return body(0..<count) }
    let workers = self.count
    run { worker in
      // Whole cache lines.
      func bound(_ worker: Int) -> Int {
        worker == workers ? count : count / 16 * worker / workers * 16
      }
      body(bound(worker)..<bound(worker + 1))
    }
  }

  /// Lets the others know that this worker has reached `stage` of the computation. Stages ascend from 0.
  @inline(__always)
  func reach(_ stage: Int, as worker: Int) { crew?.reach(stage, worker) }

  /// Waits until every other worker has reached `stage`.
  @inline(__always)
  func wait(for stage: Int, as worker: Int) { crew?.wait(for: stage, worker) }
}

/// The threads of `Workers`, which keep it alive; `Workers` stops them when it is released.
///
/// Sendable by this proof: `task` is written by `run` only, before the generation is raised (released) and after every worker has
/// reported the end of the last one (acquired), and read by the workers in between; `sleepers` and `isStopping` are used under the
/// lock of `condition`; `progress` points to atomic numbers and never changes; `count` is set before
/// the first `run`, and the workers read it after a generation only.
private final class Crew: @unchecked Sendable {
  /// The workers. Set before the first computation, and not changed after it.
  var count: Int
  private let capacity: Int
  private let condition = NSCondition()
  private var sleepers = 0
  private var isStopping = false
  private var task: (Int) -> Void = { _ in }
  /// The number of computations that have begun, and of those ends that workers have reported.
  private let generation = Atomic(0), reported = Atomic(0)
  private let isRunning = Atomic(false)
  /// The progress of each worker, each number in its own pair of cache lines.
  private let progress: UnsafeMutablePointer<Atomic<Int>>
  private static let stride = 16

  init(upTo count: Int) {
    self.count = count
    capacity = count
    progress = .allocate(capacity: count * Self.stride)
    for worker in 0..<count * Self.stride { (progress + worker).initialize(to: Atomic(0)) }
  }

  deinit {
    progress.deinitialize(count: capacity * Self.stride)
    progress.deallocate()
  }

  func run(_ body: (Int) -> Void) {
    require(
      !isRunning.exchange(true, ordering: .acquiring),
      "these workers are in the middle of another computation")
    withoutActuallyEscaping(body) { body in
      task = body
      for worker in 0..<count { reach(0, worker) }
      let goal = (generation.load(ordering: .relaxed) + 1) * (count - 1)
      condition.lock()
      generation.add(1, ordering: .releasing)
      if sleepers > 0 { condition.broadcast() }
      condition.unlock()
      body(0)
      Self.waitActively { reported.load(ordering: .acquiring) >= goal }
      task = { _ in }
    }
    isRunning.store(false, ordering: .releasing)
  }

  func serve(_ worker: Int) {
    var served = 0
    while true {
      var patience = 4000
      while generation.load(ordering: .acquiring) == served, patience > 0 {
        plumb_pause()
        patience -= 1
      }
      if patience == 0 {
        condition.lock()
        sleepers += 1
        while generation.load(ordering: .acquiring) == served, !isStopping { condition.wait() }
        sleepers -= 1
        let isOver = isStopping
        condition.unlock()
        if isOver { return }
      }
      served += 1
      task(worker)
      reported.add(1, ordering: .releasing)
    }
  }

  func stop() {
    condition.lock()
    isStopping = true
    condition.broadcast()
    condition.unlock()
  }

  @inline(__always)
  func reach(_ stage: Int, _ worker: Int) {
    (progress + worker * Self.stride).pointee.store(stage, ordering: .releasing)
  }

  @inline(__always)
  func wait(for stage: Int, _ worker: Int) {
    for other in 0..<count where other != worker {
      let progress = progress + other * Self.stride
      if progress.pointee.load(ordering: .acquiring) >= stage { continue }
      Self.waitActively { progress.pointee.load(ordering: .acquiring) >= stage }
    }
  }

  /// Another thread may have lost its core: after a while the wait yields to it.
  private static func waitActively(until isOver: () -> Bool) {
    var patience = 2000
    while !isOver() {
      if patience > 0 {
        plumb_pause()
        patience -= 1
      } else {
        sched_yield()
      }
    }
  }
}
