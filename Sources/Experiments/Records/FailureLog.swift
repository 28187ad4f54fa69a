import Console
import Findings
import Foundation
import Synchronization

/// `failures.jsonl`: a line for each run that could not be carried out to its end, with its message. A run that diverged
/// is not one of them: it has a result.
///
/// Lines are appended, and the last one for each run counts; a run that succeeded later has a line that says so. Lines that no
/// longer count are left out when the file is opened again.
final class FailureLog: Sendable {
  /// A run that failed.
  struct Failure: Codable, Sendable {
    /// The hash of its configuration.
    let key: String
    /// The run in words, and the message.
    let run: String, problem: String
    /// The time, in UTC.
    let at: String
    /// Whether it succeeded later.
    var isResolved: Bool?
  }

  private let path: String
  private let failures: Mutex<[String: Failure]>

  /// The log next to a journal.
  init(in folder: ResultsFolder, journal name: String = "runs.jsonl") {
    path = folder.file(Self.name(ofJournal: name))
    let (holding, count) = Self.read(path)
    failures = Mutex(Dictionary(uniqueKeysWithValues: holding.map { ($0.key, $0) }))
    if holding.count < count { try? Self.rewrite(holding, path) }
  }

  /// The failures in a folder, including those of parts; for each run, the last.
  static func recorded(in folder: ResultsFolder) -> [Failure] {
    let names =
      folder.journalNames + (folder.journalNames.contains("runs.jsonl") ? [] : ["runs.jsonl"])
    return names.flatMap { read(folder.file(name(ofJournal: $0))).holding }
  }

  private static func name(ofJournal name: String) -> String {
    name.replacing("runs", with: "failures", maxReplacements: 1)
  }

  /// The failures that still count, in their order, and the number of lines.
  private static func read(_ path: String) -> (holding: [Failure], lines: Int) {
    let lines = (RegularFile.contents(path) ?? Data()).split(separator: 10)
    var last: [String: (position: Int, failure: Failure)] = [:]
    for (position, line) in lines.enumerated() {
      guard let failure = try? JSONText.decoder.decode(Failure.self, from: Data(line)) else {
        continue
      }
      last[failure.key] = failure.isResolved == true ? nil : (position, failure)
    }
    return (last.values.sorted { $0.position < $1.position }.map(\.failure), lines.count)
  }

  /// The failure of a run; `nil` if it did not fail.
  func failure(key: String) -> Failure? { failures.withLock { $0[key] } }

  /// Notes a failure in place of an earlier one of the same run.
  func note(_ failure: Failure) throws {
    try failures.withLock {
      $0[failure.key] = failure
      try append(failure)
    }
  }

  /// Forgets the failure of a run that has now succeeded.
  func forget(key: String) throws {
    try failures.withLock {
      guard var failure = $0.removeValue(forKey: key) else { return }
      if $0.isEmpty {
        unlink(path)
      } else {
        failure.isResolved = true
        try append(failure)
      }
    }
  }

  private func append(_ failure: Failure) throws {
    let line = try JSONText.encoder.encode(failure) + Data("\n".utf8)
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    defer { if descriptor >= 0 { close(descriptor) } }
    // An earlier process may have been killed in the middle of a line.
    let end = lseek(descriptor, 0, SEEK_END)
    var last = UInt8(ascii: "\n")
    if end > 0 { pread(descriptor, &last, 1, end - 1) }
    let text = last == UInt8(ascii: "\n") ? line : Data("\n".utf8) + line
    let written = Interrupts.finishing {
      text.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    }
    guard written == text.count else {
      throw Problem(
        subject: path,
        problem: "a failure cannot be recorded (\(String(cString: strerror(errno))))",
        remedy: "free some space, or change the permissions of the folder")
    }
  }

  private static func rewrite(_ failures: [Failure], _ path: String) throws {
    guard !failures.isEmpty else {
      unlink(path)
      return
    }
    let lines = try failures.map { try JSONText.encoder.encode($0) + Data("\n".utf8) }
    try AtomicFile.write(Data(lines.joined()), to: path)
  }
}
