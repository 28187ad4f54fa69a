import Console
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `runs.jsonl`: a line for each finished run, appended by one write so that a killed process leaves whole
/// lines and at most one torn one at the end, which is dropped when the journal is opened again.
public final class Journal<Configuration: RunConfiguration, Outcome: Codable & Sendable>: Sendable {
  private let path: String
  private let descriptor: Int32
  private let finished: Mutex<[String: Outcome]>

  /// Opens the journal of a folder, and reads the runs that it holds.
  ///
  /// - Throws: ``ResultsFolder/Unusable`` where another process writes to it, or a line cannot be read.
  public init(in folder: ResultsFolder) throws(ResultsFolder.Unusable) {
    path = folder.file("runs.jsonl")
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ResultsFolder.Unusable(
        path: path, problem: "the file cannot be opened (\(String(cString: strerror(errno))))",
        remedy: "change its permissions or give another folder to --out")
    }
    finished = Mutex([:])
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw ResultsFolder.Unusable(
        path: path, problem: "another process is writing to this sweep",
        remedy: "wait for it, or give another folder to --out")
    }
    let runs = try Self.runs(in: path, descriptor: descriptor)
    finished.withLock { $0 = runs }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func runs(
    in path: String, descriptor: Int32
  ) throws(ResultsFolder.Unusable) -> [String: Outcome] {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let newline = UInt8(ascii: "\n")
    let end = data.lastIndex(of: newline).map { data.index(after: $0) } ?? data.startIndex
    var runs: [String: Outcome] = [:]
    let lines = data[..<end].split(separator: newline, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      guard
        let run = try? JSONText.decoder.decode(RunLine<Configuration, Outcome>.self, from: line),
        run.key == (try? run.configuration.key)
      else {
        throw ResultsFolder.Unusable(
          path: path, problem: "line \(number + 1) is not a run of this sweep",
          remedy: "remove the line to have the run carried out again")
      }
      runs[run.key] = run.outcome
    }
    if end < data.endIndex, ftruncate(descriptor, off_t(end)) != 0 {
      throw ResultsFolder.Unusable(
        path: path, problem: "the torn last line cannot be removed", remedy: "remove it by hand")
    }
    return runs
  }

  /// The number of finished runs.
  public var count: Int { finished.withLock { $0.count } }

  /// The outcome of a finished run.
  package func outcome(key: String) -> Outcome? { finished.withLock { $0[key] } }

  /// Records a finished run.
  package func append(_ configuration: Configuration, _ outcome: Outcome) throws {
    let line = try RunLine(configuration, outcome)
    let data = try JSONText.encoder.encode(line) + Data("\n".utf8)
    try finished.withLock { finished in
      let failure = Interrupts.finishing {
        data.withUnsafeBytes { Self.appendWhole(descriptor, $0.baseAddress, $0.count) }
      }
      if let failure {
        throw ResultsFolder.Unusable(
          path: path,
          problem: "a finished run cannot be recorded (\(String(cString: strerror(failure))))",
          remedy: "make room and start the same command again; what is recorded is kept")
      }
      finished[line.key] = outcome
    }
  }

  /// One write, so that lines of a killed process are whole; more only where a signal came between, or where the
  /// disk took a part. What cannot be completed is removed, so that no later line follows half a line.
  ///
  /// - Returns: The error of the operating system; `nil` where all was written.
  private static func appendWhole(
    _ descriptor: Int32, _ data: UnsafeRawPointer?, _ count: Int
  ) -> Int32? {
    let end = lseek(descriptor, 0, SEEK_END)
    var done = 0
    while done < count {
      let written = write(descriptor, data.map { $0 + done }, count - done)
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        let failure = written < 0 ? errno : ENOSPC
        ftruncate(descriptor, end)
        return failure
      }
    }
    return nil
  }
}
