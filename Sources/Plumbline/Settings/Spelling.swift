/// Spellings of names: `ReLU`, `leaky_relu` and `Leaky ReLU` for what the library calls `relu` and `leaky-relu`.
public enum Spelling {
  /// Whether two names differ only in capitals, spaces, hyphens and the like.
  public static func isSame(_ name: String, _ other: String) -> Bool { plain(name) == plain(other) }

  private static func plain(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// A name in the source as words: "maximum over axes" for `maximumOverAxes`.
  public static func words(_ name: String) -> String {
    name.reduce(into: "") { words, letter in
      if letter.isUppercase { words += " " + letter.lowercased() } else { words.append(letter) }
    }
  }
}

extension Form {
  /// Whether this is one of its names: its title, or another.
  public func isCalled(_ name: String) -> Bool {
    ([title] + otherNames).contains { Spelling.isSame($0, name) }
  }
}
