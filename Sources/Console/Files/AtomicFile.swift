import Findings
import Foundation

/// Writes files so that a partial file is never visible.
///
/// Every operation runs inside ``Interrupts/finishing(_:)``: a signal waits until it is done.
public enum AtomicFile {
  /// A name for a file that has none yet. Random, since process IDs are reused after a restart of a container.
  package static func temporaryName(_ ending: String = ".tmp") -> String {
    ".plumb-\(String(UInt64.random(in: 1 << 60 ... .max), radix: 16))\(ending)"
  }

  /// Whether a name is such a name: that of a file or folder that a killed process left unfinished.
  package static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".plumb-") && (name.hasSuffix(".tmp") || name.hasSuffix(".new"))
  }

  /// Replaces a whole file, or creates it: readers see either the old content or the new one, and after a crash one of the two
  /// exists.
  ///
  /// The content is written to a temporary file in the same folder, flushed to disk, and takes the
  /// name in one step. A symbolic link is followed; permissions of an existing file are kept. What
  /// is not a regular file, such as `/dev/stdout` or a pipe, is written directly.
  public static func write(_ data: Data, to path: String) throws(Problem) {
    do throws(FileObstacle) {
      try writeUnnamed(data, to: path)
    } catch {
      throw error.problem(of: path)
    }
  }

  /// Throws only the obstacle, for a caller that knows the file by another name.
  static func writeUnnamed(_ data: Data, to path: String) throws(FileObstacle) {
    try Interrupts.finishing { () throws(FileObstacle) in try replace(data, path) }
  }

  /// Replaces a whole file with text in UTF-8, or creates it.
  public static func write(_ text: String, to path: String) throws(Problem) {
    try write(Data(text.utf8), to: path)
  }

  private static func replace(_ data: Data, _ path: String) throws(FileObstacle) {
    func obstacle() -> FileObstacle { FileObstacle(code: errno, path: path) }
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists && kind == S_IFDIR { throw .isFolder }
    if exists && kind != S_IFREG {
      let device = try Descriptor(path, O_WRONLY | O_CLOEXEC)
      defer { device.close() }
      return try device.writeAll(data)
    }
    // A write-protected file is not silently replaced.
    if exists && access(path, W_OK) != 0 { throw obstacle() }
    let target = exists ? resolved(path) : path
    let temporary = FilePaths.joined(FilePaths.folder(of: target), temporaryName())
    let file = try Descriptor(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    var isOpen = true
    do throws(FileObstacle) {
      try file.writeAll(data)
      if exists { fchmod(file.number, status.st_mode & 0o7777) }
      try file.synchronize()
      file.close()
      isOpen = false
      guard rename(temporary, target) == 0 else { throw obstacle() }
    } catch {
      if isOpen { file.close() }
      unlink(temporary)
      throw error
    }
    synchronizeFolder(FilePaths.folder(of: target))
  }

  /// The file that a symbolic link leads to.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Flushes the new name to disk. Some file systems cannot; the content is safe either way.
  static func synchronizeFolder(_ path: String) {
    let folder = open(path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }
}

/// An open file.
private struct Descriptor {
  let number: Int32
  private let path: String

  init(_ path: String, _ flags: Int32) throws(FileObstacle) {
    self.path = path
    let opened = open(path, flags, 0o666)
    guard opened >= 0 else { throw FileObstacle(code: errno, path: path) }
    number = opened
  }

  /// One call of `write`, repeated only if a signal arrived before the first byte.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let written = Foundation.write(number, bytes.baseAddress, bytes.count)
      if written >= 0 || errno != EINTR { return written }
    }
  }

  func writeAll(_ data: Data) throws(FileObstacle) {
    let code = data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Int32 in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = write(UnsafeRawBufferPointer(rebasing: rest))
        if written < 0 { return errno }
        rest = rest.dropFirst(written)
      }
      return 0
    }
    guard code == 0 else { throw FileObstacle(code: code, path: path) }
  }

  /// Flushes the content to disk. There is nothing to do for a pipe and the like.
  func synchronize() throws(FileObstacle) {
    guard fsync(number) != 0 else { return }
    let code = errno
    if code == EINVAL || code == ENOTSUP || code == EROFS { return }
    throw FileObstacle(code: code, path: path)
  }

  func close() { _ = Foundation.close(number) }
}
