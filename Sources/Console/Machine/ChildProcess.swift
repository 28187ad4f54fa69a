import Foundation

/// A program that runs alongside this one: its output is read as it arrives, and it never outlives this one.
///
/// The child is the leader of its own process group, so that ``stop()`` ends what it has started, too. A signal that asks this
/// process to end is noticed while it waits, see ``Interrupts``.
package final class ChildProcess {
  /// Why reading has come to an end.
  package enum Pause: Sendable, Hashable {
    /// The mark was read.
    case mark
    /// The program has ended: its exit status, or 128 and the number of the signal that ended it, as a shell reports it.
    case ended(Int32)
    /// The time is up; the program continues.
    case overdue
    /// This process was asked to end.
    case interrupted
  }

  private let process: pid_t
  private var input: Int32
  private let output: Int32
  private var status: Int32?
  /// Output that was read and not yet returned.
  private var pending: [UInt8] = []
  /// The minimum number of bytes of output that are kept at a time.
  private static let limit = 1 << 22

  /// Starts a program; `nil` if that fails, for example if there is no program of that name.
  ///
  /// - Parameters:
  ///   - words: The program, by a path or a name of the search path, and its arguments.
  ///   - folder: The folder in which it works; `nil` for that of this process.
  ///   - environment: Its environment; `nil` for that of this process.
  ///   - errors: The file that takes its standard error.
  package init?(
    _ words: [String], in folder: String? = nil, environment: [String: String]? = nil,
    errors: String = "/dev/null"
  ) {
    var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard pipe(&toChild) == 0 else { return nil }
    guard pipe(&fromChild) == 0 else {
      for end in toChild { close(end) }
      return nil
    }
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let started = Self.spawn(
      words, folder, environment, input: toChild[0], output: fromChild[1], errors: errors)
    close(toChild[0])
    close(fromChild[1])
    guard let started else {
      close(toChild[1])
      close(fromChild[0])
      return nil
    }
    (process, input, output) = (started, toChild[1], fromChild[0])
  }

  deinit {
    stop()
    closeInput()
    close(output)
  }

  private static func spawn(
    _ words: [String], _ folder: String?, _ environment: [String: String]?, input: Int32,
    output: Int32, errors: String
  ) -> pid_t? {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    // A child inherits the signals that its parent's thread blocks, and the threads of a pool block all signals.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(
      &actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // Not every C library has the call that changes the folder of a child.
    let words =
      folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] + words } ?? words
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    let settings = environment?.map { strdup("\($0)=\($1)") }
    defer { for setting in settings ?? [] { free(setting) } }
    var started = pid_t()
    let code =
      if let settings {
        posix_spawnp(&started, words[0], &actions, &attributes, arguments + [nil], settings + [nil])
      } else {
        posix_spawnp(&started, words[0], &actions, &attributes, arguments + [nil], environ)
      }
    return code == 0 ? started : nil
  }

  /// Writes a text on the program's standard input; does nothing if the program no longer reads.
  package func send(_ text: String) {
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written == 0 || errno != EINTR {
        return
      }
    }
  }

  /// Ends the program's standard input.
  package func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Reads what the program prints, up to a mark, which is not part of it, or to the program's end.
  ///
  /// - Parameters:
  ///   - mark: The text that ends the reading; `nil` for only the end of the program.
  ///   - seconds: The time after which it gives up.
  package func read(
    until mark: String? = nil, within seconds: Double
  ) -> (text: [UInt8], pause: Pause) {
    // A request to end waits until the child has been ended.
    Interrupts.finishing {
      let start = ContinuousClock.now
      func left() -> Double { seconds - start.duration(to: .now).seconds }
      while true {
        if let mark, let found = pending.firstRange(of: Array(mark.utf8)) {
          let text = Array(pending[..<found.lowerBound])
          pending.removeSubrange(..<found.upperBound)
          return (text, .mark)
        }
        if let status { return (takePending(), .ended(status)) }
        if Interrupts.isRequested {
          stop()
          return (takePending(), .interrupted)
        }
        if left() <= 0 { return (takePending(), .overdue) }
        wait(seconds: min(left(), 0.02))
      }
    }
  }

  private func takePending() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// Takes the output that arrives within this many seconds, and notices the end.
  private func wait(seconds: Double) {
    var source = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    if poll(&source, 1, Int32((seconds * 1000).rounded(.up))) > 0 {
      // At the end of its output, the program is about to end.
      if !take() { usleep(1000) }
    }
    var code: Int32 = 0
    let ended = waitpid(process, &code, WNOHANG)
    guard ended == process || (ended < 0 && errno != EINTR) else { return }
    // The last output before the end.
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
    while take() {}
    let signal = code & 0x7F
    status = signal == 0 ? (code >> 8) & 0xFF : 128 + signal
  }

  /// Takes the available output; false at the end.
  private func take() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = Foundation.read(output, &bytes, bytes.count)
    if count > 0, pending.count < Self.limit { pending += bytes.prefix(count) }
    return count > 0
  }

  /// Ends the program and what it has started; without effect if it has ended.
  package func stop() {
    guard status == nil else { return }
    kill(-process, SIGKILL)
    var code: Int32 = 0
    // A process that waits for a device that does not respond cannot be ended, and is not waited for.
    for _ in 0..<100 where status == nil {
      if waitpid(process, &code, WNOHANG) != 0 {
        status = 128 + SIGKILL
      } else {
        usleep(1000)
      }
    }
    status = 128 + SIGKILL
  }
}
