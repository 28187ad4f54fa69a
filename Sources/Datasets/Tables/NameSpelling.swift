/// Spellings of one name: " Setosa ", "setosa" and "SETOSA".
enum NameSpelling {
  /// What all spellings of a name share. A single letter is its own: a and A may be two classes.
  static func common(_ text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 1 ? words.lowercased() : words
  }

  /// For the texts of a column that are another spelling of a commoner one, by index: the index of that one.
  ///
  /// - Parameter counts: How many cells hold each text.
  static func variants(_ texts: [String], _ counts: [Int]) -> [Int: Int] {
    let present = texts.indices.filter { counts[$0] > 0 }
    let groups = Dictionary(grouping: present) { common(texts[$0]) }
    var variants: [Int: Int] = [:]
    for group in groups.values where group.count > 1 {
      guard let most = group.max(by: { (counts[$0], $1) < (counts[$1], $0) }) else { continue }
      for index in group where index != most { variants[index] = most }
    }
    return variants
  }
}

extension DataTable.Column {
  /// How many cells hold each text.
  var textCounts: [Int] {
    var counts = [Int](repeating: 0, count: texts.count)
    for cell in cells {
      if let index = Self.textIndex(of: cell) { counts[index] += 1 }
    }
    return counts
  }

  /// The column with one spelling of each name, and what was replaced by what, the most frequent first.
  func withOneSpelling() -> (column: Self, replaced: [(old: String, new: String)])? {
    guard texts.count <= 10_000 else { return nil }
    let counts = textCounts
    let variants = NameSpelling.variants(texts, counts)
    guard !variants.isEmpty else { return nil }
    var column = Self(name: name)
    for cell in cells {
      if let index = Self.textIndex(of: cell) {
        column.append(text: texts[variants[index] ?? index])
      } else {
        column.append(number: cell)
      }
    }
    column.takeMarks(of: self)
    let replaced = variants.sorted { (counts[$1.key], $0.key) < (counts[$0.key], $1.key) }
    return (column, replaced.map { (texts[$0.key], texts[$0.value]) })
  }
}
