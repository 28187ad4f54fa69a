extension CellText {
  /// Words for no and yes.
  static let answers: [(no: String, yes: String)] = [
    ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"), ("nein", "ja"),
    ("non", "oui"), ("falsch", "wahr"), ("faux", "vrai"),
  ]

  /// Whether a word means yes, or no; nil for any other.
  static func answer(_ text: String) -> Bool? {
    guard text.utf8.count <= 6 else { return nil }
    let lowercase = text.lowercased()
    for pair in answers {
      if lowercase == pair.no { return false }
      if lowercase == pair.yes { return true }
    }
    return nil
  }

  /// Whether the text after every number may be a unit: km, m², °C, kg/m3, sq ft, but no further number as in 3-4 or 12:30.
  static func isUnit(_ text: String) -> Bool {
    guard text.count <= 16, let first = text.first, !first.isNumber, !text.contains(":"),
      !"-–—−_#@.,;!?=&|\\)]}".contains(first),
      first != "/" || text.dropFirst().first?.isLetter == true,
      // 9" is a length, and 9" pot a name.
      !"\"'”".contains(first) || text.count == 1
    else { return false }
    // Digits are exponents, and follow a letter.
    return zip(text.dropFirst(), text).allSatisfy { character, before in
      !character.isNumber || before.isLetter || before == "^"
    }
  }
}
