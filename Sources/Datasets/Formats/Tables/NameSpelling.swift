/// Spellings of one name: " Setosa ", "setosa" and "SETOSA".
enum NameSpelling {
  /// The form that all spellings of a name share. A single letter keeps its case: a and A may be two classes.
  static func common(_ text: String) -> String {
    if text == "-" { return minus }
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 1 ? words.lowercased() : words
  }

  /// A dash that is the opposite of a plus, since a dash alone is a missing value: with an invisible character behind it, which no
  /// output holds.
  static let minus = "-\u{2060}"

  /// A name as in the file.
  static func shown(_ name: String) -> String { name == minus ? "-" : name }

  /// For each text of a column that is another spelling of a more common one, by index: the index of the latter.
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

extension DataTable {
  /// The table with a minus for the dashes of columns whose only other name is a plus, as in the credit approval data.
  var withMinuses: DataTable {
    var table = self
    for index in columns.indices {
      let texts = columns[index].texts
      guard texts.count < 5, texts.contains("+"), texts.contains("-"),
        texts.allSatisfy({ $0 == "+" || MissingMark.isMark($0) }),
        columns[index].cells.allSatisfy(\.isNaN)
      else { continue }
      var column = Column(name: columns[index].name)
      for row in columns[index].cells.indices {
        let text = columns[index].text(at: row)
        column.append(text: text == "-" ? NameSpelling.minus : text)
      }
      table.columns[index] = column
    }
    return table
  }
}
