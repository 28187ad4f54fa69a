import Findings

/// The central directory of a ZIP archive: found from the end of the file, and checked.
struct ZipDirectory {
  /// The size of a member's own header, without its name and extra fields.
  static let localHeaderSize = 30

  private static let entrySize = 46
  private static let endSize = 22
  private static let locatorSize = 20
  private static let end64Size = 56
  /// The end record is followed by a comment of at most this size.
  private static let largestComment = 0xFFFF

  let members: [ZipArchive.Member]

  /// Where the directory is, and what it promises.
  private struct Extent {
    var offset: UInt64
    var size: UInt64
    var count: UInt64
    /// Where the record that describes it starts.
    var recordOffset: Int
  }

  init(_ source: ByteSource) throws(Problem) {
    let extent = try Self.extent(source)
    let (end, overflow) = extent.offset.addingReportingOverflow(extent.size)
    // Every entry has a fixed part, which bounds their number before anything is allocated.
    guard !overflow, end <= UInt64(extent.recordOffset),
      extent.count <= extent.size / UInt64(Self.entrySize)
    else {
      throw Self.damaged(
        source, extent.recordOffset,
        "a directory of \(extent.count) members in \(extent.size) bytes from byte \(extent.offset) "
          + "onwards does not fit")
    }
    let bytes = try source.read(Int(extent.size), at: Int(extent.offset))
    guard bytes.count == Int(extent.size) else {
      throw Self.damaged(source, Int(extent.offset), "the directory ends too early")
    }
    var members: [ZipArchive.Member] = []
    var position = 0
    while position < bytes.count {
      let member = try Self.entry(bytes, &position, source, Int(extent.offset))
      members.append(member)
    }
    guard members.count == Int(extent.count) else {
      throw Self.damaged(
        source, Int(extent.offset),
        "the directory lists \(members.count) members but promises \(extent.count)")
    }
    try Self.checkNames(members, source)
    try Self.checkExtents(&members, source, directoryOffset: Int(extent.offset))
    self.members = members
  }

  // MARK: The end of the file

  private static func extent(_ source: ByteSource) throws(Problem) -> Extent {
    let tailOffset = max(0, source.size - endSize - largestComment)
    let tail = try source.read(endSize + largestComment, at: tailOffset)
    var position = tail.count - endSize
    while position >= 0 {
      if tail[position] == 0x50, tail.littleEndian(at: position, size: 4) == 0x0605_4B50,
        position + endSize + Int(tail.littleEndian(at: position + 20, size: 2)) == tail.count
      {
        break
      }
      position -= 1
    }
    guard position >= 0 else { throw try notAnArchive(source) }
    let record = Array(tail[position..<position + endSize])
    var extent = Extent(
      offset: record.littleEndian(at: 16, size: 4), size: record.littleEndian(at: 12, size: 4),
      count: record.littleEndian(at: 10, size: 2), recordOffset: tailOffset + position)
    if let large = try extent64(source, before: extent.recordOffset) {
      // A field of the old record that is not all ones must agree with the new one.
      guard extent.offset == 0xFFFF_FFFF || extent.offset == large.offset,
        extent.size == 0xFFFF_FFFF || extent.size == large.size,
        extent.count == 0xFFFF || extent.count == large.count
      else {
        throw damaged(source, extent.recordOffset, "the two records of the directory disagree")
      }
      extent = large
    } else if record.littleEndian(at: 4, size: 4) != 0 {
      throw Problem(
        .unsupported, subject: source.file, location: "byte \(extent.recordOffset)",
        problem: "this is one part of an archive of several files",
        remedy: "join the parts (zip -s 0) and give the result")
    }
    return extent
  }

  /// The record of ZIP64, if its locator is before the end record.
  private static func extent64(
    _ source: ByteSource, before recordOffset: Int
  ) throws(Problem) -> Extent? {
    let locatorOffset = recordOffset - locatorSize
    guard locatorOffset >= 0 else { return nil }
    let locator = try source.read(locatorSize, at: locatorOffset)
    guard locator.count == locatorSize, locator.littleEndian(at: 0, size: 4) == 0x0706_4B50 else {
      return nil
    }
    let position = locator.littleEndian(at: 8, size: 8)
    guard position <= UInt64(locatorOffset) else {
      throw damaged(source, locatorOffset, "the ZIP64 record is said to be at byte \(position)")
    }
    let record = try source.read(end64Size, at: Int(position))
    guard record.count == end64Size, record.littleEndian(at: 0, size: 4) == 0x0606_4B50 else {
      throw damaged(source, Int(position), "there is no ZIP64 record here")
    }
    return Extent(
      offset: record.littleEndian(at: 48, size: 8), size: record.littleEndian(at: 40, size: 8),
      count: record.littleEndian(at: 32, size: 8), recordOffset: Int(position))
  }

  private static func notAnArchive(_ source: ByteSource) throws(Problem) -> Problem {
    let start = try source.read(8, at: 0)
    if start.starts(with: [0x50, 0x4B, 3, 4]) || start.isEmpty {
      return Problem(
        .truncated, subject: source.file, location: "byte \(source.size)",
        problem: "a ZIP archive ends with its directory, but this file ends before it",
        remedy: "the file is cut off: download or copy it again")
    }
    return Problem(
      .wrongFormat, subject: source.file, location: "byte 0",
      problem: "this is not a ZIP archive but \(FileContent(startingWith: start).phrase)",
      remedy: "make the file with np.savez(file, X=X, Y=Y)")
  }

  // MARK: Entries

  private static func entry(
    _ bytes: [UInt8], _ position: inout Int, _ source: ByteSource, _ directoryOffset: Int
  ) throws(Problem) -> ZipArchive.Member {
    let start = position
    guard bytes.count - start >= entrySize, bytes.littleEndian(at: start, size: 4) == 0x0201_4B50
    else {
      throw damaged(source, directoryOffset + start, "there is no entry of the directory here")
    }
    func field(_ offset: Int, _ size: Int) -> Int {
      Int(bytes.littleEndian(at: start + offset, size: size))
    }
    let (nameSize, extraSize, commentSize) = (field(28, 2), field(30, 2), field(32, 2))
    let nameStart = start + entrySize
    let end = nameStart + nameSize + extraSize + commentSize
    guard end <= bytes.count else {
      throw damaged(source, directoryOffset + start, "an entry is longer than the directory")
    }
    position = end
    let name = String(decoding: bytes[nameStart..<nameStart + nameSize], as: UTF8.self)
    var sizes = [field(24, 4), field(20, 4), field(42, 4)].map { UInt64($0) }
    let extra = Array(bytes[nameStart + nameSize..<nameStart + nameSize + extraSize])
    guard enlarge(&sizes, extra), sizes.allSatisfy({ $0 <= UInt64(Int.max) }) else {
      throw damaged(
        source, directoryOffset + start, "the sizes of member \(name) are not in its ZIP64 field")
    }
    let member = ZipArchive.Member(
      name: name, compressedSize: Int(sizes[1]), size: Int(sizes[0]),
      checksum: UInt32(field(16, 4)), method: field(10, 2), isEncrypted: field(8, 2) & 1 == 1,
      headerOffset: Int(sizes[2]))
    try checkSizes(member, source)
    return member
  }

  /// Replaces those of the sizes that are all ones by the numbers of the ZIP64 field.
  private static func enlarge(_ sizes: inout [UInt64], _ extra: [UInt8]) -> Bool {
    guard sizes.contains(0xFFFF_FFFF) else { return true }
    var position = 0
    while position + 4 <= extra.count {
      let (kind, size) = (
        extra.littleEndian(at: position, size: 2), extra.littleEndian(at: position + 2, size: 2)
      )
      let end = position + 4 + Int(size)
      guard end <= extra.count else { return false }
      if kind == 1 {
        position += 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard position + 8 <= end else { return false }
          sizes[index] = extra.littleEndian(at: position, size: 8)
          position += 8
        }
        return true
      }
      position = end
    }
    return false
  }

  // MARK: Checks

  private static func checkSizes(
    _ member: ZipArchive.Member, _ source: ByteSource
  ) throws(Problem) {
    func impossible(_ problem: String) -> Problem {
      Problem(
        .corrupt, subject: source.file, location: "member \(member.name)", problem: problem,
        remedy: "the archive is damaged: download or make it again")
    }
    guard member.compressedSize <= source.size else {
      throw impossible(
        "it claims \(member.compressedSize) bytes, but the whole file has \(source.size)")
    }
    if member.method == 0, !member.isEncrypted, member.size != member.compressedSize {
      throw impossible(
        "it is stored, but claims a size of \(member.size) in \(member.compressedSize) bytes")
    }
    let bound = InflateStream.sizeBound(compressedSize: member.compressedSize)
    if member.method == 8, member.size > bound {
      throw impossible(
        "it claims to expand to \(member.size) bytes, but \(member.compressedSize) deflated bytes "
          + "cannot hold more than \(bound)")
    }
  }

  private static func checkNames(
    _ members: [ZipArchive.Member], _ source: ByteSource
  ) throws(Problem) {
    var names: Set<String> = []
    for member in members where !names.insert(member.name).inserted {
      throw Problem(
        .inconsistent, subject: source.file, location: "member \(member.name)",
        problem: "two members have this name", remedy: "make the archive again with distinct names")
    }
  }

  /// Members follow one another before the directory, and none reaches into the next. Notes for each member where it ends at the
  /// latest, since the size of its own header is not known yet.
  private static func checkExtents(
    _ members: inout [ZipArchive.Member], _ source: ByteSource, directoryOffset: Int
  ) throws(Problem) {
    var next = directoryOffset
    for index in members.indices.sorted(by: { members[$0].headerOffset > members[$1].headerOffset })
    {
      let member = members[index]
      guard member.compressedSize <= next - member.headerOffset - localHeaderSize else {
        throw Problem(
          .corrupt, subject: source.file, location: "member \(member.name)",
          problem:
            "its \(member.compressedSize) bytes from byte \(member.headerOffset) onwards overlap what "
            + "starts at byte \(next)",
          remedy: "the archive is damaged or a ZIP bomb: make it again")
      }
      members[index].endOffset = next
      next = member.headerOffset
    }
  }

  private static func damaged(
    _ source: ByteSource, _ position: Int, _ problem: String
  ) -> Problem {
    Problem(
      .corrupt, subject: source.file, location: "byte \(position)", problem: problem,
      remedy: "the archive is damaged: download or make it again")
  }
}
