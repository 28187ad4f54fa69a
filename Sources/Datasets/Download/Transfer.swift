import Console
import Findings
import Foundation

/// One file in transfer: calls of curl that append to the file of the data received so far.
struct Transfer {
  /// How a call of curl ended, if another may follow.
  enum End {
    /// Everything that the server has was received.
    case complete
    /// The connection broke.
    case broken(String)
    /// The server cannot resume a file from an offset.
    case cannotResume
  }

  /// The path of the complete file.
  let path: String
  /// The path of the data received so far.
  let part: String
  /// The published size.
  let size: Int
  let curl: String?
  let environment: [String: String]

  /// How many bytes have been received so far.
  var received: Int { Self.size(of: part) }

  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Calls curl once.
  ///
  /// A signal that is to end the program ends curl first, so that no process continues to write.
  func run(_ address: String, resumes: Bool, progress: (Int) -> Void) throws(Problem) -> End {
    guard let curl else { throw failure(address, .noCurl) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: curl)
    // First of all, not to read ~/.curlrc, which could change anything. A connection without data for a minute counts as broken.
    process.arguments =
      [
        "-q", "--fail", "--location", "--silent", "--show-error", "--globoff", "--connect-timeout",
        "30",
        "--speed-limit", "1", "--speed-time", "60", "--proto", "=http,https", "--write-out",
        "%{http_code}", "--output", part,
      ] + (resumes && received > 0 ? ["--continue-at", "-"] : []) + ["--url", address]
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    return try Interrupts.finishing { () throws(Problem) in
      do {
        try process.run()
      } catch {
        throw failure(address, .noCurl)
      }
      while ended.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
        progress(received)
        // What was received is kept in the file, and a gentler signal might be blocked in the child. A server that sends more than
        // the file's size is cut off before the disk is full.
        if Interrupts.isRequested || received > size { kill(process.processIdentifier, SIGKILL) }
      }
      progress(received)
      // Both texts are short, so the pipes hold them until here.
      let status = Int(Self.text(output)) ?? 0
      return try end(
        address, code: process.terminationReason == .exit ? process.terminationStatus : nil,
        status: status, words: Self.text(errors))
    }
  }

  /// What curl's exit code means (`man curl`, "EXIT CODES").
  private func end(
    _ address: String, code: Int32?, status: Int, words: String
  ) throws(Problem) -> End {
    let words = words.isEmpty ? "curl ended with \(code.map { "\($0)" } ?? "a signal")" : words
    switch code {
    case 0: return .complete
    case 33: return .cannotResume
    case 22 where status == 416: return .cannotResume
    // Busy or failing servers may be better a moment later, and are tried again.
    case 22 where [429, 500, 502, 503, 504].contains(status) && received > 0: return .broken(words)
    case 22: throw failure(address, .refused(status: status))
    case 23: throw failure(address, .notWritten(words))
    case 18, 28, 52, 55, 56, 92: return .broken(words)
    case nil where Interrupts.isRequested: throw failure(address, .interrupted)
    case nil where received > size: return .complete
    default: throw failure(address, .unreachable(words))
    }
  }

  private func failure(_ address: String, _ obstacle: DownloadObstacle) -> Problem {
    obstacle.problem(file: path, address: address)
  }

  private static func text(_ pipe: Pipe) -> String {
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    return String(decoding: data, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
      .replacingOccurrences(of: "curl: ", with: "")
  }
}
