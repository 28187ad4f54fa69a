import Foundation

/// What another program prints, where it does so in time.
package enum CommandOutput {
  /// The bytes that are kept of an output, at least: the queue of a cluster has a line for each task.
  private static let limit = 1 << 22

  /// The beginning of the standard output of a program of the search path that ends with 0 within so many seconds; `nil`
  /// otherwise. No thread is made, and a program that does not end is killed and not waited for.
  package static func of(_ words: [String], within seconds: Double) -> String? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    guard let process = spawn(words, output: ends[1]) else {
      close(ends[1])
      return nil
    }
    close(ends[1])
    let start = ContinuousClock.now
    func left() -> Int32 {
      Int32(max(0, (seconds - start.duration(to: .now).seconds) * 1000).rounded(.up))
    }
    var text: [UInt8] = []
    var status: Int32 = 0
    while true {
      var source = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
      if poll(&source, 1, min(left(), 20)) > 0 {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(ends[0], &bytes, bytes.count)
        if count > 0, text.count < limit { text += bytes.prefix(count) }
        // At the end of its output the program is about to end.
        if count == 0 { usleep(1000) }
      }
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { break }
      if ended < 0 && errno != EINTR { return nil }
      if left() == 0 {
        kill(process, SIGKILL)
        _ = waitpid(process, &status, WNOHANG)
        return nil
      }
    }
    // What was written last, before the end.
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    var bytes = [UInt8](repeating: 0, count: 4096)
    while case let count = read(ends[0], &bytes, bytes.count), count > 0 {
      if text.count < limit { text += bytes.prefix(count) }
    }
    return status == 0 ? String(decoding: text, as: UTF8.self) : nil
  }

  /// Starts a program with nothing to read and its errors thrown away.
  private static func spawn(_ words: [String], output: Int32) -> pid_t? {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let code = posix_spawnp(&process, words[0], &actions, nil, arguments + [nil], environ)
    return code == 0 ? process : nil
  }
}
