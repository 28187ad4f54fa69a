import Foundation

/// The encodings of Chinese, Japanese and Korean text in which a character has two bytes, recognized by which pairs of bytes occur.
///
/// A text is in one of them if all of its bytes can be, if nearly all of its characters are among those that are frequent in that
/// language, and if they stand next to each other: the letters with accents of a European text stand alone between others, and
/// those of other alphabets are not in pairs.
enum EastAsianEncoding: CaseIterable {
  case gb18030, big5, korean, shiftJIS, japaneseEUC

  /// The language in words.
  var language: String {
    switch self {
    case .gb18030, .big5: "Chinese"
    case .korean: "Korean"
    case .shiftJIS, .japaneseEUC: "Japanese"
    }
  }

  /// The name as iconv takes it.
  var name: String {
    switch self {
    case .gb18030: "GB18030"
    case .big5: "BIG5"
    case .korean: "CP949"
    case .shiftJIS: "CP932"
    case .japaneseEUC: "EUC-JP"
    }
  }

  /// The text of bytes; nil if they are not in this encoding, or the system cannot read it.
  func text(of bytes: [UInt8]) -> String? {
    // What CoreFoundation calls these encodings.
    let code: UInt =
      switch self {
      case .gb18030: 0x8000_0632
      case .big5: 0x8000_0A03
      case .korean: 0x8000_0422
      case .shiftJIS: 0x8000_0420
      case .japaneseEUC: 0x8000_0920
      }
    return String(bytes: bytes, encoding: String.Encoding(rawValue: code))
  }

  /// The encodings that the beginning of a text may be in, the likeliest first; none for any other text.
  ///
  /// - Complexity: O(bytes).
  static func candidates(for bytes: [UInt8]) -> [EastAsianEncoding] {
    guard bytes.contains(where: { $0 >= 0x80 }) else { return [] }
    var found = allCases.compactMap { encoding in
      Statistics(bytes, encoding).share.map { (encoding, share: $0) }
    }
    // Every Korean syllable is also a frequent Chinese character, but hardly any Chinese text has only such characters.
    if let korean = found.firstIndex(where: { $0.0 == .korean }) {
      let count = Statistics(bytes, .korean).characters.count
      if count >= 10 { return [.korean] }
      let rest = found.filter { $0.0 != .korean && $0.0 != .big5 }
      found = rest + [found[korean]]
      return found.map(\.0)
    }
    // Japanese of this kind has its own letters, at places that are rare in Chinese.
    if found.contains(where: { $0.0 == .japaneseEUC }) { return [.japaneseEUC] }
    let best = found.map(\.share).max() ?? 0
    return found.filter { $0.share > best - 0.03 }.map(\.0)
  }

  /// What a text would consist of in an encoding.
  private struct Statistics {
    /// The different characters of two bytes; empty if a byte cannot be in the encoding.
    private(set) var characters: Set<UInt16> = []
    /// How many rows of such characters there are, and how many of them have a Latin letter next to them.
    private var rows = 0, rowsAtLetters = 0
    private let encoding: EastAsianEncoding

    /// At most this share of the rows of characters may stand next to Latin letters.
    private static let letterLimit = 0.3
    /// At least this share of the characters are frequent ones.
    private static let leastShare = 0.85

    init(_ bytes: [UInt8], _ encoding: EastAsianEncoding) {
      self.encoding = encoding
      var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var (isInRow, wasLetter) = (false, false)
      while position < bytes.count {
        let first = bytes[position]
        if first < 0x80 {
          let isLetter = (0x41...0x5A).contains(first & 0xDF)
          if isInRow, isLetter, !wasLetter { rowsAtLetters += 1 }
          (isInRow, wasLetter) = (false, isLetter)
          position += 1
          continue
        }
        if !isInRow {
          rows += 1
          if wasLetter { rowsAtLetters += 1 }
          isInRow = true
        }
        if encoding == .shiftJIS, (0xA1...0xDF).contains(first) {
          // A narrow letter of one byte.
          characters.insert(UInt16(first))
          position += 1
          continue
        }
        // The last character may be cut off.
        guard position + 1 < bytes.count else { return }
        let second = bytes[position + 1]
        if encoding == .gb18030, (0x30...0x39).contains(second), position + 3 < bytes.count,
          bytes[position + 2] >= 0x81, (0x30...0x39).contains(bytes[position + 3])
        {
          position += 4
          continue
        }
        guard Self.isPair(first, second, encoding) else {
          characters = []
          return
        }
        characters.insert(UInt16(first) << 8 | UInt16(second))
        position += 2
      }
    }

    /// The share of the different characters that are frequent; nil if the text is certainly not in the encoding.
    var share: Double? {
      let count = Double(characters.count)
      guard characters.count >= 2, Double(rowsAtLetters) <= Self.letterLimit * Double(rows) else {
        return nil
      }
      let frequent = Double(characters.count { Self.isFrequent($0, encoding) })
      // In European text, the second byte of a pair is a plain letter.
      let high = Double(characters.count { $0 & 0x80 != 0 && $0 > 0xFF })
      let leastHigh: Double =
        switch encoding {
        case .gb18030, .korean, .japaneseEUC: 0.8
        case .big5, .shiftJIS: 0.3
        }
      guard frequent >= Self.leastShare * count, high >= leastHigh * count else { return nil }
      // In an alphabet, all second bytes are among the same 32; those of Japanese letters are too, but not among these.
      let groups = Dictionary(grouping: characters) { ($0 & 0xFF) >> 5 }
      if count >= 6,
        groups.contains(where: { group, characters in
          Double(characters.count) > 0.9 * count
            && (encoding == .shiftJIS ? group == 4 : encoding != .japaneseEUC)
        })
      {
        return nil
      }
      switch encoding {
      case .korean where characters.contains(where: { !Self.isSymbol($0) && !isKorean($0) }):
        return nil
      case .japaneseEUC
      where !characters.contains(where: { $0 >> 8 == 0xA4 || $0 >> 8 == 0xA5 }):
        return nil
      case .big5, .shiftJIS:
        // Few pairs may be anything.
        guard characters.count >= 4 else { return nil }
      default: break
      }
      return frequent / count
    }

    private func isKorean(_ character: UInt16) -> Bool { (0xB0...0xC8).contains(character >> 8) }

    /// Punctuation, digits and Latin letters of the width of the others.
    private static func isSymbol(_ character: UInt16) -> Bool {
      (0xA1...0xA3).contains(character >> 8)
    }

    private static func isPair(
      _ first: UInt8, _ second: UInt8, _ encoding: EastAsianEncoding
    ) -> Bool {
      switch encoding {
      case .gb18030:
        (0x81...0xFE).contains(first) && (0x40...0xFE).contains(second) && second != 0x7F
      case .big5:
        (0x81...0xFE).contains(first)
          && ((0x40...0x7E).contains(second) || (0xA1...0xFE).contains(second))
      case .korean:
        (0x81...0xFE).contains(first)
          && ((0x41...0x5A).contains(second) || (0x61...0x7A).contains(second)
            || (0x81...0xFE).contains(second))
      case .shiftJIS:
        ((0x81...0x9F).contains(first) || (0xE0...0xFC).contains(first))
          && (0x40...0xFC).contains(second) && second != 0x7F
      case .japaneseEUC:
        first == 0x8E && (0xA1...0xDF).contains(second)
          || (0xA1...0xFE).contains(first) && (0xA1...0xFE).contains(second)
      }
    }

    /// Whether a character is among those that make up nearly all of a text.
    private static func isFrequent(_ character: UInt16, _ encoding: EastAsianEncoding) -> Bool {
      let (first, isHigh) = (character >> 8, character & 0xFF >= 0xA1)
      return switch encoding {
      case .gb18030: isHigh && ((0xB0...0xD7).contains(first) || isSymbol(character))
      case .korean: isHigh && ((0xB0...0xC8).contains(first) || isSymbol(character))
      case .big5: (0xA1...0xC6).contains(first)
      case .japaneseEUC: isHigh && ((0xA1...0xA5).contains(first) || (0xB0...0xCF).contains(first))
      case .shiftJIS:
        (0x8140...0x8396).contains(character) || (0x889F...0x9872).contains(character)
          || (0xA1...0xDF).contains(character)
      }
    }
  }
}
