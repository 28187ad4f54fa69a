import Findings

/// Attribute-relation files, as written by Weka and the OpenML archive: named columns with their types, then rows.
enum ARFFFormat: DataFormat {
  static let name = "ARFF"
  static let meaning =
    "Weka and OpenML tables: typed columns, then rows"
  static let endings = [".arff"]

  static func recognizes(_ input: DataInput) -> Bool {
    guard input.content == .text || input.content == .utf16 else { return false }
    for line in CellText.string(input.start[...]).split(whereSeparator: \.isNewline) {
      let content = line.drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
      if content.isEmpty || content.hasPrefix("%") { continue }
      return content.lowercased().hasPrefix("@relation")
        || content.lowercased().hasPrefix("@attribute")
    }
    return false
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let text = try input.source.wholeText()
    var attributes: [Attribute] = []
    var weightCount = 0
    /// The first value of each nominal attribute that is not declared, and where it is.
    var undeclared: [Int: (value: String, line: Int)] = [:]
    var table: DataTable?
    var line = 0
    for content in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      line += 1
      let row = content.drop { $0 == " " || $0 == "\t" }
      guard !row.isEmpty, !row.hasPrefix("%") else { continue }
      if table == nil {
        let word = row.prefix { $0 != " " && $0 != "\t" }.lowercased()
        if word == "@attribute" {
          attributes.append(try attribute(row.dropFirst(word.count), input.path, line))
        } else if word.hasPrefix("@data") {
          var new = DataTable(
            file: input.path, columnNames: attributes.map(\.name), hasHeader: true)
          // The column named as the class, else the last nominal column at either end, as in Weka.
          new.labelColumn =
            attributes.firstIndex { $0.name.lowercased() == "class" }
            ?? (attributes.last?.values != nil ? attributes.count - 1 : nil)
          table = new
        }
        continue
      }
      var cells =
        row.hasPrefix("{")
        ? try sparse(row, attributes.map { $0.values?.first ?? "0" }, input.path, line)
        : fields(row)
      // The weight of an example.
      if cells.count == attributes.count + 1, let last = cells.last, last.hasPrefix("{"),
        last.hasSuffix("}")
      {
        cells.removeLast()
        weightCount += 1
      }
      guard cells.count == attributes.count else {
        throw Problem(
          .inconsistent, subject: input.path, location: "row \(line)",
          problem:
            "the row has \(cells.count) values, but \(attributes.count) attributes are declared",
          remedy: "add or remove a value in that line")
      }
      for (index, attribute) in attributes.enumerated() where undeclared[index] == nil {
        if let values = attribute.values, cells[index] != "?", !values.contains(cells[index]) {
          undeclared[index] = (cells[index], line)
        }
      }
      table?.append(cells, line: line)
    }
    guard let table, table.rowCount > 0 else {
      throw Problem(
        .wrongFormat, subject: input.path, location: "row \(line)",
        problem: "there are no rows below @DATA", remedy: "add one line per example")
    }
    var whole = table
    if weightCount > 0 { whole.notes.append("the weights of \(weightCount) rows are ignored") }
    for (index, found) in undeclared.sorted(by: { $0.key < $1.key }).prefix(6) {
      whole.notes.append(
        "\"\(found.value.prefix(20))\" in row \(found.line) is not among the values declared for \(attributes[index].name)"
      )
    }
    return DataContent(meaning: .table(whole))
  }

  /// A declared column; a nominal one has the values that it may take.
  private struct Attribute {
    let name: String
    let values: [String]?
  }

  private static func attribute(
    _ text: Substring, _ file: String, _ line: Int
  ) throws(Problem) -> Attribute {
    var rest = text.drop { $0 == " " || $0 == "\t" }
    let name: Substring
    if let quote = rest.first, quote == "'" || quote == "\"" {
      rest = rest.dropFirst()
      name = rest.prefix { $0 != quote }
      rest = rest.dropFirst(name.count + 1)
    } else {
      name = rest.prefix { $0 != " " && $0 != "\t" && $0 != "{" }
      rest = rest.dropFirst(name.count)
    }
    guard !name.isEmpty else {
      throw Problem(
        .wrongFormat, subject: file, location: "row \(line)", problem: "the attribute has no name",
        remedy: "write it as @ATTRIBUTE name REAL")
    }
    let list = rest.drop { $0 != "{" }.dropFirst().prefix { $0 != "}" }
    return Attribute(name: String(name), values: rest.contains("{") ? fields(list) : nil)
  }

  /// The values of a row, which may be in single or double quotes.
  private static func fields(_ row: Substring) -> [String] {
    var fields: [String] = []
    var field = ""
    var quote: Character?
    var wasQuoted = false
    var characters = row.makeIterator()
    while let character = characters.next() {
      if let open = quote {
        if character == "\\", let next = characters.next() {
          field.append(next)
        } else if character == open {
          quote = nil
        } else {
          field.append(character)
        }
      } else if (character == "'" || character == "\"")
        && field.allSatisfy({ $0 == " " || $0 == "\t" })
      {
        (quote, field, wasQuoted) = (character, "", true)
      } else if character == "," {
        fields.append(wasQuoted ? field : trimmed(field))
        (field, wasQuoted) = ("", false)
      } else if !wasQuoted || character != " " && character != "\t" && character != "\r" {
        field.append(character)
      }
    }
    fields.append(wasQuoted ? field : trimmed(field))
    return fields
  }

  /// A row that lists the values that are not 0: `{1 2.5, 3 rose}`.
  private static func sparse(
    _ row: Substring, _ defaults: [String], _ file: String, _ line: Int
  ) throws(Problem) -> [String] {
    // Values that are not listed are 0, or the first of the declared names.
    var cells = defaults
    let count = cells.count
    let inner = row.dropFirst().prefix { $0 != "}" }
    for field in fields(inner) where !field.isEmpty {
      let parts = field.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2, let index = Int(parts[0]), cells.indices.contains(index) else {
        throw Problem(
          .wrongFormat, subject: file, location: "row \(line)",
          problem: "\"\(field.prefix(40))\" is not an index below \(count) and a value",
          remedy: "write sparse rows as {index value, ...}")
      }
      cells[index] = parts[1].filter { $0 != "'" && $0 != "\"" }
    }
    return cells
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    let spaces: Set<Character> = [" ", "\t", "\r"]
    let start = text.drop { spaces.contains($0) }
    return String(start.reversed().drop { spaces.contains($0) }.reversed())
  }
}
