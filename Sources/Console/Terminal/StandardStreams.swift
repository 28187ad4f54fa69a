import Foundation

/// The three descriptors that every process has, made safe to use.
package enum StandardStreams {
  /// Opens those of the descriptors 0, 1 and 2 that are closed on the null device.
  ///
  /// A process may be started with any of them closed. The next file that is opened then gets its number, and what is
  /// printed ends up in that file.
  package static func openClosed() {
    // Each `open` gives the lowest free number, so the three are taken in their order.
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // Input is at its end, and output is discarded.
      guard open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY) == descriptor else { return }
    }
  }

  /// Writes a text on standard error, as much of it as possible: the program does not end because a message could not be printed.
  package static func writeError(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
      if written > 0 {
        bytes = bytes.dropFirst(written)
      } else if written == 0 || errno != EINTR {
        return
      }
    }
  }
}
