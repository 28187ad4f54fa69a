import Foundation

/// Rows at the end of a table that add up the others, as spreadsheets have them.
enum TotalRows {
  private static let words: Set<String> = [
    "total", "totals", "grand total", "sum", "sums", "subtotal", "average", "mean", "overall",
    "gesamt",
    "summe", "mittelwert", "somme", "moyenne", "totale", "suma",
  ]

  /// How many of the last rows are such: they say it, or lack most values and hold the sum or the mean of a column.
  ///
  /// - Complexity: O(cells) where the last row lacks a value, else O(columns).
  static func count(_ table: DataTable, _ analyses: [ColumnAnalysis]) -> Int {
    var count = 0
    while count < 3, table.rowCount - count > 10,
      isTotal(table, analyses, row: table.rowCount - 1 - count)
    {
      count += 1
    }
    return count
  }

  private static func isTotal(_ table: DataTable, _ analyses: [ColumnAnalysis], row: Int) -> Bool {
    let texts = table.columns.map { $0.text(at: row) }
    let gaps = texts.count { MissingMark.isMark($0) }
    guard gaps > 0 || table.columns.count <= 3 else { return false }
    let word = zip(texts, table.columns).contains { text, column in
      let name = text.lowercased().trimmingCharacters(in: .whitespaces.union([":"]))
      // A word that other rows have too is a name like any other.
      return words.contains(name)
        && column.cells[..<row].allSatisfy { cell in
          DataTable.Column.textIndex(of: cell).map { column.texts[$0] != text } ?? true
        }
    }
    if word { return true }
    guard 2 * gaps >= table.columns.count else { return false }
    return zip(table.columns, analyses).contains { column, analysis in
      guard case .number(let style) = analysis.kind else { return false }
      let values = column.texts.map { style.value(of: $0) ?? .nan }
      func value(_ row: Int) -> Double {
        let cell = column.cells[row]
        return DataTable.Column.textIndex(of: cell).map { values[$0] } ?? style.value(of: cell)
      }
      let own = value(row)
      let above = (0..<row).map(value).filter { !$0.isNaN }
      guard !own.isNaN, above.count > 10 else { return false }
      let sum = above.reduce(0, +)
      return [sum, sum / Double(above.count)].contains { abs(own - $0) <= 1e-4 * abs($0) }
        && abs(sum) > 0
    }
  }
}

extension DataTable {
  /// The table without its last rows.
  func withoutLast(_ count: Int) -> DataTable {
    var table = self
    for index in columns.indices {
      var column = Column(name: columns[index].name)
      column.take(columns[index], rows: rowCount - count)
      table.columns[index] = column
    }
    table.lines = Array(lines.dropLast(count))
    return table
  }
}
