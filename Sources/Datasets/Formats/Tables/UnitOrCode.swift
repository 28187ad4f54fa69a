/// Whether what follows the digits of all cells is a unit, or the end of a code such as 40A or 123X.
enum UnitOrCode {
  /// Words in the names of columns that hold codes.
  private static let codeWords: Set<String> = [
    "code", "codes", "sku", "id", "ids", "zip", "zipcode", "postcode", "postal", "plz", "room",
    "seat", "gate", "flat", "apartment", "apt", "plate", "part", "ref", "reference", "article",
    "artikel", "lot", "batch", "serial", "section", "block", "desk", "route", "flight", "building",
    "house", "platform", "key", "raum", "zimmer", "sitz", "platz", "modell", "model", "isbn",
    "locker", "bay", "slot", "aisle", "shelf", "rack",
  ]
  /// Units of one letter that are written without a space. Of an ampere, rooms and seats have as many.
  private static let letters: Set<Character> = Set("gmshdyltkxMBVWKCFJNLTG")
  /// Units that are written without a space even in a column of codes.
  private static let units: Set<String> = [
    "kg", "mg", "km", "cm", "mm", "ml", "cl", "min", "sec", "hrs", "hz", "khz", "mhz", "ghz",
    "gb", "mb", "kb", "tb", "kw", "kwh", "mah", "bn", "mn",
  ]
  /// From so many different cells on, an equal number of digits is no chance.
  private static let least = 4

  /// Whether texts of digits that end in the same letters are codes.
  ///
  /// - Parameters:
  ///   - texts: The different cells.
  ///   - ending: What follows the digits, as it is written.
  ///   - name: The name of the column.
  static func areCodes(_ texts: [String], endingIn ending: String, in name: String) -> Bool {
    guard ending.allSatisfy({ $0.isLetter || $0.isNumber }) else { return false }
    let digits = texts.compactMap { text -> Substring? in
      guard text.lowercased().hasSuffix(ending.lowercased()) else { return nil }
      return text.dropLast(ending.count)
    }
    // A space, a currency or a decimal mark comes with an amount.
    guard !digits.isEmpty, digits.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }) else {
      return false
    }
    if NameWords.of(name).contains(where: codeWords.contains) {
      return !units.contains(ending.lowercased())
    }
    guard ending.count == 1, let letter = ending.first, !letters.contains(letter) else {
      return false
    }
    return digits.count >= least && Set(digits.map(\.count)).count == 1
  }
}
