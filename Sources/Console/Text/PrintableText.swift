/// Text from files, names and messages, made safe to print: no control character reaches a terminal.
///
/// An escape character in the name of a member of an archive could clear the screen, rename the window or hide a line, and
/// a change of direction could disguise a path as a different one.
package enum PrintableText {
  /// The text with every character that acts on a terminal written as its number, such as `\x1b`; newlines and tabulators
  /// stay.
  package static func of(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: acts) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if acts(scalar) {
        let digits = String(scalar.value, radix: 16)
        let padded = digits.count < 2 ? "0" + digits : digits
        result.append(
          contentsOf: (scalar.value < 256 ? "\\x\(padded)" : "\\u{\(digits)}").unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether a scalar moves the cursor, begins a command to the terminal, or reverses the direction of writing.
  private static func acts(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9, 10: false
    case 0..<32, 127..<160: true
    // Embeddings, overrides and isolates of the bidirectional algorithm (Unicode Standard Annex 9).
    case 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

/// Prints on standard output, without anything that controls a terminal: see ``PrintableText``.
///
/// It replaces the standard library's function in every file that imports this module, so that no command prints the content of a
/// file in any other way.
public func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {
  let text = items.map { String(describing: $0) }.joined(separator: separator)
  Swift.print(PrintableText.of(text), terminator: terminator)
}
