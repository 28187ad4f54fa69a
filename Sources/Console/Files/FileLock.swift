import Foundation

/// The lock on an open file that one process has at a time.
package enum FileLock {
  /// Takes the lock.
  ///
  /// - Returns: Whether another process has it. A program that is just being started holds the files of its parent for a moment,
  ///   so a lock that is taken is requested again for a second. A file system without locks has none that is taken.
  package static func isTaken(_ descriptor: Int32) -> Bool {
    for _ in 0..<50 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return false }
      usleep(20_000)
    }
    return true
  }
}
