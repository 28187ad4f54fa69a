import Foundation

/// The lock on an open file, which only one process holds at a time.
package enum FileLock {
  /// Takes the lock.
  ///
  /// - Returns: Whether another process has it. A program that is just being started holds the files of its parent for a moment,
  ///   so a lock that is taken is requested again for a second. Without file-system locks, the lock always counts as free.
  package static func isTaken(_ descriptor: Int32) -> Bool {
    for _ in 0..<50 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return false }
      usleep(20_000)
    }
    return true
  }
}
