import Console
import Findings
import Foundation

/// One file on its way: calls of curl that append to the file of what has come so far.
struct Transfer {
  /// How a call of curl ended, where another may follow.
  enum End {
    /// All that the server has came.
    case complete
    /// The connection broke.
    case broken(String)
    /// The server does not give a file from a position in it on.
    case cannotResume
  }

  /// The file that is to be.
  let path: String
  /// What came so far.
  let part: String
  /// The published size.
  let size: Int
  let curl: String?
  let environment: [String: String]

  /// How many bytes came so far.
  var received: Int { Self.size(of: part) }

  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Calls curl once.
  ///
  /// A signal that is to end the program ends curl first, so that no process goes on writing.
  func run(_ address: String, resumes: Bool, progress: (Int) -> Void) throws(Problem) -> End {
    guard let curl else { throw failure(address, .noCurl) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: curl)
    // First of all not to read ~/.curlrc, which could change anything. Without data for a minute the connection counts as broken.
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
        // What came is kept in the file, and a gentler signal might be blocked in the child. A server that
        // sends more than the file has is not listened to until the disk is full.
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
    // Busy or failing servers may be better a moment later, and are asked again.
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
