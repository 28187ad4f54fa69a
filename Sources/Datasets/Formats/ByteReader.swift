import Findings

/// A file read from its start, decompressed on the way when it begins as gzip does.
///
/// The first two bytes decide, not the name: downloaded `.gz` files are sometimes decompressed on
/// the way and keep their name.
package struct ByteReader: ~Copyable {
  /// The path, as errors name it.
  package let file: String
  /// Whether the content is decompressed on the way.
  package let isCompressed: Bool
  /// The next byte's position in the decompressed content.
  package private(set) var offset = 0
  /// A bound on the size of the decompressed content: the file's size, or the most that deflate can make of it.
  package let sizeBound: Int

  private let source: ByteSource
  private var inflate: InflateStream?

  private static let pieceSize = 1 << 20

  /// Opens the file at `path`.
  ///
  /// - Throws: ``/Findings/Problem`` if there is none, when it is not a regular file, cannot be
  ///   opened, or is compressed and the system has no zlib.
  package init(_ path: String) throws(Problem) {
    try self.init(ByteSource(contentsOfFile: path))
  }

  /// Reads `source` from its start.
  ///
  /// - Throws: ``/Findings/Problem`` if it is compressed and the system has no zlib.
  package init(_ source: ByteSource) throws(Problem) {
    let isCompressed = try source.read(2, at: 0) == [0x1F, 0x8B]
    let inflate = try isCompressed ? Self.inflating(source) : nil
    self.file = source.file
    self.source = source
    self.isCompressed = isCompressed
    self.inflate = inflate
    if isCompressed {
      sizeBound = InflateStream.sizeBound(compressedSize: source.size)
    } else {
      sizeBound = source.size
    }
  }

  private static func inflating(_ source: ByteSource) throws(Problem) -> InflateStream {
    var position = 0
    return try InflateStream(file: source.file, format: .gzip) { () throws(Problem) in
      let piece = try source.read(pieceSize, at: position)
      position += piece.count
      return piece
    }
  }

  /// The next `count` bytes of the content; fewer only at its end.
  ///
  /// - Throws: ``/Findings/Problem`` if reading fails or the compressed data are damaged.
  package mutating func read(_ count: Int) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    if isCompressed {
      _ = try inflate?.read(count, appendingTo: &bytes)
    } else {
      bytes = try source.read(count, at: offset)
    }
    offset += bytes.count
    return bytes
  }
}
