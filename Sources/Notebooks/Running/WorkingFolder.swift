import Console
import Findings
import Foundation

/// A new folder in which the blocks of one notebook run, as if it were the package's folder: with `data` and `../shared/data`, and
/// without results of earlier runs. It is removed with its content when it is released.
final class WorkingFolder {
  private let root: String
  /// The folder in which blocks run.
  let path: String

  /// - Throws: ``Problem`` if it cannot be created.
  init(package: String) throws(Problem) {
    let files = FileManager.default
    root =
      files.temporaryDirectory.appendingPathComponent("plumb-notebook-\(UUID().uuidString)")
      .path
    path = FilePaths.joined(root, "package")
    do {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
      let inside = FilePaths.joined(package, "data")
      if files.fileExists(atPath: inside) {
        try files.createSymbolicLink(
          atPath: FilePaths.joined(path, "data"), withDestinationPath: inside)
      }
      let neighbor = FilePaths.joined(FilePaths.folder(of: package), "shared/data")
      let given = ProcessInfo.processInfo.environment["PLUMB_DATA"]
      if let data = [given, neighbor].compactMap(\.self).first(where: files.fileExists) {
        let shared = FilePaths.joined(root, "shared")
        try files.createDirectory(atPath: shared, withIntermediateDirectories: false)
        let whole = URL(fileURLWithPath: data).standardizedFileURL.path
        try files.createSymbolicLink(
          atPath: FilePaths.joined(shared, "data"), withDestinationPath: whole)
      }
    } catch {
      try? files.removeItem(atPath: root)
      throw Problem(
        subject: root, problem: "the folder cannot be created",
        remedy: "free some space there, or set TMPDIR to a writable folder")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// The path of a file next to the folder in which blocks run, invisible to them.
  func file(_ name: String) -> String { FilePaths.joined(root, name) }
}
