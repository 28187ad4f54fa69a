import Console
import Findings

/// Rows directly below the header that describe the columns and are not examples: units, types, the questions of a survey, the
/// second line of a two-line header.
///
/// They are recognized by their values: such a row has no number, date or answer in columns where the other rows have one, and a
/// text instead.
struct DescribingRows {
  /// At most this many rows can be descriptions.
  private static let limit = 3
  /// This many rows below them show what a column holds.
  private static let sampleCount = 1000

  /// How many of the first rows describe the columns.
  let count: Int

  /// What the rows below show about a column.
  private enum Kind {
    /// Numbers, dates or answers, nearly all of them.
    case typed
    /// Texts, these.
    case texts(Set<String>)
    case empty
  }

  init(_ table: DataTable) {
    guard table.hasHeader, table.rowCount >= Self.limit + 2 else {
      count = 0
      return
    }
    let kinds = table.columns.map(Self.kind)
    var count = 0
    while count < Self.limit, Self.describes(count, table, kinds, isFirst: count == 0) {
      count += 1
    }
    self.count = count
  }

  private static func kind(_ column: DataTable.Column) -> Kind {
    let areTyped = column.texts.map(isTyped)
    var (typed, present) = (0, 0)
    var texts: Set<String> = []
    for cell in column.cells[limit...].prefix(sampleCount) {
      guard let index = DataTable.Column.textIndex(of: cell) else {
        (typed, present) = (typed + 1, present + 1)
        continue
      }
      let text = column.texts[index]
      if MissingMark.isMissingNumber(text) { continue }
      present += 1
      if areTyped[index] { typed += 1 } else { texts.insert(text) }
    }
    if present == 0 { return .empty }
    return typed * 10 >= present * 9 ? .typed : .texts(texts)
  }

  /// Whether a text is a number, a date or an answer.
  private static func isTyped(_ text: String) -> Bool {
    CellText.answer(text) != nil || NumberStyle.rest(of: text) != nil
      || DurationStyle.isWritten(text)
      || DateStyle().moment(of: text) != nil || DateStyle(isDayFirst: true).moment(of: text) != nil
  }

  private static func describes(
    _ row: Int, _ table: DataTable, _ kinds: [Kind], isFirst: Bool
  ) -> Bool {
    var (described, named) = (0, 0)
    for (column, kind) in zip(table.columns, kinds) {
      guard let index = DataTable.Column.textIndex(of: column.cells[row]) else {
        // A number above texts may be part of a column's name; one above numbers is a value.
        if case .texts = kind { continue }
        return false
      }
      let text = column.texts[index]
      if MissingMark.isMissingNumber(text) { continue }
      switch kind {
      case .typed:
        if isTyped(text) && !isQuestion(text) { return false }
        described += 1
      case .texts(let others):
        if others.contains(text) { return false }
        named += 1
      case .empty: named += 1
      }
    }
    // pandas writes the name of an index in a row of its own below the other names.
    return described > 0 || !isFirst && named > 0
  }

  /// Whether a text that starts with a number is nevertheless a sentence.
  private static func isQuestion(_ text: String) -> Bool {
    text.split(separator: " ").count > 2 && DateStyle().moment(of: text) == nil
  }
}

extension DataTable {
  /// The table without rows that describe its columns; if names are missing or equal, these rows complete them.
  ///
  /// - Complexity: O(cells) if there are such rows.
  var withoutDescribingRows: DataTable {
    let count = DescribingRows(self).count
    guard count > 0 else { return self }
    var table = without(0..<count)
    let names = columns.map(\.name)
    let areIncomplete = Set(names).count < names.count || names.contains("")
    if areIncomplete {
      var group = ""
      for index in columns.indices {
        if !names[index].isEmpty { group = names[index] }
        var parts = [group]
        for row in 0..<count {
          let text = columns[index].text(at: row)
          if !MissingMark.isMark(text), !parts.contains(text) { parts.append(text) }
        }
        table.columns[index].name = parts.filter { !$0.isEmpty }.joined(separator: " ")
      }
    }
    let texts = columns.map { $0.text(at: 0) }.filter { !MissingMark.isMark($0) }
    let list = texts.prefix(4).map { "\"\($0.prefix(20))\"" }.joined(separator: ", ")
    let numbers = (0..<count).map { row in
      lines.indices.contains(row) ? "\(lines[row])" : "\(row + 2)"
    }
    let words =
      "row\(count == 1 ? "" : "s") \(numbers.joined(separator: " and ")) (\(list)\(texts.count > 4 ? ", ..." : ""))"
    table.notes.append(
      areIncomplete
        ? "\(words) \(count == 1 ? "belongs" : "belong") to the header: the words in \(count == 1 ? "it" : "them") are added to the names of the columns"
        : "\(words) \(count == 1 ? "describes the columns and is" : "describe the columns and are") left out"
    )
    return table
  }
}

extension DataTable {
  /// Checks that the examples are not the columns; if they are, rows of texts, the names of classes, are below numbers.
  ///
  /// - Throws: ``/Findings/Problem`` with the line that transposes the table.
  func requireExamplesInRows(_ analyses: [ColumnAnalysis]) throws(Problem) {
    let numbers = columns.indices.filter { index in
      if case .number = analyses[index].kind { true } else { false }
    }
    guard numbers.count >= 8, rowCount > 3 else { return }
    for row in rowCount - 3..<rowCount {
      let texts = numbers.compactMap { index -> String? in
        guard case .number(let style) = analyses[index].kind,
          DataTable.Column.textIndex(of: columns[index].cells[row]) != nil
        else { return nil }
        let text = columns[index].text(at: row)
        return style.value(of: text) == nil && !MissingMark.isMissingNumber(text) ? text : nil
      }
      guard texts.count * 10 >= numbers.count * 9, Set(texts).count * 2 <= texts.count else {
        continue
      }
      let delimiter = separator.map { String(UnicodeScalar($0)) } ?? ","
      let access = TextAccess(file)
      throw Problem(
        .wrongFormat, subject: file, location: location(row: row, column: numbers[0]),
        problem:
          "the row holds texts such as \"\(texts[0].prefix(20))\" below columns of numbers, as if the examples were columns",
        remedy:
          "transpose the table: python3 -c 'import sys, csv; r = list(zip(*csv.reader(\(access.python), delimiter="
          + (delimiter == "\t" ? "\"\\t\"" : "\"\(delimiter)\"")
          + "))); csv.writer(\(access.python(writing: FilePaths.unused("turned.csv")))).writerows(r)' \(access.argument)"
      )
    }
  }
}
