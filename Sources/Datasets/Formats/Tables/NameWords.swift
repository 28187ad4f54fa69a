/// The words of a column's name: `isFraud`, `is_fraud` and `Is Fraud` have the same.
enum NameWords {
  /// The words in lowercase, divided at marks, blanks, and capitals that follow a small letter.
  static func of(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var before: Character?
    for character in name {
      let isPart = character.isLetter || character.isNumber
      if !isPart || character.isUppercase && before?.isLowercase == true {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if isPart { word += character.lowercased() }
      before = character
    }
    return word.isEmpty ? words : words + [word]
  }
}
