import Findings
import Foundation

/// Files of one folder that change together.
///
/// All of them are first written into a separate folder, which then takes a fixed name in one step: from then on they are
/// the content. They are moved to their names one after another; whoever opens the folder next finishes what a killed process left
/// undone, see ``recover(in:)``. Only one process at a time may do either: callers hold a lock.
public enum FileGroup {
  /// A file and its content.
  public typealias File = (name: String, content: Data)

  private static let committed = ".plumb-committed"

  /// Replaces or creates files of a folder, all or none.
  ///
  /// - Parameter files: In the order in which they take their names: the file that marks completeness comes last.
  /// - Throws: ``Problem``; then every file is as it was.
  public static func write(_ files: [File], in folder: String) throws(Problem) {
    try Interrupts.finishing { () throws(Problem) in
      try recover(in: folder)
      for file in files { try checkTarget(FilePaths.joined(folder, file.name)) }
      let stage = FilePaths.joined(folder, AtomicFile.temporaryName(".new"))
      guard mkdir(stage, 0o777) == 0 else {
        throw .cannotWrite(FilePaths.joined(folder, files.first?.name ?? ""), code: errno)
      }
      do throws(Problem) {
        for file in files {
          do throws(FileObstacle) {
            try AtomicFile.writeUnnamed(file.content, to: FilePaths.joined(stage, file.name))
          } catch {
            throw error.problem(of: FilePaths.joined(folder, file.name))
          }
        }
        guard rename(stage, FilePaths.joined(folder, committed)) == 0 else {
          throw .cannotWrite(FilePaths.joined(folder, files.first?.name ?? ""), code: errno)
        }
      } catch {
        remove(stage)
        throw error
      }
      AtomicFile.synchronizeFolder(folder)
      try finish(in: folder, order: files.map(\.name))
    }
  }

  /// Finishes what a killed process began to move, and removes what it only began to write.
  public static func recover(in folder: String) throws(Problem) {
    try Interrupts.finishing { () throws(Problem) in
      try finish(in: folder, order: [])
      for name in names(in: folder) where AtomicFile.isTemporary(name) {
        let path = FilePaths.joined(folder, name)
        if unlink(path) != 0 { remove(path) }
      }
    }
  }

  /// Moves the committed files to their names; those that `order` does not know go first, the record last.
  private static func finish(in folder: String, order: [String]) throws(Problem) {
    let source = FilePaths.joined(folder, committed)
    let rank = Dictionary(zip(order, order.indices), uniquingKeysWith: { first, _ in first })
    func turn(_ name: String) -> (Int, Int, String) {
      (name == "record.json" ? 1 : 0, rank[name] ?? -1, name)
    }
    let waiting = names(in: source).filter { !AtomicFile.isTemporary($0) }
    guard access(source, F_OK) == 0 else { return }
    for name in waiting.sorted(by: { turn($0) < turn($1) }) {
      let target = FilePaths.joined(folder, name)
      guard rename(FilePaths.joined(source, name), target) == 0 else {
        throw .cannotWrite(target, code: errno)
      }
    }
    rmdir(source)
    AtomicFile.synchronizeFolder(folder)
  }

  /// Throws if a file could not take its name: because the name is that of a folder or of a write-protected file.
  private static func checkTarget(_ path: String) throws(Problem) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR { throw .cannotWrite(path, .isFolder) }
    if access(path, W_OK) != 0, errno != ENOENT { throw .cannotWrite(path, code: errno) }
  }

  private static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// Removes a folder of this kind with its files.
  private static func remove(_ folder: String) {
    for name in names(in: folder) { unlink(FilePaths.joined(folder, name)) }
    rmdir(folder)
  }
}
