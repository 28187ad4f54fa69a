import Findings
import Foundation

/// Extracts files from a tar archive, compressed with gzip or not.
///
/// Source: IEEE Std 1003.1, "pax", the ustar interchange format. Members are identified by the last part of their names
/// alone, so no archive reaches beyond the folder that they are written to.
struct TarArchive {
  let source: ByteSource

  private static let blockSize = 512

  /// Hands over each of these members, whole, in the order of the archive.
  ///
  /// - Throws: ``/Findings/Problem`` if one is missing or has another size, or the archive is damaged;
  ///   `Problem` when its compressed data are; what `receive` throws.
  /// - Complexity: O(size of the archive).
  func extract(
    _ members: [PublicDataSet.Member],
    _ receive: (_ name: String, _ content: [UInt8]) throws -> Void
  ) throws {
    var wanted = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.byteCount) })
    var reader = try ByteReader(source)
    while !wanted.isEmpty {
      let header = try reader.read(Self.blockSize)
      guard header.count == Self.blockSize, header.contains(where: { $0 != 0 }) else { break }
      let name = Self.text(header[0..<100]).split(separator: "/").last.map(String.init) ?? ""
      guard Self.isSound(header), let size = Int(Self.text(header[124..<136]), radix: 8), size >= 0
      else { throw damaged("the header of a member at byte \(reader.offset) is damaged") }
      let isFile = header[156] == 0 || header[156] == UInt8(ascii: "0")
      if isFile, let expected = wanted[name] {
        guard size == expected else {
          throw damaged("\(name) has \(size) bytes instead of \(expected)")
        }
        let content = try reader.read(size)
        guard content.count == size else { throw damaged("it ends inside \(name)") }
        try receive(name, content)
        wanted[name] = nil
        try skip(-size & (Self.blockSize - 1), &reader)
      } else {
        try skip((size + Self.blockSize - 1) / Self.blockSize * Self.blockSize, &reader)
      }
    }
    guard wanted.isEmpty else {
      throw damaged("it does not contain \(wanted.keys.sorted().joined(separator: ", "))")
    }
  }

  private func skip(_ count: Int, _ reader: inout ByteReader) throws {
    var rest = count
    while rest > 0 {
      let piece = try reader.read(min(rest, 1 << 20))
      guard !piece.isEmpty else { throw damaged("it ends too early") }
      rest -= piece.count
    }
  }

  /// Whether the sum of the header's bytes, with its own field taken as blanks, is the one it names.
  private static func isSound(_ header: [UInt8]) -> Bool {
    let sum = header.enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
    }
    return Int(text(header[148..<156]), radix: 8) == sum
  }

  /// A field up to its first zero, without blanks around it.
  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
      .trimmingCharacters(in: .whitespaces)
  }

  private func damaged(_ words: String) -> Problem {
    DownloadObstacle.archive(words).problem(file: source.file, address: "")
  }
}
