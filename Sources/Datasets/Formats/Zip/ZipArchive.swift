import Findings

/// A ZIP archive opened for reading: the list of its members, and each member's content on demand.
///
/// The central directory at the end of the file is authoritative, as for every ZIP reader; so it does
/// not matter whether a member's sizes come before or after its content. ZIP64 is supported.
/// Stored and deflated members can be read, and every checksum is verified.
///
/// Whatever sizes the archive claims, memory grows only with bytes that actually exist. Members
/// that share bytes, as in the densest archive bombs, are refused.
///
/// Source: PKWARE, ".ZIP File Format Specification" (APPNOTE.TXT).
public struct ZipArchive: Sendable {
  /// One member, as the central directory describes it.
  public struct Member: Sendable, Hashable {
    /// The name, with its folders and its extension.
    public let name: String
    /// The number of bytes that the member occupies in the archive.
    public let compressedSize: Int
    /// The number of bytes of its content, as claimed by the archive.
    public let size: Int
    /// The CRC-32 of its content.
    public let checksum: UInt32

    /// How the content is packed, by its number: 0 stored, 8 deflated.
    let method: Int
    let isEncrypted: Bool
    /// Where the member's own header starts in the file.
    let headerOffset: Int
    /// Where the next member's header or the directory starts.
    var endOffset = 0
  }

  /// The largest content that a deflated member may expand to: 1 GiB.
  ///
  /// A stored member has no limit, since the file itself proves its size.
  public static let expansionLimit = InflateStream.expansionLimit

  /// The path of the archive.
  public let file: String
  /// The members in the order of the central directory.
  public let members: [Member]

  let source: ByteSource
  let expansionLimit: Int

  /// Opens the archive at `path` and reads its directory.
  ///
  /// - Throws: ``/Findings/Problem``: missing, unreadable, not a ZIP archive, truncated, or damaged.
  /// - Complexity: O(size of the directory).
  public init(contentsOfFile path: String) throws(Problem) {
    try self.init(ByteSource(contentsOfFile: path))
  }

  /// Opens an archive, with another limit for deflated members than ``expansionLimit``.
  package init(
    _ source: ByteSource, expansionLimit: Int = ZipArchive.expansionLimit
  ) throws(Problem) {
    file = source.file
    self.source = source
    self.expansionLimit = expansionLimit
    members = try ZipDirectory(source).members
  }

  /// The content of a member.
  ///
  /// - Throws: ``/Findings/Problem`` if its compression or encryption is unsupported, or it is
  ///   damaged, or is deflated and larger than ``expansionLimit``.
  /// - Complexity: O(size of the content).
  public func content(of member: Member) throws(Problem) -> [UInt8] {
    let start = try contentOffset(of: member)
    guard !member.isEncrypted else {
      throw failure(
        .unsupported, member, "the member is encrypted",
        "unpack the archive with its password and pack it again without one")
    }
    switch member.method {
    case 0: return try storedContent(of: member, at: start)
    case 8: return try inflatedContent(of: member, at: start)
    default:
      let names = [1: "shrink", 9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz"]
      let name = names[member.method].map { " (\($0))" } ?? ""
      throw failure(
        .unsupported, member,
        "the member is compressed with method \(member.method)\(name), but only stored and deflated are supported",
        "pack it again with zip, or save it with np.savez or np.savez_compressed")
    }
  }

  /// Checks, for a member whose content is not read, that its own header gives the same name as the directory,
  /// which no checksum covers.
  func verifyHeader(of member: Member) throws(Problem) { _ = try contentOffset(of: member) }

  /// Checks the member's own header and finds where its content starts.
  private func contentOffset(of member: Member) throws(Problem) -> Int {
    let header = try source.read(ZipDirectory.localHeaderSize, at: member.headerOffset)
    guard header.count == ZipDirectory.localHeaderSize,
      header.littleEndian(at: 0, size: 4) == 0x0403_4B50
    else {
      throw failure(
        .corrupt, member, "there is no header at byte \(member.headerOffset)",
        "the archive is damaged: download or make it again")
    }
    let nameSize = Int(header.littleEndian(at: 26, size: 2))
    let extraSize = Int(header.littleEndian(at: 28, size: 2))
    let start = member.headerOffset + ZipDirectory.localHeaderSize + nameSize + extraSize
    let name = try source.read(
      nameSize, at: member.headerOffset + ZipDirectory.localHeaderSize)
    guard String(decoding: name, as: UTF8.self) == member.name,
      header.littleEndian(at: 8, size: 2) == UInt64(member.method),
      start <= member.endOffset - member.compressedSize
    else {
      throw failure(
        .corrupt, member, "its own header at byte \(member.headerOffset) contradicts the directory",
        "the archive is damaged: download or make it again")
    }
    return start
  }

  private func storedContent(
    of member: Member, at start: Int
  ) throws(Problem) -> [UInt8] {
    let content = try source.read(member.size, at: start)
    guard content.count == member.size else {
      throw failure(
        .truncated, member, "\(content.count) of \(member.size) bytes are there",
        "the archive is cut off: download or copy it again")
    }
    try verify(Checksum.of(content), of: member)
    return content
  }

  private func inflatedContent(
    of member: Member, at start: Int
  ) throws(Problem) -> [UInt8] {
    guard member.size <= expansionLimit else {
      throw failure(
        .tooLarge, member,
        "\(member.compressedSize) deflated bytes claim to expand to \(member.size), "
          + "but the limit is \(expansionLimit)",
        "save it without compression (np.savez), which has no limit, if you trust its source")
    }
    let (source, end) = (source, start + member.compressedSize)
    let piece = 1 << 18
    var position = start
    var stream = try InflateStream(
      file: file, format: .rawDeflate, member: member.name
    ) { () throws(Problem) in
      let bytes = try source.read(min(piece, end - position), at: position)
      position += bytes.count
      return bytes
    }
    var content: [UInt8] = []
    // The claim is used as a hint for the allocation where being wrong costs little.
    content.reserveCapacity(min(member.size, 16 * max(member.compressedSize, 4096)))
    _ = try stream.read(member.size, appendingTo: &content)
    var rest: [UInt8] = []
    // One more byte is requested, so that the end of the stream is reached and checked.
    guard content.count == member.size, try stream.read(1, appendingTo: &rest) == 0 else {
      let found =
        rest.isEmpty
        ? "\(content.count) bytes and not to the \(member.size)"
        : "more than the \(member.size) bytes"
      throw failure(
        .corrupt, member, "it expands to \(found) that the archive states",
        "the archive is damaged: download or make it again")
    }
    try verify(Checksum.of(content), of: member)
    return content
  }

  private func verify(_ checksum: UInt32, of member: Member) throws(Problem) {
    guard checksum == member.checksum else {
      throw failure(
        .corrupt, member, "the content does not match its checksum",
        "the archive is damaged: download or make it again")
    }
  }

  private func failure(
    _ kind: Problem.Kind, _ member: Member, _ problem: String, _ remedy: String
  ) -> Problem {
    Problem(
      kind, subject: file, location: "member \(member.name)", problem: problem, remedy: remedy)
  }
}
