import Console
import Findings
import Foundation
import Synchronization

/// `failures.jsonl`: a line for each run that could not be carried out to its end, with what was said of it. A run that diverged
/// is not one of them: it has a result.
///
/// There are few, so the whole file is written at each.
final class FailureLog: Sendable {
  /// A run that failed.
  struct Failure: Codable, Sendable {
    /// The hash of its configuration.
    let key: String
    /// What it is, in words, and what was said.
    let run: String, problem: String
    /// When, in UTC.
    let at: String
  }

  private let path: String
  private let failures: Mutex<[String: Failure]>

  /// The log next to a journal.
  init(in folder: ResultsFolder, journal name: String = "runs.jsonl") {
    path = folder.file(Self.name(ofJournal: name))
    failures = Mutex(
      Dictionary(Self.read(path).map { ($0.key, $0) }, uniquingKeysWith: { _, last in last }))
  }

  /// What the failures of a folder are, those of parts too; of each run the last.
  static func recorded(in folder: ResultsFolder) -> [Failure] {
    let names =
      folder.journalNames + (folder.journalNames.contains("runs.jsonl") ? [] : ["runs.jsonl"])
    return names.flatMap { read(folder.file(name(ofJournal: $0))) }
  }

  private static func name(ofJournal name: String) -> String {
    name.replacing("runs", with: "failures", maxReplacements: 1)
  }

  /// The lines that can be read.
  private static func read(_ path: String) -> [Failure] {
    (RegularFile.contents(path) ?? Data()).split(separator: 10).compactMap {
      try? JSONText.decoder.decode(Failure.self, from: Data($0))
    }
  }

  /// What was said of a run; `nil` where it did not fail.
  func failure(key: String) -> Failure? { failures.withLock { $0[key] } }

  /// Notes a failure in place of an earlier one of the same run.
  func note(_ failure: Failure) throws {
    try failures.withLock {
      $0[failure.key] = failure
      try write($0)
    }
  }

  /// Forgets the failure of a run that went through now.
  func forget(key: String) throws {
    try failures.withLock {
      guard $0.removeValue(forKey: key) != nil else { return }
      try write($0)
    }
  }

  private func write(_ failures: [String: Failure]) throws {
    guard !failures.isEmpty else {
      unlink(path)
      return
    }
    let lines = try failures.values.sorted { ($0.at, $0.key) < ($1.at, $1.key) }.map {
      try JSONText.encoder.encode($0) + Data("\n".utf8)
    }
    try AtomicFile.write(Data(lines.joined()), to: path)
  }
}
