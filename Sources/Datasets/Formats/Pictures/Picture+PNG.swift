import Console
import Findings

/// PNG files.
///
/// Supported are 8 bits of gray, gray and alpha, red-green-blue, the same with alpha, and palettes of 8 bits, not interlaced. Alpha
/// is ignored. Source: the PNG specification, third edition (W3C, 2025).
extension Picture {
  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Decodes a file.
  ///
  /// - Parameter conversion: The remedy for a kind that is not read: the line that makes a readable one.
  /// - Throws: ``/Findings/Problem`` for what is damaged, cut off, or of a kind that is not read.
  /// - Complexity: O(size of the picture).
  init(png source: ByteSource, conversion: String) throws(Problem) {
    func unread(_ location: String, _ problem: String) -> Problem {
      Problem(
        .wrongFormat, subject: source.file, location: location, problem: problem,
        remedy: conversion)
    }
    var reader = ChunkReader(source)
    let first = try reader.next()
    let header = try Header(first.type, reader.content(of: first), source.file, unread)
    var palette: [UInt8] = []
    var hasTransparentColours = false
    var parts: [Range<Int>] = []
    reading: while true {
      let chunk = try reader.next()
      switch chunk.type {
      case "PLTE": palette = try reader.content(of: chunk)
      case "tRNS": hasTransparentColours = true
      case "IDAT": parts.append(chunk.range)
      case "IEND": break reading
      default:
        guard chunk.isAncillary else {
          throw unread(
            "byte \(chunk.range.lowerBound - 8)",
            "the file has a critical chunk \(chunk.type), which this decoder does not know")
        }
      }
    }
    var bytes = try Self.inflated(parts, header, source)
    try Self.unfilter(&bytes, header, source.file)
    let stored = header.storedChannels
    let row = header.width * stored
    var pixels: [UInt8] = []
    pixels.reserveCapacity(header.width * header.height * header.channels)
    for line in 0..<header.height {
      let start = line * (row + 1) + 1
      switch header.kind {
      case .grey, .colour: pixels.append(contentsOf: bytes[start..<start + row])
      case .greyAlpha, .colourAlpha:
        for pixel in stride(from: start, to: start + row, by: stored) {
          pixels.append(contentsOf: bytes[pixel..<pixel + stored - 1])
        }
      case .palette:
        for index in bytes[start..<start + row] {
          let entry = 3 * Int(index)
          guard entry + 3 <= palette.count else {
            throw Problem(
              .corrupt, subject: source.file, location: "row \(line) of the picture",
              problem: "color \(index) is not in the palette of \(palette.count / 3)",
              remedy: "the file is damaged: copy it again")
          }
          pixels.append(contentsOf: palette[entry..<entry + 3])
        }
      }
    }
    self.init(
      width: header.width, height: header.height, channels: header.channels, pixels: pixels,
      hasAlpha: hasTransparentColours || header.kind == .greyAlpha || header.kind == .colourAlpha)
  }

  // MARK: Header

  private struct Header {
    enum Kind: UInt8 {
      case grey = 0
      case colour = 2
      case palette = 3
      case greyAlpha = 4
      case colourAlpha = 6
    }

    let width: Int, height: Int, kind: Kind

    /// Bytes of a pixel in the file.
    var storedChannels: Int {
      switch kind {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .colour: 3
      case .colourAlpha: 4
      }
    }
    var channels: Int { kind == .grey || kind == .greyAlpha ? 1 : 3 }
    /// The bytes of all rows, each after the number of its filter.
    var byteCount: Int { height * (width * storedChannels + 1) }

    init(
      _ type: String, _ content: [UInt8], _ file: String, _ unread: (String, String) -> Problem
    ) throws(Problem) {
      guard type == "IHDR", content.count == 13 else {
        throw Problem(
          .corrupt, subject: file, location: "byte 8",
          problem: "the header of the image is missing",
          remedy: "the file is damaged: copy it again")
      }
      func number(_ start: Int) -> Int {
        content[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      }
      (width, height) = (number(0), number(4))
      guard (1...Picture.largestSide).contains(width),
        (1...Picture.largestSide).contains(height)
      else {
        throw unread(
          "byte 16",
          "the image has \(width) x \(height) pixels, but a side must have 1 to "
            + "\(Picture.largestSide)")
      }
      guard content[8] == 8 else {
        throw unread(
          "byte 24", "the image has \(content[8]) bits per channel, but only 8 are supported")
      }
      guard content[12] == 0 else {
        throw unread("byte 28", "the image is interlaced, which is not supported")
      }
      guard let kind = Kind(rawValue: content[9]), content[10] == 0, content[11] == 0 else {
        throw unread(
          "byte 25",
          "the image has color type \(content[9]), compression \(content[10]) and filter \(content[11]), which is not a PNG of the "
            + "specification")
      }
      self.kind = kind
    }
  }

  // MARK: Content

  /// The rows with their filters.
  private static func inflated(
    _ parts: [Range<Int>], _ header: Header, _ source: ByteSource
  ) throws(Problem) -> [UInt8] {
    let compressed = parts.reduce(0) { $0 + $1.count }
    let cut = Problem(
      .truncated, subject: source.file, location: "picture data",
      problem: "they end before the last of \(header.height) rows",
      remedy: "the file is cut off: copy it again")
    // Nothing is allocated that this few bytes cannot expand to.
    guard header.byteCount <= InflateStream.sizeBound(compressedSize: compressed) else { throw cut }
    var left = parts[...]
    var stream = try InflateStream(file: source.file, format: .zlib) { () throws(Problem) in
      guard let part = left.popFirst() else { return [] }
      return try source.read(part.count, at: part.lowerBound)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(header.byteCount)
    guard try stream.read(header.byteCount, appendingTo: &bytes) == header.byteCount else {
      throw cut
    }
    var rest: [UInt8] = []
    // The checksum is compared when the end is reached.
    guard try stream.read(1, appendingTo: &rest) == 0 else {
      throw Problem(
        .trailingBytes, subject: source.file, location: "picture data",
        problem: "there are more than \(header.height) rows of \(header.width) pixels",
        remedy: "the file is damaged: copy it again")
    }
    return bytes
  }

  /// Turns differences to neighbors back into values, in place.
  private static func unfilter(
    _ bytes: inout [UInt8], _ header: Header, _ file: String
  ) throws(Problem) {
    let step = header.storedChannels
    let row = header.width * step
    for line in 0..<header.height {
      let start = line * (row + 1) + 1
      let filter = bytes[start - 1]
      guard filter <= 4 else {
        throw Problem(
          .corrupt, subject: file, location: "row \(line) of the picture",
          problem: "there is no filter \(filter)", remedy: "the file is damaged: copy it again")
      }
      guard filter > 0 else { continue }
      bytes.withUnsafeMutableBufferPointer { bytes in
        for index in 0..<row {
          let position = start + index
          let left = index < step ? 0 : Int(bytes[position - step])
          let above = line == 0 ? 0 : Int(bytes[position - row - 1])
          let corner = line == 0 || index < step ? 0 : Int(bytes[position - row - 1 - step])
          let guess =
            switch filter {
            case 1: left
            case 2: above
            case 3: (left + above) / 2
            default: nearest(left, above, corner)
            }
          bytes[position] &+= UInt8(truncatingIfNeeded: guess)
        }
      }
    }
  }

  /// Paeth's predictor: that of the three which is nearest to left + above - corner.
  private static func nearest(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let estimate = left + above - corner
    let distances = (abs(estimate - left), abs(estimate - above), abs(estimate - corner))
    if distances.0 <= distances.1, distances.0 <= distances.2 { return left }
    return distances.1 <= distances.2 ? above : corner
  }
}

/// The chunks of a PNG file, one after the other, with their checksums compared.
private struct ChunkReader {
  struct Chunk {
    let type: String
    /// Where the content is.
    let range: Range<Int>
    /// Whether a decoder may skip it: its first letter is lower case.
    let isAncillary: Bool
  }

  private let source: ByteSource
  private var position = Picture.pngSignature.count

  init(_ source: ByteSource) { self.source = source }

  mutating func next() throws(Problem) -> Chunk {
    let head = try source.read(8, at: position)
    let length = head.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard head.count == 8, length <= source.size - position - 12 else {
      throw Problem(
        .truncated, subject: source.file, location: "byte \(source.size)",
        problem: "the file ends inside a chunk", remedy: "the file is cut off: copy it again")
    }
    let name = head[4...]
    let start = position + 8
    var checksum = Checksum()
    checksum.combine(name)
    checksum.combine(try source.read(length, at: start)[...])
    let stored = try source.read(4, at: start + length).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard checksum.value == stored else {
      throw Problem(
        .corrupt, subject: source.file, location: "byte \(start)",
        problem: "a chunk does not match its checksum", remedy: "the file is damaged: copy it again"
      )
    }
    position = start + length + 4
    return Chunk(
      type: String(decoding: name, as: UTF8.self), range: start..<start + length,
      isAncillary: name[4] & 0x20 != 0)
  }

  func content(of chunk: Chunk) throws(Problem) -> [UInt8] {
    try source.read(chunk.range.count, at: chunk.range.lowerBound)
  }
}
