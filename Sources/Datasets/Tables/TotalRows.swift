import Foundation

/// Rows at the end of a table that summarize the others, as in spreadsheets.
enum TotalRows {
  private static let words: Set<String> = [
    "total", "totals", "grand total", "sum", "sums", "subtotal", "average", "avg", "mean",
    "overall",
    "std", "stdev", "std dev", "std. dev.", "sd", "standard deviation", "var", "variance", "median",
    "min", "max", "minimum", "maximum", "gesamt", "summe", "mittelwert", "standardabweichung",
    "somme", "moyenne", "totale", "suma",
  ]

  /// How many of the last rows are totals: they say so, or lack most values and hold the sum or the mean of a column.
  ///
  /// - Complexity: O(cells) if the last row lacks a value, else O(columns).
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
    let word = zip(texts, table.columns).contains { text, column in
      let name = text.lowercased().trimmingCharacters(in: .whitespaces.union([":"]))
      // A word that other rows have too is a name like any other.
      return words.contains(name)
        && column.cells[..<row].allSatisfy { cell in
          DataTable.Column.textIndex(of: cell).map { column.texts[$0] != text } ?? true
        }
    }
    if word, gaps > 0 || table.columns.count <= 3 { return true }
    guard word || 2 * gaps >= table.columns.count else { return false }
    // Every number of the row has to be the sum or the mean of its column: a single match may be chance.
    var sums = 0
    for (column, analysis) in zip(table.columns, analyses) {
      guard case .number(let style) = analysis.kind else { continue }
      let values = column.numbers(style)
      let own = values[row]
      if own.isNaN { continue }
      let above = values[..<row].filter { !$0.isNaN }
      guard above.count > 10, let least = above.min(), let most = above.max(), most > least else {
        return false
      }
      let sum = above.reduce(0, +)
      guard
        abs(own - sum) <= 1e-4 * abs(sum)
          || abs(own - sum / Double(above.count)) <= 1e-4 * (most - least)
      else { return false }
      sums += 1
    }
    return sums > 0
  }
}

extension DataTable {
  /// The rows that repeat the header, as in files that were concatenated; none if the table has no names.
  ///
  /// - Complexity: O(rows).
  func repeatedHeaders(named names: [String]) -> [Int] {
    guard hasHeader, let first = columns.first, let name = names.first,
      let text = first.texts.firstIndex(of: name)
    else { return [] }
    return first.cells.indices.filter { row in
      DataTable.Column.textIndex(of: first.cells[row]) == text
        && zip(columns, names).allSatisfy { $0.text(at: row) == $1 }
    }
  }

  /// The table without some of its rows.
  func without(_ rows: some Collection<Int>) -> DataTable {
    let left = Set(rows)
    let kept = (0..<rowCount).filter { !left.contains($0) }
    var table = self
    for index in columns.indices { table.columns[index] = columns[index].taking(kept) }
    table.lines = lines.isEmpty ? [] : kept.map { lines[$0] }
    return table
  }
}
