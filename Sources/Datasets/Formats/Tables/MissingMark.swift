/// What a cell contains in place of a missing value.
enum MissingMark {
  /// Marks that do not name anything in any column.
  private static let marks: Set<String> = [
    "", "na", "n/a", "n.a.", "nan", "null", "nil", "?", "#n/a", "#na", "<na>", "nat", "-", "--",
    "---", "—", "–", ".", "..", "...", "(null)", "#null!", "#value!", "#div/0!", "\\n", "*",
  ]
  /// Words that mean a missing value among numbers, but may be names among names.
  private static let words: Set<String> = [
    "none", "missing", "unknown", "not available", "undefined", "k.a.", "nd", "n.d.", "error",
    "tbd",
    "void", "blank", "no data", "nodata", "unk", "x", "xx", "-nan", "bad", "fehlt", "nc", "??",
    "[null]", "(blank)", "(none)", "#nv", "bdl", "keine angabe", "not measured", "n.v.", "k. a.",
  ]

  static func isMark(_ text: String) -> Bool {
    text.utf8.count <= 7 && marks.contains(text.lowercased())
  }

  /// Whether a text stands for a missing number.
  static func isMissingNumber(_ text: String) -> Bool {
    isMark(text) || text.utf8.count <= 13 && words.contains(text.lowercased())
      // Eurostat writes a colon, and a letter that says why.
      || text.first == ":" && text.utf8.count <= 4 && !text.contains(where: \.isNumber)
  }
}
