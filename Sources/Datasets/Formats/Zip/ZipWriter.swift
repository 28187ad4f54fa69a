import Findings
import Foundation

/// Writes a ZIP archive into memory; the caller puts it into a file in one step.
///
/// The same members give the same bytes on every day and machine: all time stamps are the earliest
/// in ZIP, 1 January 1980, as in NumPy's archives. Deflated members also depend on the
/// version of zlib. ZIP64 records are written if the sizes require them.
///
/// ```swift
/// var writer = ZipWriter()
/// try writer.add("notes.txt", Array("plumb".utf8))
/// let data = writer.finished()
/// ```
public struct ZipWriter: Sendable {
  /// How the content of a member is compressed.
  public enum Compression: Sendable, Hashable {
    /// Stored as it is.
    case stored
    /// Deflated by the system's zlib, or stored if that is no smaller.
    case deflated
  }

  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var names: Set<String> = []
  private let fieldLimit: UInt64

  private static let oldestDate: UInt64 = 1 << 5 | 1
  private static let plainVersion: UInt64 = 20
  private static let zip64Version: UInt64 = 45
  /// Permissions have a meaning on Unix only, and unzip takes other systems' names for code pages.
  private static let madeOnUnix: UInt64 = 3 << 8

  /// An archive without members.
  public init() { self.init(fieldLimit: 0xFFFF_FFFF) }

  /// An archive that writes ZIP64 records for every size from `fieldLimit` on.
  package init(fieldLimit: UInt64) { self.fieldLimit = fieldLimit }

  /// Adds a member.
  ///
  /// - Throws: ``/Findings/Problem`` if a member of this name exists, the name is longer than 65,535
  ///   bytes, or `compression` needs a zlib that the system does not have.
  /// - Complexity: O(size of the content).
  public mutating func add(
    _ name: String, _ content: [UInt8], compression: Compression = .stored
  ) throws(Problem) {
    guard name.utf8.count <= 0xFFFF, names.insert(name).inserted else {
      throw Problem(
        .inconsistent, subject: "archive", location: "member \(name.prefix(100))",
        problem: "the name is too long or already used by another member",
        remedy: "choose another name")
    }
    let packed = try compression == .deflated ? Self.deflated(content, name) : nil
    let (stored, method): ([UInt8], UInt64) = packed.map { ($0, 8) } ?? (content, 0)
    let offset = UInt64(bytes.count)
    let sizes = [UInt64(content.count), UInt64(stored.count)]
    let isLarge = sizes.contains { $0 >= fieldLimit }
    var fields: [UInt8] = []
    fields.appendLittleEndian(
      isLarge || offset >= fieldLimit ? Self.zip64Version : Self.plainVersion, size: 2)
    // Bit 11: the name is UTF-8.
    fields.appendLittleEndian(name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 1 << 11, size: 2)
    fields.appendLittleEndian(method, size: 2)
    fields.appendLittleEndian(Self.oldestDate << 16, size: 4)
    fields.appendLittleEndian(UInt64(Checksum.of(content)), size: 4)
    for size in sizes.reversed() {
      fields.appendLittleEndian(isLarge ? 0xFFFF_FFFF : size, size: 4)
    }
    fields.appendLittleEndian(UInt64(name.utf8.count), size: 2)

    bytes.appendLittleEndian(0x0403_4B50, size: 4)
    bytes += fields
    let localExtra = isLarge ? Self.extra(sizes) : []
    bytes.appendLittleEndian(UInt64(localExtra.count), size: 2)
    bytes += Array(name.utf8) + localExtra
    bytes += stored

    let extra = Self.extra((isLarge ? sizes : []) + (offset >= fieldLimit ? [offset] : []))
    directory.appendLittleEndian(0x0201_4B50, size: 4)
    directory.appendLittleEndian(Self.madeOnUnix | Self.zip64Version, size: 2)
    directory += fields
    directory.appendLittleEndian(UInt64(extra.count), size: 2)
    // No comment, first disk, binary; a file that its owner may write and everyone read.
    directory += [UInt8](repeating: 0, count: 6)
    directory.appendLittleEndian(0o100644 << 16, size: 4)
    directory.appendLittleEndian(offset >= fieldLimit ? 0xFFFF_FFFF : offset, size: 4)
    directory += Array(name.utf8) + extra
  }

  /// The whole archive.
  public func finished() -> Data {
    var result = bytes
    let (offset, size) = (UInt64(bytes.count), UInt64(directory.count))
    let count = UInt64(names.count)
    result += directory
    if offset >= fieldLimit || size >= fieldLimit || count >= 0xFFFF {
      result.appendLittleEndian(0x0606_4B50, size: 4)
      result.appendLittleEndian(44, size: 8)
      for _ in 0..<2 { result.appendLittleEndian(Self.zip64Version, size: 2) }
      for _ in 0..<2 { result.appendLittleEndian(0, size: 4) }
      for number in [count, count, size, offset] { result.appendLittleEndian(number, size: 8) }
      result.appendLittleEndian(0x0706_4B50, size: 4)
      result.appendLittleEndian(0, size: 4)
      result.appendLittleEndian(offset + size, size: 8)
      result.appendLittleEndian(1, size: 4)
    }
    result.appendLittleEndian(0x0605_4B50, size: 4)
    result.appendLittleEndian(0, size: 4)
    for _ in 0..<2 { result.appendLittleEndian(min(count, 0xFFFF), size: 2) }
    result.appendLittleEndian(size >= fieldLimit ? 0xFFFF_FFFF : size, size: 4)
    result.appendLittleEndian(offset >= fieldLimit ? 0xFFFF_FFFF : offset, size: 4)
    result.appendLittleEndian(0, size: 2)
    return Data(result)
  }

  /// The ZIP64 field that holds these numbers; nothing if there are none.
  private static func extra(_ numbers: [UInt64]) -> [UInt8] {
    guard !numbers.isEmpty else { return [] }
    var field: [UInt8] = []
    field.appendLittleEndian(1, size: 2)
    field.appendLittleEndian(UInt64(8 * numbers.count), size: 2)
    for number in numbers { field.appendLittleEndian(number, size: 8) }
    return field
  }

  private static func deflated(
    _ content: [UInt8], _ name: String
  ) throws(Problem) -> [UInt8]? {
    guard let packed = Zlib.system?.deflated(content) else {
      throw Problem(
        .systemLibraryMissing, subject: "archive", location: "member \(name)",
        problem: "the system's zlib was not found or failed",
        remedy: "install zlib, or write the archive without compression")
    }
    return packed.count < content.count ? packed : nil
  }
}
