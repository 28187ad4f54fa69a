import Findings

/// Compressed bytes as a stream of decompressed ones: as many as are requested, and no more.
///
/// The reader sets the limit, so a small file that expands without end costs only what was requested. Checksums are verified when
/// the end of the stream (of each member, for gzip) is reached, which takes one read beyond the last byte.
package struct InflateStream: ~Copyable {
  /// Supplies the next compressed bytes, in pieces of any size; an empty piece is the end.
  package typealias Source = () throws(Problem) -> [UInt8]

  private static let pieceSize = 65_536
  /// Deflate spends at least 2 bits on the at most 258 bytes that a match copies.
  private static let largestExpansion = 258 * 8 / 2

  /// The largest content that compressed data are expanded to: 1 GiB. A larger one must be stored
  /// as it is, so that the file itself proves its size.
  package static let expansionLimit = 1 << 30

  /// The most bytes that this many bytes of deflated data can expand to.
  package static func sizeBound(compressedSize: Int) -> Int {
    let (bound, overflow) = compressedSize.multipliedReportingOverflow(by: largestExpansion)
    return overflow ? Int.max : bound
  }

  /// How many decompressed bytes were produced.
  package private(set) var producedCount = 0
  private let file: String
  private let member: String?
  private let format: Zlib.Format
  private let zlib: Zlib
  private let stream: UnsafeMutablePointer<Zlib.Stream>
  private let source: Source
  private var input: [UInt8] = []
  private var inputStart = 0
  /// The position of `input[0]` in the compressed data.
  private var inputOffset = 0
  private var isFinished = false
  private var output = [UInt8](repeating: 0, count: InflateStream.pieceSize)

  /// A stream over `source`.
  ///
  /// - Parameters:
  ///   - file: The path that errors name.
  ///   - member: The member of an archive that errors name.
  /// - Throws: ``/Findings/Problem`` if the system has no zlib, or not one of version 1.
  package init(
    file: String, format: Zlib.Format, member: String? = nil, zlib: Zlib? = Zlib.system,
    source: @escaping Source
  ) throws(Problem) {
    guard let zlib else { throw Zlib.missing(for: file) }
    let stream = UnsafeMutablePointer<Zlib.Stream>.allocate(capacity: 1)
    stream.initialize(to: Zlib.Stream())
    let status = zlib.initialize(stream, format)
    guard status == .progress else {
      stream.deallocate()
      throw Problem(
        .systemLibraryMissing, subject: file, location: "compressed content",
        problem: "the system's zlib could not start (\(status))",
        remedy: "install zlib 1, or decompress the file first (gunzip or unzip)")
    }
    self.file = file
    self.member = member
    self.format = format
    self.zlib = zlib
    self.stream = stream
    self.source = source
  }

  deinit {
    zlib.end(stream)
    stream.deallocate()
  }

  /// Appends up to `count` decompressed bytes to `bytes`; fewer only when the stream has ended.
  ///
  /// - Returns: How many were appended.
  /// - Throws: ``/Findings/Problem`` for compressed data that are damaged, cut off, or followed by something else.
  package mutating func read(
    _ count: Int, appendingTo bytes: inout [UInt8]
  ) throws(Problem) -> Int {
    var appended = 0
    while appended < count, !isFinished {
      // Even without further input, zlib may hold output for which there was no room before.
      var inputEnded = false
      if inputStart == input.count { inputEnded = try !refill() }
      let (status, produced) = inflateOnce(room: min(count - appended, Self.pieceSize))
      if inputEnded, produced == 0, status == .progress {
        throw failure(
          .truncated, "the compressed data end in the middle of the stream",
          "the file is cut off: download or copy it again")
      }
      bytes.append(contentsOf: output[..<produced])
      appended += produced
      producedCount += produced
      switch status {
      case .progress: break
      case .endOfStream: try finishMember()
      case .damaged: throw damage()
      case .outOfMemory, .incompatible:
        throw failure(.corrupt, "zlib failed (\(status))", "decompress the file first")
      }
    }
    return appended
  }

  private mutating func refill() throws(Problem) -> Bool {
    inputOffset += input.count
    input = try source()
    inputStart = 0
    return !input.isEmpty
  }

  private mutating func inflateOnce(room: Int) -> (Zlib.Status, produced: Int) {
    let (zlib, stream, start) = (zlib, stream, inputStart)
    let availableInput = min(input.count - start, Int(CUnsignedInt.max))
    let status = input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        // zlib uses the two pointers within this call only.
        stream.pointee.nextInput = input.baseAddress.map { $0 + start }
        stream.pointee.availableInput = CUnsignedInt(availableInput)
        stream.pointee.nextOutput = output.baseAddress
        stream.pointee.availableOutput = CUnsignedInt(room)
        return zlib.step(stream)
      }
    }
    inputStart += availableInput - Int(stream.pointee.availableInput)
    return (status, room - Int(stream.pointee.availableOutput))
  }

  /// Continues with the next gzip member, or ends the stream.
  private mutating func finishMember() throws(Problem) {
    if inputStart == input.count, try !refill() {
      isFinished = true
      return
    }
    let firstByteOfGzip: UInt8 = 0x1F
    guard format == .gzip, input[inputStart] == firstByteOfGzip else {
      throw failure(
        .trailingBytes, "there are bytes after the end of the compressed data",
        "the file was appended to or corrupted: download or copy it again")
    }
    guard zlib.reset(stream) == .progress else {
      throw failure(.corrupt, "zlib could not start the next member", "decompress the file first")
    }
  }

  private func damage() -> Problem {
    let message = stream.pointee.message.map { String(cString: $0) } ?? "a preset dictionary"
    // zlib's words for a wrong checksum are "incorrect data check" and "incorrect length check".
    let isChecksum = message.hasSuffix("check") && !message.contains("header")
    return failure(
      .corrupt,
      isChecksum
        ? "the content does not match its checksum (\(message))"
        : "the compressed data are damaged (\(message))",
      "download or copy the file again")
  }

  private func failure(
    _ kind: Problem.Kind, _ problem: String, _ remedy: String
  ) -> Problem {
    Problem(
      kind, subject: file,
      location: (member.map { "member \($0), " } ?? "")
        + "compressed byte \(inputOffset + inputStart)",
      problem: problem, remedy: remedy)
  }
}
