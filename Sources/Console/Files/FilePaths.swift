import Foundation

/// Paths as text.
package enum FilePaths {
  /// The folder that contains a path.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A name in a folder; in the current folder if `folder` is empty.
  package static func joined(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// Whether the path is a folder; nil when there is nothing at it.
  package static func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists ? isFolder.boolValue : nil
  }

  /// A name that nothing in the current folder has yet, so that a command that writes it leaves everything there as it is: `data.csv`,
  /// or `data-2.csv` if that is taken.
  package static func unused(_ name: String) -> String {
    let end = name.lastIndex(of: ".") ?? name.endIndex
    var (own, number) = (name, 1)
    while isFolder(own) != nil {
      number += 1
      own = "\(name[..<end])-\(number)\(name[end...])"
    }
    return own
  }

  /// A path as a word of a shell.
  package static func quoted(_ path: String) -> String {
    let isPlain =
      !path.isEmpty && path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) }
    return isPlain ? path : "'" + path.replacing("'", with: "'\\''") + "'"
  }

  /// This user's home folder.
  package static var home: String? { ProcessInfo.processInfo.environment["HOME"] }
}
