import Foundation
import Synchronization

/// Stops the program on SIGINT, SIGTERM and SIGHUP without leaving a file half written.
///
/// After ``install(note:)``, each of them clears the progress bar, writes a note on standard error
/// and ends the program with status 130. The handler does nothing but atomic operations, `write` and
/// `_exit`, which may be called in a signal handler; it runs no destructor and flushes no buffer. Code that leaves
/// ``finishing(_:)`` last does flush what was printed.
///
/// Code that must not be cut short runs inside ``finishing(_:)``. One counter controls this:
///
/// - A number of 0 or more is how many threads are inside such code. The handler ends the program
///   only from 0, and it does so by changing 0 to ``closed`` in one step: from then on no thread can enter. Otherwise it leaves a
///   mark and returns, and the interrupted `write` continues.
/// - Whichever thread leaves such code last and finds the mark takes the same step.
///
/// So an append is not cut in two, whichever thread the signal arrives on. Code in `finishing` is short, or checks
/// ``isRequested``. A second signal ends the program at once, and so do two seconds without a check: what
/// is then in progress is lost, but files remain whole, since they take their names when they are complete.
public enum Interrupts {
  private static let inside = Atomic<Int>(0)
  private static let isPending = Atomic<Bool>(false)
  private static let noteAddress = Atomic<UInt>(0)
  private static let noteCount = Atomic<Int>(0)
  private static let closed = Int.min
  /// When the first signal arrived, in nanoseconds; 0 before.
  private static let firstSignal = Atomic<Int>(0)
  /// The time allowed for code in ``finishing(_:)``, in seconds.
  private static let patience: UInt32 = 2
  /// Signals that arrive together are one request: `timeout` sends one to the program and one to its group.
  private static let together = 100_000_000

  /// Handles SIGINT and SIGTERM from now on, and SIGHUP unless it is ignored.
  ///
  /// - Parameter note: what to write on standard error, without a newline.
  public static func install(
    note: String = "interrupted"
  ) {
    // Everything that the handler touches is created here: it must not be the first to use a global.
    setNote(note)
    _ = inside.load(ordering: .sequentiallyConsistent)
    _ = isPending.load(ordering: .sequentiallyConsistent)
    _ = firstSignal.load(ordering: .sequentiallyConsistent)
    _ = (closed, patience, together)
    signal(SIGALRM) { _ in Interrupts.end() }
    // A write beyond `ulimit -f` then fails with a message, and the program survives to report it.
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGINT) { _ in Interrupts.handle() }
    signal(SIGTERM) { _ in Interrupts.handle() }
    // The terminal was closed; with `nohup` before the command, the user wants it to continue.
    let before = signal(SIGHUP) { _ in Interrupts.handle() }
    // C compares handlers by their addresses; Swift knows no equality of functions. Both are one pointer wide.
    if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
      signal(SIGHUP, SIG_IGN)
    }
  }

  /// From now on a signal's note says that what was finished is kept: for work that is recorded as it proceeds.
  public static func noteThatFinishedWorkIsKept() {
    setNote("interrupted; what was finished is kept")
  }

  private static func setNote(_ note: String) {
    let clear = Terminal.standardErrorIsTerminal ? "\r\u{1B}[J" : ""
    let bytes = Array((clear + note + "\n").utf8)
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = memory.initialize(from: bytes)
    // Never freed: a handler may be reading the note of an earlier call.
    noteCount.store(0, ordering: .sequentiallyConsistent)
    noteAddress.store(
      UInt(bitPattern: memory.baseAddress), ordering: .sequentiallyConsistent)
    noteCount.store(bytes.count, ordering: .sequentiallyConsistent)
  }

  /// Whether a signal has asked the program to end. Long work inside ``finishing(_:)`` checks it, keeps what it has and
  /// leaves; the program then ends.
  public static var isRequested: Bool {
    guard isPending.load(ordering: .sequentiallyConsistent) else { return false }
    // The caller is about to leave, and may first save what it has.
    alarm(0)
    return true
  }

  /// Runs code that a signal must not cut short, such as an append to a file.
  ///
  /// May be nested and used from any thread.
  public static func finishing<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    enter()
    defer { leave() }
    return try body()
  }

  private static func enter() {
    var count = inside.load(ordering: .sequentiallyConsistent)
    while true {
      // The program is about to end: wait for that.
      if count < 0 { while true { pause() } }
      let (exchanged, original) = inside.compareExchange(
        expected: count, desired: count + 1, ordering: .sequentiallyConsistent)
      if exchanged { return }
      count = original
    }
  }

  private static func leave() {
    let left = inside.subtract(1, ordering: .sequentiallyConsistent).newValue
    guard left == 0 && isPending.load(ordering: .sequentiallyConsistent) else { return }
    // Flushes the output of finished work; the handler itself may not do this.
    fflush(nil)
    endIfNobodyIsInside()
  }

  private static func handle() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let time = now.tv_sec &* 1_000_000_000 &+ now.tv_nsec
    let (isFirst, first) = firstSignal.compareExchange(
      expected: 0, desired: max(1, time), ordering: .sequentiallyConsistent)
    if !isFirst, time &- first > together { end() }
    isPending.store(true, ordering: .sequentiallyConsistent)
    endIfNobodyIsInside()
    if isFirst { alarm(patience) }
  }

  private static func endIfNobodyIsInside() {
    let (exchanged, _) = inside.compareExchange(
      expected: 0, desired: closed, ordering: .sequentiallyConsistent)
    if exchanged { end() }
  }

  /// Ends the program, whatever is in progress.
  private static func end() -> Never {
    let address = noteAddress.load(ordering: .sequentiallyConsistent)
    let count = noteCount.load(ordering: .sequentiallyConsistent)
    if let note = UnsafeRawPointer(bitPattern: address), count > 0 { _ = write(2, note, count) }
    _exit(130)
  }
}
