import Foundation

/// Rows that summarize others, as in spreadsheets: totals at the end, and subtotals below the rows of a group.
struct TotalRows {
  /// How many of the last rows are totals.
  let closingCount: Int
  /// The subtotals between the other rows, in order.
  let subtotals: [Int]
  private let table: DataTable

  private static let words: Set<String> = [
    "total", "totals", "grand total", "sum", "sums", "subtotal", "average", "avg", "mean",
    "overall",
    "std", "stdev", "std dev", "std. dev.", "sd", "standard deviation", "var", "variance", "median",
    "min", "max", "minimum", "maximum", "gesamt", "summe", "mittelwert", "standardabweichung",
    "somme", "moyenne", "totale", "suma", "durchschnitt", "gesamtergebnis", "ergebnis",
    "gesamtsumme", "endsumme", "zwischensumme", "teilergebnis", "total général", "total general",
    "sous-total", "promedio", "somma", "totaal", "gemiddelde",
  ]
  /// At most this many of the last rows are totals, and at least this many rows are above them.
  private static let (mostClosing, leastRows) = (3, 11)
  /// With more different texts, a column does not hold the names of groups.
  private static let textLimit = 10_000

  /// The summarizing rows of a table: they say so, or their numbers are the sums or the means of those above.
  ///
  /// - Complexity: O(cells).
  init(_ table: DataTable, _ analyses: [ColumnAnalysis]) {
    self.table = table
    let groups = Self.subtotals(table, analyses)
    let left = Set(groups)
    let details = left.isEmpty ? table : table.without(groups)
    var closing = Self.count(details, analyses)
    var end = table.rowCount
    // Subtotals at the end of the table follow on its totals.
    var open = closing
    while end > 0, left.contains(end - 1) || open > 0 {
      if left.contains(end - 1) { closing += 1 } else { open -= 1 }
      end -= 1
    }
    closingCount = closing
    subtotals = groups.filter { $0 < end }
  }

  /// The table without these rows, with notes that say so; nil if there are none.
  var remaining: DataTable? {
    let closing = table.rowCount - closingCount..<table.rowCount
    guard closingCount + subtotals.count > 0 else { return nil }
    var rest = table.without(Array(closing) + subtotals)
    if closingCount > 0 {
      rest.notes.append(
        closingCount == 1
          ? "the last row summarizes the others, and is left out"
          : "the last \(closingCount) rows summarize the others, and are left out")
    }
    if let first = subtotals.first {
      let name = table.columns.map { $0.text(at: first) }.first { Self.namesTotal($0) } ?? ""
      rest.notes.append(
        "\(subtotals.count) row\(subtotals.count == 1 ? "" : "s") such as \"\(name.prefix(40))\" "
          + (subtotals.count == 1
            ? "sums up others, and is left out" : "sum up others, and are left out")
      )
    }
    return rest
  }

  // MARK: Totals at the end

  /// How many of the last rows are totals of all others.
  private static func count(_ table: DataTable, _ analyses: [ColumnAnalysis]) -> Int {
    (1...mostClosing).reversed().first { count in
      let end = table.rowCount - count
      return end >= leastRows
        && (end..<table.rowCount).allSatisfy { isTotal(table, analyses, row: $0, of: end) }
    } ?? 0
  }

  /// Whether a row is a total of the rows before another.
  private static func isTotal(
    _ table: DataTable, _ analyses: [ColumnAnalysis], row: Int, of end: Int
  ) -> Bool {
    let texts = table.columns.map { $0.text(at: row) }
    let gaps = texts.count { MissingMark.isMark($0) }
    // A word that other rows have too is a name like any other.
    let word = table.columns.indices.contains {
      words.contains(name(texts[$0])) && isNew(table.columns[$0], row, end)
    }
    if word, gaps > 0 || table.columns.count <= 3 { return true }
    let isMarked = word || 2 * gaps >= table.columns.count
    // Every number of the row has to be the sum or the mean of its column: a single match may be chance.
    var (sums, means) = (0, 0)
    for (column, analysis) in zip(table.columns, analyses) {
      guard case .number(let style) = analysis.kind else { continue }
      let values = column.numbers(style)
      let own = values[row]
      if own.isNaN { continue }
      let above = values[..<end].filter { !$0.isNaN }
      guard above.count > 10, let least = above.min(), let most = above.max(), most > least else {
        return false
      }
      let sum = above.reduce(0, +)
      let rounding = word ? rounding(of: own) : 0
      if abs(own - sum) <= max(rounding, 1e-4 * abs(sum)) {
        // A sum within the range of the summands may also be one of them.
        if own > most || own < least || isMarked { sums += 1 }
      } else if abs(own - sum / Double(above.count)) <= max(rounding, 1e-4 * (most - least)) {
        means += 1
      } else {
        return false
      }
    }
    if isMarked { return sums + means > 0 }
    return (sums > 0 || means > 1)
      && zip(table.columns, analyses).contains { column, analysis in
        [.category, .boolean].contains(analysis.kind) && isNew(column, row, end)
      }
  }

  /// How far a whole number may be from what was rounded to it.
  private static func rounding(of number: Double) -> Double {
    number == number.rounded() && abs(number) > 100 ? 1 : 0
  }

  /// Whether a text of a row is none of those before an end.
  private static func isNew(_ column: DataTable.Column, _ row: Int, _ end: Int) -> Bool {
    DataTable.Column.textIndex(of: column.cells[row]).map { index in
      column.cells[..<end].allSatisfy { DataTable.Column.textIndex(of: $0) != index }
    } ?? false
  }

  private static func name(_ text: String) -> String {
    text.lowercased().trimmingCharacters(in: .whitespaces.union([":"]))
  }

  // MARK: Subtotals

  /// Whether a text is or begins or ends with a word for a total: `North Total`, `Summe Mai`.
  private static func namesTotal(_ text: String) -> Bool {
    guard text.utf8.count <= 80, !MissingMark.isMark(text) else { return false }
    let parts = name(text).split(whereSeparator: \.isWhitespace).map { name(String($0)) }
    return words.contains(name(text))
      || [parts.first, parts.last].contains { $0.map(words.contains) == true }
  }

  /// The rows that say so and hold the sums or the means of the rows above them, down from one of the former such rows.
  private static func subtotals(_ table: DataTable, _ analyses: [ColumnAnalysis]) -> [Int] {
    var named: Set<Int> = []
    for (column, analysis) in zip(table.columns, analyses)
    where analysis.kind == .category && column.texts.count <= textLimit {
      let areNames = column.texts.map(namesTotal)
      guard areNames.contains(true) else { continue }
      for (row, cell) in column.cells.enumerated()
      where DataTable.Column.textIndex(of: cell).map({ areNames[$0] }) == true { named.insert(row) }
    }
    guard !named.isEmpty, table.rowCount - named.count >= leastRows else { return [] }
    let columns = zip(table.columns, analyses).compactMap { column, analysis -> RunningSums? in
      guard case .number(let style) = analysis.kind else { return nil }
      return RunningSums(column.numbers(style), except: named)
    }
    var starts = [0]
    var found: [Int] = []
    var isProven = false
    for row in named.sorted() {
      guard
        let start = starts.reversed().first(where: { start in
          let present = columns.filter { !$0.values[row].isNaN }
          return !present.isEmpty && present.allSatisfy { $0.isTotal(row, from: start) }
        })
      else { continue }
      // The total of a single row equals it, which proves nothing.
      if row - start > 1 { isProven = true }
      found.append(row)
      starts.append(row + 1)
    }
    return isProven ? found : []
  }

  /// A column with its sums from the first row on.
  private struct RunningSums {
    let values: [Double]
    private var sums = [0.0]
    private var counts = [0]

    init(_ values: [Double], except rows: Set<Int>) {
      self.values = values
      for (row, value) in values.enumerated() {
        let counts = !value.isNaN && !rows.contains(row)
        sums.append(sums[row] + (counts ? value : 0))
        self.counts.append(self.counts[row] + (counts ? 1 : 0))
      }
    }

    /// Whether the number of a row is the sum or the mean of those above it from another row on.
    func isTotal(_ row: Int, from start: Int) -> Bool {
      let (sum, count) = (sums[row] - sums[start], counts[row] - counts[start])
      guard count > 0 else { return false }
      return [sum, sum / Double(count)].contains {
        abs(values[row] - $0) <= max(TotalRows.rounding(of: values[row]), 1e-4 * abs($0) + 1e-9)
      }
    }
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
