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
