import Foundation

/// A file that an option such as `--json` names. It is written last, so whether it can be is looked at first: hours
/// of work should not end with a message about a folder.
public enum OutputFile {
  /// Makes sure that a file can be written at a path, where there is one. Nothing is written.
  ///
  /// - Parameter folder: The folder of the results, which may have to be made yet.
  public static func check(_ path: String?, folder: String? = nil) throws(FileError) {
    guard let path else { return }
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isFolder) {
      if isFolder.boolValue { throw FileError(path: path, problem: .isFolder) }
      if !manager.isWritableFile(atPath: path) {
        throw FileError(path: path, problem: .notPermitted)
      }
      return
    }
    let parent = FilePaths.folder(of: path)
    if let folder, standardized(folder) == standardized(parent) { return }
    guard manager.fileExists(atPath: parent, isDirectory: &isFolder) else {
      throw FileError(path: path, problem: .folderMissing(parent))
    }
    if !isFolder.boolValue { throw FileError(path: path, problem: .notAFolder(parent)) }
    if !manager.isWritableFile(atPath: parent) {
      throw FileError(path: path, problem: .notPermitted)
    }
  }

  private static func standardized(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
