/// The space that a text needs, determined without a font.
///
/// An SVG is rendered by its viewer, with a font that the writer does not know. The widths
/// here are those of DejaVu Sans, the widest of the fonts in the stack, so a text fits its room in
/// the narrower ones as well.
package enum TextMetrics {
  package enum Face: Sendable, Hashable {
    case regular, bold, monospaced
  }

  /// Width of a line of text in pixels at a font size in pixels.
  ///
  /// Complexity: O(n) in the length of the text.
  package static func width(_ text: String, size: Double, face: Face = .regular) -> Double {
    var hundredths = 0
    for scalar in text.unicodeScalars { hundredths += advance(scalar, face) }
    return Double(hundredths) / 100 * size
  }

  /// Lines that are at most `width` wide: broken at spaces, and inside a word that alone is too wide.
  package static func wrap(
    _ text: String, width limit: Double, size: Double, face: Face = .regular
  ) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(whereSeparator: \.isNewline) {
      var line = ""
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: true) {
        let joined = line.isEmpty ? String(word) : line + " " + word
        if width(joined, size: size, face: face) <= limit {
          line = joined
          continue
        }
        if !line.isEmpty { lines.append(line) }
        line = ""
        for character in word {
          let longer = line + String(character)
          if !line.isEmpty && width(longer, size: size, face: face) > limit {
            lines.append(line)
            line = String(character)
          } else {
            line = longer
          }
        }
      }
      if !line.isEmpty { lines.append(line) }
    }
    return lines
  }

  private static func advance(_ scalar: Unicode.Scalar, _ face: Face) -> Int {
    let properties = scalar.properties
    if properties.generalCategory == .nonspacingMark { return 0 }
    let value = scalar.value
    // East Asian wide characters and pictographs fill a square in every face.
    if (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
      || (0xAC00...0xD7A3).contains(value) || (0xF900...0xFAFF).contains(value)
      || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
      || value >= 0x1F000
    {
      return face == .monospaced ? 122 : 105
    }
    if face == .monospaced { return 61 }
    guard value >= 32, value < 127 else {
      switch scalar {
      case "·": return 38
      case "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹": return 44
      case "⁻", "–": return 54
      case "—": return 100
      case "×", "→", "≤", "≥", "±", "−", "≈", "≠": return 85
      default: return properties.isUppercase ? 95 : 72
      }
    }
    let index = Int(value) - 32
    return face == .bold ? boldAdvances[index] : regularAdvances[index]
  }

  // Advance widths of the characters from space to tilde, in hundredths of the font size.
  private static let regularAdvances = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34,  // space to /
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54,  // 0 to ?
    100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,  // @ to O
    61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50,  // P to _
    50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,  // ` to o
    64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,  // p to ~
  ]

  private static let boldAdvances = [
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37,
    70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 59,
    100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 86,
    74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 50,
    50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69,
    72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
  ]
}
