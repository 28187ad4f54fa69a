import Console
import Findings
import Foundation

/// The folder of one sweep: `record.json`, `runs.jsonl`, and what is derived from them at the end.
public struct ResultsFolder: Sendable {
  /// The path as given.
  public let path: String

  /// A folder at `path`, which need not exist yet. Nothing is written.
  public init(path: String) { self.path = path }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// The folder in which long runs save their state.
  public var checkpoints: String { file("checkpoints") }

  /// Makes sure that the folder is new, empty, or contains a part of this exact sweep, and creates it.
  ///
  /// - Parameters:
  ///   - study: The name of the study.
  ///   - sweepKey: The digest of the request.
  ///   - grows: Whether the folder contains a part of the request, according to its record; evaluated only if its key differs.
  /// - Returns: Whether the folder contains such a part.
  /// - Throws: ``/Findings/Problem``; then nothing was written.
  @discardableResult
  public func prepare(
    study: String, sweepKey: String, grows: () throws(Problem) -> Bool = { false }
  ) throws(Problem) -> Bool {
    var isGrown = false
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw Problem(
          subject: path, problem: "this is a file", remedy: "give a folder to \(Setting.out)")
      }
      isGrown = try checkContents(study: study, sweepKey: sweepKey, grows)
    } else {
      let missing = missingFolders()
      do {
        try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        // Some of the folders may have been created. `rmdir` removes only an empty folder.
        for folder in missing { rmdir(folder) }
        throw Problem(
          subject: path, problem: "the folder cannot be created",
          remedy: "give a writable folder to \(Setting.out)")
      }
    }
    guard manager.isWritableFile(atPath: path) else {
      throw Problem(
        subject: path, problem: "the folder cannot be written to",
        remedy: "change its permissions or give another to \(Setting.out)")
    }
    return isGrown
  }

  /// Makes sure that the folder contains this exact sweep. Nothing is written.
  func require(study: String, sweepKey: String) throws(Problem) {
    _ = try checkContents(study: study, sweepKey: sweepKey) { false }
  }

  /// The folders that would have to be created, the innermost first.
  private func missingFolders() -> [String] {
    var missing: [String] = []
    var next = path
    while !next.isEmpty, next != "/", !FileManager.default.fileExists(atPath: next) {
      missing.append(next)
      // By hand: Foundation on Linux traps at the last component of a path of one character.
      next = next.lastIndex(of: "/").map { String(next[..<$0]) } ?? ""
    }
    return missing
  }

  /// - Returns: Whether the folder holds a part of what is requested, under another key.
  private func checkContents(
    study: String, sweepKey: String, _ grows: () throws(Problem) -> Bool
  ) throws(Problem) -> Bool {
    guard let contents = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw Problem(
        subject: path, problem: "the folder cannot be read", remedy: "change its permissions")
    }
    if contents.allSatisfy(isTraceOfABeginning) { return false }
    let record = file("record.json")
    guard RegularFile.size(record) != nil else {
      throw Problem(
        subject: path, problem: "the folder holds files but no record.json, so no sweep made it",
        remedy: "give a new folder to \(Setting.out)")
    }
    guard let header else {
      throw Problem(
        subject: record, problem: "this is not the record of a sweep",
        remedy: "give a new folder to \(Setting.out)")
    }
    let isSame = header.study == study && header.sweepKey == sweepKey
    var isPart = isSame
    if !isPart, header.study == study { isPart = try grows() }
    guard isPart else {
      throw Problem(
        subject: path,
        problem: "the folder holds another sweep (\(header.study) \(header.sweepKey), and this "
          + "is \(study) \(sweepKey))",
        remedy: "give a new folder to \(Setting.out), or the options of that sweep")
    }
    guard header.numericalVersion == Provenance.numericalVersion else {
      throw Problem(
        subject: path,
        problem:
          "the folder holds runs of numerical version \(header.numericalVersion), but this program has "
          + "version \(Provenance.numericalVersion)",
        remedy:
          "give a new folder to \(Setting.out), so that the two versions' results are not mixed"
      )
    }
    return !isSame
  }

  /// Whether a file is what a sweep leaves if it was killed before it wrote its record: a journal without a run, or the beginning
  /// of a file that had no name yet.
  private func isTraceOfABeginning(_ name: String) -> Bool {
    if AtomicFile.isTemporary(name) { return true }
    return (name == "runs.jsonl" || Shard.isJournal(name)) && RegularFile.size(file(name)) == 0
  }

  /// Locks the folder for this process until the lock is released, and cleans up after a killed process.
  ///
  /// - Throws: ``/Findings/Problem`` if another process has locked it.
  public func lock() throws -> FolderLock {
    let lock = try FolderLock(path)
    try FileGroup.recover(in: path)
    return lock
  }

  /// Whether the record says that everything is complete.
  public var isComplete: Bool { status == .complete }

  /// The progress according to the record; `nil` if there is no readable one.
  public var status: RecordStatus? { header?.status }

  /// The beginning of the record; `nil` if there is no readable one.
  public var header: RecordHeader? { record(RecordHeader.self) }

  /// A part of the record; `nil` if there is no record with it.
  public func record<Part: Decodable>(_ part: Part.Type) -> Part? {
    RegularFile.contents(file("record.json")).flatMap {
      try? JSONText.decoder.decode(part, from: $0)
    }
  }

  /// Writes a file completely or not at all.
  public func write(_ data: Data, to name: String) throws(Problem) {
    try AtomicFile.write(data, to: file(name))
  }

  /// Writes a value as human-readable JSON.
  public func write(json value: some Encodable, to name: String) throws {
    try write(try JSONText.prettyEncoder.encode(value) + Data("\n".utf8), to: name)
  }
}

/// The exclusive right of one process to write to a results folder.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  fileprivate init(_ path: String) throws(Problem) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0, FileLock.isTaken(descriptor) {
      close(descriptor)
      throw Problem(
        subject: path, problem: "another process is writing to this folder",
        remedy: "wait for it, or give another folder to \(Setting.out)")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
