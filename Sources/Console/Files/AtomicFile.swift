import Foundation
import Synchronization

/// Writes files so that nobody ever sees half of one.
///
/// Every operation stands in ``Interrupts/finishing(_:)``: a signal waits until it is done.
public enum AtomicFile {
  private static let serial = Atomic<Int>(0)

  /// Replaces a whole file, or makes it: readers see the old content or the new one, and after a
  /// crash one of the two is there.
  ///
  /// The content goes to a temporary file in the same folder, is forced to the disk, and takes the
  /// name in one step. A symbolic link is followed; permissions of an existing file are kept. What
  /// is not a regular file, such as `/dev/stdout` or a pipe, is written directly.
  public static func write(_ data: Data, to path: String) throws(FileError) {
    try Interrupts.finishing { () throws(FileError) in try replace(data, path) }
  }

  /// Replaces a whole file by a text in UTF-8, or makes it.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Data(text.utf8), to: path)
  }

  /// Appends a line with one call of `write` to a file opened for appending, and forces it to the
  /// disk. Lines that several processes append to a file of a local disk do not mix.
  ///
  /// A last line without its end, which a crash may have left, is closed first; the reader has to
  /// pass over it. See also ``removeTornLine(at:)``.
  /// - Parameter line: the line, without a newline in it or at its end.
  public static func append(line: String, to path: String) throws(FileError) {
    guard !line.utf8.contains(10) else { fatalError("a line to append holds a newline: \(line)") }
    try Interrupts.finishing { () throws(FileError) in
      let file = try Descriptor(
        path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, or: O_WRONLY | O_APPEND)
      defer { file.close() }
      var bytes = Array(line.utf8) + [10]
      if file.lastByte.map({ $0 != 10 }) ?? false { bytes.insert(10, at: 0) }
      let written = bytes.withUnsafeBytes { file.write($0) }
      guard written >= 0 else { throw FileError(path: path, code: errno) }
      // Only a full disk makes a write to a file short.
      guard written == bytes.count else { throw FileError(path: path, problem: .noSpace) }
      try file.synchronize()
    }
  }

  /// Cuts off a last line that has no end, as a crash in the middle of an append may leave it.
  ///
  /// Nobody may append to the file meanwhile. A file that does not exist has no such line.
  /// - Returns: how many bytes were cut off.
  @discardableResult
  public static func removeTornLine(at path: String) throws(FileError) -> Int {
    try Interrupts.finishing { () throws(FileError) in
      guard access(path, F_OK) == 0 else { return 0 }
      let file = try Descriptor(path, O_RDWR | O_CLOEXEC)
      defer { file.close() }
      let size = file.size
      var kept = size
      while kept > 0, file.byte(at: kept - 1) != 10 { kept -= 1 }
      guard kept < size else { return 0 }
      guard ftruncate(file.number, off_t(kept)) == 0 else {
        throw FileError(path: path, code: errno)
      }
      try file.synchronize()
      return size - kept
    }
  }

  private static func replace(_ data: Data, _ path: String) throws(FileError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists && kind == S_IFDIR { throw FileError(path: path, problem: .isFolder) }
    if exists && kind != S_IFREG {
      let device = try Descriptor(path, O_WRONLY | O_CLOEXEC)
      defer { device.close() }
      return try device.writeAll(data)
    }
    // A file that its owner protected is not replaced behind his back.
    if exists && access(path, W_OK) != 0 { throw FileError(path: path, code: errno) }
    let target = exists ? resolved(path) : path
    let number = serial.add(1, ordering: .relaxed).newValue
    let temporary = FilePaths.joined(
      FilePaths.folder(of: target), ".plumb-\(getpid())-\(number).tmp")
    let file: Descriptor
    do throws(FileError) {
      file = try Descriptor(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    } catch {
      throw FileError(path: path, problem: error.problem)
    }
    var isOpen = true
    do throws(FileError) {
      try file.writeAll(data)
      if exists { fchmod(file.number, status.st_mode & 0o7777) }
      try file.synchronize()
      file.close()
      isOpen = false
      guard rename(temporary, target) == 0 else { throw FileError(path: path, code: errno) }
    } catch {
      if isOpen { file.close() }
      unlink(temporary)
      throw FileError(path: path, problem: error.problem)
    }
    synchronizeFolder(of: target)
  }

  /// The file that a symbolic link leads to.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Forces the new name to the disk. Some file systems cannot; the content is safe either way.
  private static func synchronizeFolder(of path: String) {
    let folder = open(FilePaths.folder(of: path), O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }
}

/// An open file.
private struct Descriptor {
  let number: Int32
  private let path: String

  /// Opens a file; where that is refused for a file that cannot be read, such as a pipe, opens it
  /// with `fallback`.
  init(_ path: String, _ flags: Int32, or fallback: Int32? = nil) throws(FileError) {
    self.path = path
    var opened = open(path, flags, 0o666)
    if opened < 0, errno == EACCES, let fallback { opened = open(path, fallback, 0o666) }
    guard opened >= 0 else { throw FileError(path: path, code: errno) }
    number = opened
  }

  var size: Int {
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
    return Int(status.st_size)
  }

  /// The last byte; nil for an empty file and for what is not a file.
  var lastByte: UInt8? {
    let size = size
    return size > 0 ? byte(at: size - 1) : nil
  }

  func byte(at offset: Int) -> UInt8? {
    var byte: UInt8 = 0
    return pread(number, &byte, 1, off_t(offset)) == 1 ? byte : nil
  }

  /// One call of `write`, made again only where a signal came before the first byte.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let written = Foundation.write(number, bytes.baseAddress, bytes.count)
      if written >= 0 || errno != EINTR { return written }
    }
  }

  func writeAll(_ data: Data) throws(FileError) {
    let code = data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Int32 in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = write(UnsafeRawBufferPointer(rebasing: rest))
        if written < 0 { return errno }
        rest = rest.dropFirst(written)
      }
      return 0
    }
    guard code == 0 else { throw FileError(path: path, code: code) }
  }

  /// Forces the content to the disk. What has no disk behind it, such as a pipe, has nothing to do.
  func synchronize() throws(FileError) {
    guard fsync(number) != 0 else { return }
    let code = errno
    if code == EINVAL || code == ENOTSUP || code == EROFS { return }
    throw FileError(path: path, code: code)
  }

  func close() { _ = Foundation.close(number) }
}
