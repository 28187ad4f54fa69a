/// Columns that count, number or name the rows and say nothing about an example.
enum Identifiers {
  private static let names: Set<String> = [
    "id", "index", "idx", "no", "no.", "nr", "nr.", "row", "rownumber", "row_number", "rowid",
    "uuid", "guid", "key", "#", "s.no", "sl no", "sno", "serial", "unnamed: 0", "unnamed: 0.1", "",
    "record", "sample", "samplenumber", "sample_id", "num", "lfd. nr.", "lfdnr", "rownames",
    "observation", "obs", "case", "instance", "identifiant", "identificador", "identificativo",
    "kennung", "matricule", "matrikel", "matrícula", "matricola", "numéro", "numero", "número",
    "n°", "nº", "№",
  ]
  /// Last words of longer names.
  private static let endings: Set<String> = [
    "id", "ids", "nr", "no", "number", "nummer", "uuid", "guid", "key", "index", "phone",
    "telephone",
    "tel", "ssn", "account", "iban", "serial",
  ]

  /// The columns to leave out, with the reason.
  static func dropped(
    _ table: DataTable, _ analyses: [ColumnAnalysis]
  ) -> [(index: Int, reason: String)] {
    let others = analyses.count { $0.kind != .empty }
    guard others > 2 || others == 2 && table.columns[0].name.isEmpty else { return [] }
    return table.columns.indices.compactMap { index in
      let (column, analysis) = (table.columns[index], analyses[index])
      if index == 0, !table.hasHeader, looksLikeNumbersOfCases(table, analyses) {
        return (index, "it seems to number the rows")
      }
      let isNamed = table.hasHeader && isName(column.name)
      if table.hasHeader, RowSets.areSets(column) { return (index, RowSets.reason) }
      guard table.rowCount > 1, areDistinct(column) else { return nil }
      if case .number = analysis.kind {
        let counts =
          index == 0 && stepsBy(column) == 1 && (column.cells[0] == 0 || column.cells[0] == 1)
        let name = column.name.lowercased()
        if counts, name.isEmpty || name.hasPrefix("unnamed:") {
          return (index, "it counts the rows")
        }
        if isNamed, analysis.isWhole {
          return (
            index,
            stepsBy(column) != nil
              ? "it numbers the rows" : "an identifier: a different number in every row"
          )
        }
        // A column whose name does not suggest an identifier may be a feature.
        if counts, !table.hasHeader, table.rowCount >= 20, others > 3 {
          return (index, "it counts the rows")
        }
        return nil
      }
      guard analysis.kind == .category, table.rowCount >= 10 || isNamed else { return nil }
      return (index, "every row has a different text")
    }
  }

  /// What a column that is used as a feature may be instead, as the end of a sentence; nil if nothing suggests it.
  ///
  /// - Complexity: O(cells).
  static func suspicion(
    _ column: DataTable.Column, _ analysis: ColumnAnalysis, hasHeader: Bool
  ) -> String? {
    guard case .number(let style) = analysis.kind, analysis.isWhole, analysis.presentCount >= 20,
      analysis.missingCount == 0, style.unit.isEmpty
    else { return nil }
    let least = analysis.minimum
    let isMoment = (9e8...2.2e9).contains(least) || (9e11...2.2e12).contains(least)
    if isMoment, analysis.maximum < 2.2 * least, analysis.distinctCount > 10 {
      return "may count \(least < 9e11 ? "seconds" : "milliseconds") since 1970"
    }
    guard areDistinct(column) else {
      return hasHeader && isName(column.name) && analysis.distinctCount > 20
        ? "has the name of an identifier" : nil
    }
    if let step = stepsBy(column) {
      return "grows by \(NumericArray.text(step)) from row to row, like a row count"
    }
    let (first, last) = (NumericArray.text(least), NumericArray.text(analysis.maximum))
    guard first.count == last.count, first.count >= 7, !first.hasPrefix("-") else { return nil }
    return "has a different \(first.count)-digit number in each row, like an identifier"
  }

  /// Whether a name is typical of such columns.
  private static func isName(_ name: String) -> Bool {
    let lowercase = name.lowercased()
    if names.contains(lowercase) || lowercase.hasPrefix("unnamed:") { return true }
    let words = NameWords.of(name)
    guard let last = words.last else { return false }
    return words.count > 1 && endings.contains(last)
      || ["nummer", "nr"].contains { last.hasSuffix($0) && last.count > $0.count + 2 }
  }

  /// Whether the first column holds numbers of patients and the like: whole, nearly all different, far apart, and of a different
  /// sort than the other columns.
  private static func looksLikeNumbersOfCases(
    _ table: DataTable, _ analyses: [ColumnAnalysis]
  ) -> Bool {
    let (first, others) = (analyses[0], analyses.dropFirst())
    guard first.kind == .number(NumberStyle()), first.isWhole, table.rowCount >= 20,
      first.distinctCount * 5 >= min(table.rowCount, ColumnAnalysis.distinctLimit) * 4,
      first.maximum - first.minimum > 100 * Double(table.rowCount)
    else { return false }
    let largest = others.map { max(abs($0.minimum), abs($0.maximum)) }.filter(\.isFinite).max() ?? 0
    return others.count { !$0.isWhole } * 2 > analyses.count || first.maximum > 1000 * largest
  }

  private static func areDistinct(_ column: DataTable.Column) -> Bool {
    // With many rows, texts must repeat, and in most columns they repeat early.
    var seen: Set<UInt64> = []
    return column.cells.allSatisfy { seen.insert($0.bitPattern).inserted }
  }

  /// The difference from each row to the next, if it is the same everywhere and not 0.
  private static func stepsBy(_ column: DataTable.Column) -> Double? {
    guard column.cells.count > 1 else { return nil }
    let step = column.cells[1] - column.cells[0]
    guard step.isFinite, step != 0 else { return nil }
    return zip(column.cells.dropFirst(), column.cells).allSatisfy { $0 - $1 == step } ? step : nil
  }
}
