import Foundation

/// Why a file could not be written.
public struct FileError: Error, Sendable, Hashable {
  /// What stood in the way.
  public enum Problem: Sendable, Hashable {
    /// The folder that the file should be in is not there.
    case folderMissing(String)
    /// Part of the path is a file and not a folder.
    case notAFolder(String)
    /// The folder or the file may not be written by this user.
    case notPermitted
    /// The file system is mounted read-only.
    case readOnly
    /// The path names a folder.
    case isFolder
    /// The disk, or this user's share of it, is full.
    case noSpace
    /// The file would be larger than this process may make one.
    case tooLarge
    /// A part of the path is longer than the file system allows.
    case nameTooLong
    /// Another error of the operating system.
    case other(code: Int32)
  }

  /// The file that was to be written.
  public let path: String
  /// What stood in the way.
  public let problem: Problem

  /// Creates an error.
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// The error for a value of `errno`.
  init(path: String, code: Int32) {
    let folder = FilePaths.folder(of: path)
    let problem: Problem =
      switch code {
      case ENOENT: .folderMissing(folder)
      case ENOTDIR: .notAFolder(folder)
      case EACCES, EPERM: .notPermitted
      case EROFS: .readOnly
      case EISDIR: .isFolder
      case ENOSPC, EDQUOT: .noSpace
      case EFBIG: .tooLarge
      case ENAMETOOLONG: .nameTooLong
      default: .other(code: code)
      }
    self.init(path: path, problem: problem)
  }
}

extension FileError: LocalizedError {
  /// What is wrong, with the path.
  public var errorDescription: String? {
    let reason =
      switch problem {
      case .folderMissing(let folder): "the folder \(folder) does not exist"
      case .notAFolder(let folder): "\(folder) is not a folder"
      case .notPermitted: "this user may not write there"
      case .readOnly: "the file system is read-only"
      case .isFolder: "it is a folder"
      case .noSpace: "the disk is full"
      case .tooLarge: "it would be larger than this process may make a file"
      case .nameTooLong: "its name is too long"
      case .other(let code): String(cString: strerror(code))
      }
    return "cannot write \(path): \(reason)"
  }

  /// What to do about it.
  public var recoverySuggestion: String? {
    switch problem {
    case .folderMissing(let folder): "make it with: mkdir -p \(FilePaths.quoted(folder))"
    case .notAFolder, .notPermitted, .readOnly, .nameTooLong: "choose another path"
    case .isFolder: "give the path of a file, such as \(FilePaths.joined(path, "result.json"))"
    case .noSpace: "free some space, or choose a path on another disk, and run the command again"
    case .tooLarge: "raise the limit that ulimit -f shows, and run the command again"
    case .other: nil
    }
  }
}

/// Paths as text.
package enum FilePaths {
  /// The folder that a path lies in.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func joined(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// A path as a word of a shell.
  package static func quoted(_ path: String) -> String {
    let isPlain =
      !path.isEmpty && path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) }
    return isPlain ? path : "'" + path.replacing("'", with: "'\\''") + "'"
  }

  /// This user's folder.
  package static var home: String? { ProcessInfo.processInfo.environment["HOME"] }
}
