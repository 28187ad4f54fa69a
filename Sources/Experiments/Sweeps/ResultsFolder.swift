import Console
import Foundation

/// The folder of one sweep: `record.json`, `runs.jsonl`, and what is drawn from them at the end.
public struct ResultsFolder: Sendable {
  /// The path as it was given.
  public let path: String

  /// Why a folder cannot be used.
  public struct Unusable: Error, Sendable, CustomStringConvertible {
    /// The folder or the file in it.
    public let path: String
    /// What is wrong, and what helps.
    public let problem: String, remedy: String

    /// A sentence with the path in front.
    public var description: String { "\(path): \(problem); \(remedy)" }
  }

  /// The beginning of a record: enough to tell whose folder it is.
  private struct Identity: Codable {
    let study: String
    let sweepKey: String
    let executableHash: String?
  }

  /// A folder at `path`, which need not exist yet. Nothing is written.
  public init(path: String) { self.path = path }

  /// Where a file of the folder lies.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Makes sure that the folder is new, empty, or holds a part of this very sweep, and creates it.
  ///
  /// - Throws: ``Unusable``; then nothing was written.
  public func prepare(study: String, sweepKey: String, executableHash: String?) throws(Unusable) {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw Unusable(path: path, problem: "this is a file", remedy: "give a folder to --out")
      }
      try checkContents(study: study, sweepKey: sweepKey, executableHash: executableHash)
    } else {
      let missing = missingFolders()
      do {
        try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        // Some on the way may have been made. `rmdir` takes nothing but an empty folder.
        for folder in missing { rmdir(folder) }
        throw Unusable(
          path: path, problem: "the folder cannot be created",
          remedy: "give a folder that can be written to --out")
      }
    }
    guard manager.isWritableFile(atPath: path) else {
      throw Unusable(
        path: path, problem: "the folder cannot be written to",
        remedy: "change its permissions or give another to --out")
    }
  }

  /// The folders that would have to be made, the innermost first.
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

  private func checkContents(
    study: String, sweepKey: String, executableHash: String?
  ) throws(Unusable) {
    guard let contents = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw Unusable(
        path: path, problem: "the folder cannot be read", remedy: "change its permissions")
    }
    if contents.allSatisfy(isTraceOfABeginning) { return }
    let record = file("record.json")
    guard let data = FileManager.default.contents(atPath: record) else {
      throw Unusable(
        path: path, problem: "the folder holds files but no record.json, so no sweep made it",
        remedy: "give a new folder to --out")
    }
    guard let identity = try? JSONText.decoder.decode(Identity.self, from: data) else {
      throw Unusable(
        path: record, problem: "this is not the record of a sweep",
        remedy: "give a new folder to --out")
    }
    guard identity.study == study, identity.sweepKey == sweepKey else {
      throw Unusable(
        path: path,
        problem: "the folder holds another sweep (\(identity.study) \(identity.sweepKey), and this "
          + "is \(study) \(sweepKey))",
        remedy: "give a new folder to --out, or the options of that sweep")
    }
    guard executableHash == nil || identity.executableHash == executableHash else {
      throw Unusable(
        path: path, problem: "the folder holds runs of another build of this program",
        remedy: "give a new folder to --out, so that results of two builds are not mixed")
    }
  }

  /// Whether a file is what a sweep leaves that was killed before it wrote its record: a journal without a
  /// run, or the beginning of a file that had no name yet.
  private func isTraceOfABeginning(_ name: String) -> Bool {
    if name.hasPrefix(".plumb-") && name.hasSuffix(".tmp") { return true }
    let isEmpty = FileManager.default.contents(atPath: file(name))?.isEmpty ?? false
    return name == "runs.jsonl" && isEmpty
  }

  /// Writes a whole file, or nothing.
  public func write(_ data: Data, to name: String) throws(FileError) {
    try AtomicFile.write(data, to: file(name))
  }

  /// Writes a value as JSON that people can read.
  public func write(json value: some Encodable, to name: String) throws {
    try write(try JSONText.prettyEncoder.encode(value) + Data("\n".utf8), to: name)
  }
}
