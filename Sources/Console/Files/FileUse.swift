import Findings
import Foundation

/// What a command does with a file on its command line.
public struct FileUse: Sendable, Hashable {
  /// Whether a file is read or written.
  public enum Direction: Sendable, Hashable {
    /// It is read.
    case reads
    /// It is written: replaced as a whole if it exists.
    case writes
  }

  /// The path of the file, as given.
  public let path: String
  /// What the file is, in words: "the data".
  public let what: String
  /// Whether it is read or written.
  public let direction: Direction
  /// The results folder that it belongs to, which may still have to be created; `nil` for a single file.
  public let folder: String?

  /// A file that is read.
  public static func reads(_ path: String, _ what: String) -> FileUse {
    FileUse(path: path, what: what, direction: .reads, folder: nil)
  }

  /// A file that is written.
  public static func writes(_ path: String) -> FileUse {
    FileUse(path: path, what: "another output", direction: .writes, folder: nil)
  }

  /// The files that a command keeps in a folder.
  public static func writes(_ names: [String], in folder: String) -> [FileUse] {
    names.map {
      FileUse(
        path: FilePaths.joined(folder, $0), what: "a file of the results", direction: .writes,
        folder: folder)
    }
  }
}

/// The files of one command line, each with the option that names it, such as `--json`; `nil` if a default does.
package struct FileUses: Sendable {
  package typealias Named = (option: String?, use: FileUse)

  private let uses: [Named]

  package init(_ uses: [Named]) { self.uses = uses }

  /// Throws if an output cannot be written, or if writing it would overwrite something: an input of the command, or
  /// another of its outputs. Nothing is written.
  ///
  /// - Throws: ``Problem``.
  package func check() throws {
    let folders = Set(uses.compactMap(\.use.folder))
    // The results themselves are checked by the code that creates their folder.
    for (_, use) in uses where use.direction == .writes && use.folder == nil {
      try OutputFile.check(use.path, folders: folders)
    }
    var taken: [FileIdentity: Named] = [:]
    for named in uses where named.use.direction == .reads {
      if let identity = FileIdentity(named.use.path) { taken[identity] = named }
    }
    // Files of the results first, so that the option of a single file is what the message names.
    let outputs = uses.filter { $0.use.direction == .writes }
    for named in outputs.filter({ $0.use.folder != nil }) + outputs.filter({ $0.use.folder == nil })
    {
      guard let identity = FileIdentity(named.use.path) else { continue }
      if let other = taken[identity] {
        throw Problem(
          setting: (named.option ?? other.option).map { Setting(rawValue: $0) },
          subject: named.use.path,
          problem: "this is also \(other.use.what), and would be overwritten",
          remedy: "give another path")
      }
      taken[identity] = named
    }
  }
}

/// The identity of a file, however its path is spelled: through links, hard links, or another path to the same folder.
private enum FileIdentity: Hashable {
  /// A regular file that exists.
  case file(device: UInt64, number: UInt64)
  /// A file that does not exist yet.
  case path(String)

  /// `nil` for anything but a regular file, such as `/dev/stdout`: it may be read and written.
  init?(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      self = .file(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
      return
    }
    let standard = URL(fileURLWithPath: path).standardizedFileURL.path
    guard let folder = realpath(FilePaths.folder(of: standard), nil) else {
      self = .path(standard)
      return
    }
    defer { free(folder) }
    let name = standard[
      (standard.lastIndex(of: "/").map(standard.index(after:)) ?? standard.startIndex)...]
    self = .path(FilePaths.joined(String(cString: folder), String(name)))
  }
}
