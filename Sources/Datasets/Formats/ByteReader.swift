import Foundation

/// A file read from its start, decompressed on the way when it begins as gzip does.
///
/// The first two bytes decide, not the name: downloaded `.gz` files are sometimes decompressed on
/// the way and keep their name.
package struct ByteReader: ~Copyable {
  /// The path, as errors name it.
  package let file: String
  /// Whether the content is decompressed on the way.
  package let isCompressed: Bool
  /// The next byte's place in the decompressed content.
  package private(set) var offset = 0
  /// A bound on the size of the decompressed content: the file's size, or what deflate can at most
  /// make of it.
  package let sizeBound: Int

  private let handle: FileHandle
  private var inflate: InflateStream?

  private static let pieceSize = 1 << 20
  /// Deflate spends at least 2 bits on the at most 258 bytes that a match copies.
  private static let largestExpansion = 258 * 8 / 2

  /// Opens the file at `path`.
  ///
  /// - Throws: ``DatasetError`` when there is none, when it is not a regular file, cannot be
  ///   opened, or is compressed and the system has no zlib.
  package init(_ path: String) throws(DatasetError) {
    let size = try Self.size(ofFile: path)
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    } catch {
      throw Self.unreadable(path, "opening", error)
    }
    let start = try Self.read(2, from: handle, path)
    do {
      try handle.seek(toOffset: 0)
    } catch {
      throw Self.unreadable(path, "byte 0", error)
    }
    let isCompressed = start == [0x1F, 0x8B]
    let inflate = try isCompressed ? Self.inflating(handle, path) : nil
    self.file = path
    self.handle = handle
    self.isCompressed = isCompressed
    self.inflate = inflate
    if isCompressed {
      let (bound, overflow) = size.multipliedReportingOverflow(by: Self.largestExpansion)
      sizeBound = overflow ? Int.max : bound
    } else {
      sizeBound = size
    }
  }

  private static func inflating(
    _ handle: FileHandle, _ path: String
  ) throws(DatasetError) -> InflateStream {
    try InflateStream(file: path, format: .gzip) { () throws(DatasetError) in
      try read(pieceSize, from: handle, path)
    }
  }

  /// The next `count` bytes of the content; fewer only at its end.
  ///
  /// - Throws: ``DatasetError`` when reading fails or the compressed data are damaged.
  package mutating func read(_ count: Int) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    if isCompressed {
      _ = try inflate?.read(count, appendingTo: &bytes)
    } else {
      bytes.reserveCapacity(min(count, sizeBound))
      while bytes.count < count {
        let piece = try Self.read(min(count - bytes.count, Self.pieceSize), from: handle, file)
        if piece.isEmpty { break }
        bytes.append(contentsOf: piece)
      }
    }
    offset += bytes.count
    return bytes
  }

  // MARK: The file system

  private static func size(ofFile path: String) throws(DatasetError) -> Int {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw DatasetError(
        .notFound, file: path.isEmpty ? "\"\"" : path, place: "path",
        problem: "there is no such file",
        remedy: "check the path, which is relative to \(FileManager.default.currentDirectoryPath)")
    }
    guard !isFolder.boolValue else {
      throw DatasetError(
        .unreadable, file: path, place: "path", problem: "this is a folder",
        remedy: "name a file in it")
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
      throw unreadable(path, "attributes", error)
    }
    throw DatasetError(
      .unreadable, file: path, place: "path", problem: "this is a device or a pipe",
      remedy: "save the content to a regular file first")
  }

  private static func read(
    _ count: Int, from handle: FileHandle, _ path: String
  ) throws(DatasetError) -> [UInt8] {
    do {
      return [UInt8](try handle.read(upToCount: count) ?? Data())
    } catch {
      throw unreadable(path, "reading", error)
    }
  }

  private static func unreadable(
    _ path: String, _ place: String, _ error: any Error
  ) -> DatasetError {
    DatasetError(
      .unreadable, file: path, place: place, problem: error.localizedDescription,
      remedy: "check the permissions and the disk")
  }
}
