/// How many columns of a terminal a text takes.
package enum DisplayWidth {
  /// Columns of a text without control characters: 2 for East Asian wide characters and pictographs,
  /// 0 for combining marks, 1 for all others.
  ///
  /// Complexity: O(n) in the length of the text.
  package static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

  private static func of(_ character: Character) -> Int {
    // Marks that a base character carries take up no room of their own.
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let isEmoji = character.unicodeScalars.contains { $0.value == 0xFE0F }
    return isEmoji || isWide(scalar) ? 2 : 1
  }

  /// East Asian Width W or F (Unicode Standard Annex 11), by blocks.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.properties.isEmojiPresentation { return true }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return true
    default: return false
    }
  }

  /// The beginning of a text that fits into this many columns.
  package static func prefix(_ text: String, columns: Int) -> String {
    var used = 0
    var result = ""
    for character in text {
      used += of(character)
      if used > columns { break }
      result.append(character)
    }
    return result
  }
}
