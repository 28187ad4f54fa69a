import Findings
import Foundation

/// Bytes that can be read at any position: a regular file, kept open, or bytes in memory.
///
/// No result is larger than what actually exists, so a count taken from a header is never allocated
/// before the file has proved it correct.
package struct ByteSource: Sendable {
  private enum Storage: Sendable {
    case file(FileHandle)
    case memory([UInt8])
  }

  /// The path, as errors name it.
  package let file: String
  /// The number of bytes when the source was opened.
  package let size: Int
  private let storage: Storage

  /// The most that one system call reads.
  private static let pieceSize = 1 << 20

  /// Bytes in memory under a name for errors.
  package init(_ bytes: [UInt8], named name: String) {
    file = name
    size = bytes.count
    storage = .memory(bytes)
  }

  /// Opens the file at `path`.
  ///
  /// - Throws: ``/Findings/Problem`` if there is none, when it is not a regular file, or cannot be
  ///   opened.
  package init(contentsOfFile path: String) throws(Problem) {
    size = try Self.size(ofFile: path)
    file = path
    do {
      storage = .file(try FileHandle(forReadingFrom: URL(fileURLWithPath: path)))
    } catch {
      throw Self.unreadable(path, "opening", error.localizedDescription)
    }
  }

  /// The `count` bytes from `offset` on; fewer only at the end of the source.
  package func read(_ count: Int, at offset: Int) throws(Problem) -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    let end = offset + min(count, size - offset)
    switch storage {
    case .memory(let bytes): return Array(bytes[offset..<end])
    case .file(let handle): return try read(offset..<end, from: handle)
    }
  }

  /// The whole, as text.
  ///
  /// - Throws: ``/Findings/Problem`` with this remedy if it is longer: then it is something other than what was requested.
  package func text(megabytes: Int, remedy: String) throws(Problem) -> String {
    guard size <= megabytes << 20 else {
      throw Problem(
        subject: file, problem: "the file is larger than \(megabytes) MB", remedy: remedy)
    }
    return String(decoding: try read(size, at: 0), as: UTF8.self)
  }

  /// Throws if the file's size has changed since it was opened: somebody is still writing it.
  ///
  /// A format that states its own length needs no such check.
  package func requireUnchanged() throws(Problem) {
    guard case .file(let handle) = storage else { return }
    var status = stat()
    guard fstat(handle.fileDescriptor, &status) == 0, Int(status.st_size) != size else { return }
    throw Problem(
      .inconsistent, subject: file, location: "byte \(min(size, Int(status.st_size)))",
      problem: "the file had \(size) bytes, but \(status.st_size) after it was read",
      remedy: "wait until it is completely written, then read it again")
  }

  private func read(
    _ range: Range<Int>, from handle: FileHandle
  ) throws(Problem) -> [UInt8] {
    var failure: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      while filled < range.count {
        let start = buffer.baseAddress.map { UnsafeMutableRawPointer($0 + filled) }
        let wanted = min(range.count - filled, Self.pieceSize)
        // `pread` has no position of its own, so several readers may share the handle.
        let got = pread(handle.fileDescriptor, start, wanted, off_t(range.lowerBound + filled))
        if got > 0 {
          filled += got
        } else if got == 0 {
          break
        } else if errno != EINTR {
          failure = errno
          break
        }
      }
    }
    guard failure == 0 else {
      throw Self.unreadable(file, "byte \(range.lowerBound)", String(cString: strerror(failure)))
    }
    return bytes
  }

  // MARK: The file system

  private static func size(ofFile path: String) throws(Problem) -> Int {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Problem(
        .notFound, subject: path.isEmpty ? "\"\"" : path, location: "path",
        problem: "there is no such file",
        remedy: "check the path, which is relative to \(FileManager.default.currentDirectoryPath)")
    }
    guard !isFolder.boolValue else {
      throw Problem(
        .unreadable, subject: path, location: "path", problem: "this is a folder",
        remedy: "give a file in it")
    }
    do {
      // The attributes are those of a symbolic link itself unless the link is resolved first.
      let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      let attributes = try FileManager.default.attributesOfItem(atPath: resolved)
      if attributes[.type] as? FileAttributeType == .typeRegular,
        let size = attributes[.size] as? NSNumber
      {
        return size.intValue
      }
    } catch {
      throw unreadable(path, "attributes", error.localizedDescription)
    }
    throw Problem(
      .unreadable, subject: path, location: "path", problem: "this is a device or a pipe",
      remedy: "save the content to a regular file first")
  }

  private static func unreadable(
    _ path: String, _ position: String, _ problem: String
  ) -> Problem {
    Problem(
      .unreadable, subject: path, location: position, problem: problem,
      remedy: "check the permissions and the disk")
  }
}
