import Findings
import Foundation

/// A file that an option such as `--json` names. It is written last, so whether it can be is looked at first: hours
/// of work should not end with a message about a folder.
public enum OutputFile {
  /// Makes sure that a file can be written at a path, where there is one. Nothing is written.
  ///
  /// - Parameter folder: The folder of the results, which may have to be made yet.
  public static func check(_ path: String?, folder: String? = nil) throws(Problem) {
    guard let path else { return }
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
    if let folder, standardized(folder) == standardized(parent) { return }
    guard manager.fileExists(atPath: parent, isDirectory: &isFolder) else {
      throw .cannotWrite(path, .folderMissing(parent))
    }
    if !isFolder.boolValue { throw .cannotWrite(path, .notAFolder(parent)) }
    if !manager.isWritableFile(atPath: parent) {
      throw .cannotWrite(path, .notPermitted)
    }
  }

  /// Makes sure that a file can be written at a path, and that this takes nothing away: that it is neither an input of the
  /// command nor a file of the results. Nothing is written.
  ///
  /// - Parameters:
  ///   - option: The option that names the path, such as `--json`.
  ///   - inputs: What the command reads, each with what it is in words; paths that are `nil` are not there.
  ///   - folder: The folder of the results, which may have to be made yet.
  ///   - results: The names of the files that the command keeps in that folder.
  /// - Throws: where it cannot be written, or where something else would be lost.
  public static func check(
    _ path: String?, option: String, inputs: [(path: String?, what: String)] = [],
    folder: String? = nil, results: [String] = []
  ) throws {
    try check(path, folder: folder)
    guard let path else { return }
    let kept = folder.map { folder in
      results.map { (path: FilePaths.joined(folder, $0), what: "a file of the results") }
    }
    let taken = inputs.compactMap { input in input.path.map { (path: $0, what: input.what) } }
    if let other = (taken + (kept ?? [])).first(where: { isSame(path, $0.path) }) {
      throw Problem(
        setting: Problem.Setting(rawValue: option), subject: path,
        problem: "this is \(other.what) too, and would be overwritten", remedy: "give another path")
    }
  }

  /// Whether two paths lead to one regular file, or will: by links, by hard links, by another spelling.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    let exist = (stat(one, &first) == 0, stat(other, &second) == 0)
    if exist == (true, true) {
      return first.st_dev == second.st_dev && first.st_ino == second.st_ino
        && first.st_mode & S_IFMT == S_IFREG
    }
    if exist.0 || exist.1 { return false }
    return standardized(one) == standardized(other)
  }

  private static func standardized(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
