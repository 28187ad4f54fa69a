import Console
import Findings
import Foundation

extension ByteSource {
  /// The same text converted to UTF-8 if it is in UTF-16, recognized by a byte order mark or by its zeros; otherwise the text
  /// itself.
  ///
  /// - Throws: ``/Findings/Problem`` if the text is too large to be converted.
  func inUTF8() throws(Problem) -> ByteSource {
    let start = try read(256, at: 0)
    guard let encoding = Self.wideEncoding(of: start) else { return self }
    let limit = 1 << 30
    guard size <= limit else {
      throw Problem(
        .tooLarge, subject: file, location: "byte 0",
        problem: "this is UTF-16 text of more than \(limit) bytes", remedy: "save it as UTF-8")
    }
    guard let text = String(bytes: try read(size, at: 0), encoding: encoding) else {
      throw Problem(
        .corrupt, subject: file, location: "byte 0", problem: "this is not valid UTF-16 text",
        remedy: "save it as UTF-8")
    }
    return ByteSource(Array(text.utf8), named: file)
  }

  /// At least this much of a text shows its encoding.
  private static let encodingSampleSize = 1 << 20

  /// The text in UTF-8 if it is in UTF-16, or in an encoding of Chinese, Japanese or Korean text, with a sentence that says so;
  /// otherwise the text itself.
  ///
  /// - Throws: ``/Findings/Problem`` with the line that converts the text if it is in such an encoding, but which is not clear, or
  ///   the system does not read it.
  func decoded() throws(Problem) -> (source: ByteSource, note: String?) {
    let source = try inUTF8()
    var reader = try ByteReader(source)
    let sample = try reader.read(Self.encodingSampleSize)
    guard !sample.allSatisfy({ $0 < 0x80 }), !Self.isUTF8(sample) else { return (source, nil) }
    let candidates = EastAsianEncoding.candidates(for: sample)
    guard let encoding = candidates.first else { return (source, nil) }
    let access = TextAccess(file)
    func line(_ encoding: EastAsianEncoding, _ option: String = "") -> String {
      access.shell(
        "iconv \(option)-f \(encoding.name) -t UTF-8", into: FilePaths.unused("utf8.csv"))
    }
    func problem(_ text: String, _ remedy: String) -> Problem {
      let line = 1 + sample.prefix { $0 < 0x80 }.count { $0 == 0x0A }
      return Problem(
        .wrongFormat, subject: file, location: "row \(line)", problem: text, remedy: remedy)
    }
    guard candidates.count == 1 else {
      let names = candidates.map { "\($0.language) in \($0.name)" }.joined(separator: " or ")
      throw problem(
        "the text is not UTF-8; it may be \(names), and is too short to tell",
        "convert it: "
          + candidates.map { "if it is \($0.language): \(line($0))" }.joined(separator: "; "))
    }
    let limit = 1 << 30
    reader = try ByteReader(source)
    let bytes = try reader.read(limit)
    guard bytes.count < limit, let text = encoding.text(of: bytes) else {
      throw problem(
        "the text is not UTF-8, and seems to be \(encoding.language) in \(encoding.name), which cannot be read as it is",
        "convert it: \(line(encoding))")
    }
    let other: EastAsianEncoding = encoding == .gb18030 ? .big5 : .gb18030
    return (
      ByteSource(Array(text.utf8), named: file),
      "the text is not UTF-8 and is read as \(encoding.language) in \(encoding.name); if it looks wrong, convert the file, for example: "
        + line(other)
    )
  }

  /// Whether a beginning of a text, in which the last character may be cut off, is UTF-8.
  private static func isUTF8(_ sample: [UInt8]) -> Bool {
    (0...3).contains { cut in
      String(validating: sample.dropLast(cut), as: UTF8.self) != nil
    }
  }

  /// The UTF-16 encoding that a beginning shows; nil for anything else.
  static func wideEncoding(of start: [UInt8]) -> String.Encoding? {
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return .utf16 }
    guard start.count >= 16 else { return nil }
    // Every second byte of English text is 0.
    let pairs = start.count / 2
    let zeros = (0..<2).map { side in (0..<pairs).count { start[2 * $0 + side] == 0 } }
    if zeros[1] * 10 >= pairs * 9, zeros[0] == 0 { return .utf16LittleEndian }
    if zeros[0] * 10 >= pairs * 9, zeros[1] == 0 { return .utf16BigEndian }
    return nil
  }
}
