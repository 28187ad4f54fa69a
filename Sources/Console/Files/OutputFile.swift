import Findings
import Foundation

/// A file that an option such as `--json` names. It is written last, so whether it can be written is checked first: hours
/// of work should not end with a message about a folder.
package enum OutputFile {
  /// Makes sure that a file can be written at a path. Nothing is written.
  ///
  /// - Parameter folders: Folders that will be created before the file is written.
  package static func check(_ path: String, folders: Set<String> = []) throws(Problem) {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isFolder) {
      if isFolder.boolValue { throw .cannotWrite(path, .isFolder) }
      if !manager.isWritableFile(atPath: path) {
        throw .cannotWrite(path, .notPermitted)
      }
      return
    }
    let parent = FilePaths.folder(of: path)
    if folders.contains(where: { standardized($0) == standardized(parent) }) { return }
    guard manager.fileExists(atPath: parent, isDirectory: &isFolder) else {
      throw .cannotWrite(path, .folderMissing(parent))
    }
    if !isFolder.boolValue { throw .cannotWrite(path, .notAFolder(parent)) }
    if !manager.isWritableFile(atPath: parent) {
      throw .cannotWrite(path, .notPermitted)
    }
  }

  private static func standardized(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
