/// Text of cells, whichever encoding it is in.
enum CellText {
  /// The characters of Windows-1252 for the bytes 0x80 to 0x9F; the others are those of Latin-1.
  private static let windows: [Character] = Array(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ")

  /// The text of bytes: UTF-8 if they are, else Windows-1252.
  static func string(_ bytes: ArraySlice<UInt8>) -> String {
    var isConverted = false
    return string(bytes, isConverted: &isConverted)
  }

  /// The name of the encoding that non-Western texts may be in, as iconv takes it; nil if nothing speaks for one.
  static func likelyEncoding(of bytes: [UInt8]) -> String? {
    let high = bytes.filter { $0 >= 0x80 }
    if let encoding = EastAsianEncoding.candidates(for: bytes).first { return encoding.name }
    let words = bytes.split { $0 < 0x80 }
    // Letters with accents are rare in a word.
    guard words.count(where: { $0.count > 2 }) * 2 > words.count else { return "CP1250" }
    let letters = high.count { $0 >= 0xC0 || $0 == 0xA8 || $0 == 0xB8 }
    return letters * 10 >= high.count * 9 ? "CP1251" : nil
  }

  /// The same; also sets whether it was not UTF-8.
  static func string(_ bytes: ArraySlice<UInt8>, isConverted: inout Bool) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    isConverted = true
    return String(
      bytes.map { byte in
        (0x80...0x9F).contains(byte)
          ? windows[Int(byte) - 0x80] : Character(Unicode.Scalar(byte))
      })
  }
}
