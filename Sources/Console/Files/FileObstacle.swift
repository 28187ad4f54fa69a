import Findings
import Foundation

/// What prevents a file from being written.
package enum FileObstacle: Error, Hashable {
  case folderMissing(String)
  case notAFolder(String)
  case notPermitted, readOnly, isFolder, noSpace, tooLarge, nameTooLong
  case other(code: Int32)

  /// The obstacle that a value of `errno` means, at a path.
  package init(code: Int32, path: String) {
    let folder = FilePaths.folder(of: path)
    self =
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
  }

  private var reason: String {
    switch self {
    case .folderMissing(let folder): "the folder \(folder) does not exist"
    case .notAFolder(let folder): "\(folder) is not a folder"
    case .notPermitted: "this user may not write there"
    case .readOnly: "the file system is read-only"
    case .isFolder: "it is a folder"
    case .noSpace: "the disk is full"
    case .tooLarge: "it would exceed this process's limit on file size"
    case .nameTooLong: "its name is too long"
    case .other(let code): String(cString: strerror(code))
    }
  }

  private func remedy(_ path: String) -> String {
    switch self {
    case .folderMissing(let folder): "create it with: mkdir -p \(FilePaths.quoted(folder))"
    case .notAFolder, .notPermitted, .readOnly, .nameTooLong: "choose another path"
    case .isFolder: "give the path of a file, such as \(FilePaths.joined(path, "result.json"))"
    case .noSpace: "free some space, or choose a path on another disk, and run the command again"
    case .tooLarge: "raise the limit that ulimit -f shows, and run the command again"
    case .other: ""
    }
  }

  /// The obstacle as the problem of the file that was to be written.
  package func problem(of path: String) -> Problem {
    Problem(.file, problem: "cannot write \(path): \(reason)", remedy: remedy(path))
  }
}

extension Problem.Kind {
  /// A file that cannot be written.
  public static let file: Self = "file"
}

extension Problem {
  /// A file that cannot be written, for the value of `errno`.
  package static func cannotWrite(_ path: String, code: Int32) -> Problem {
    FileObstacle(code: code, path: path).problem(of: path)
  }

  /// A file that cannot be written.
  package static func cannotWrite(_ path: String, _ obstacle: FileObstacle) -> Problem {
    obstacle.problem(of: path)
  }
}
