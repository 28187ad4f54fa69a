/// Labels in a column of 0 and 1 for each class, as get_dummies and OneHotEncoder write them.
enum OneHotLabels {
  /// The columns, three or more next to each other, of which exactly one is 1 in each row; nil if a column is not one of such a
  /// group.
  ///
  /// - Complexity: O(cells of the columns).
  static func group(
    around index: Int, _ table: DataTable, _ analyses: [ColumnAnalysis], _ candidates: [Int]
  ) -> [Int]? {
    guard let position = candidates.firstIndex(of: index), isIndicator(analyses[index]) else {
      return nil
    }
    let ends = candidates[position...].prefix { isIndicator(analyses[$0]) }
    for end in ends {
      if let group = group(endingAt: end, table, analyses, candidates), group.contains(index) {
        return group
      }
    }
    return nil
  }

  private static func group(
    endingAt last: Int, _ table: DataTable, _ analyses: [ColumnAnalysis], _ candidates: [Int]
  ) -> [Int]? {
    guard let end = candidates.firstIndex(of: last) else { return nil }
    var sums = [Double](repeating: 0, count: table.rowCount)
    var group: [Int] = []
    for index in candidates[...end].reversed() {
      guard isIndicator(analyses[index]) else { return nil }
      group.insert(index, at: 0)
      for (row, value) in values(table.columns[index], analyses[index]).enumerated() {
        sums[row] += value
      }
      if sums.contains(where: { $0 > 1 }) { return nil }
      if sums.allSatisfy({ $0 == 1 }) {
        return group.count > 2 && group.count < candidates.count ? group : nil
      }
    }
    return nil
  }

  /// Whether every cell is 0 or 1, or no or yes.
  private static func isIndicator(_ analysis: ColumnAnalysis) -> Bool {
    guard analysis.missingCount == 0 else { return false }
    if analysis.kind == .boolean { return true }
    guard case .number = analysis.kind else { return false }
    return analysis.minimum == 0 && analysis.maximum == 1 && analysis.distinctCount == 2
  }

  private static func values(
    _ column: DataTable.Column, _ analysis: ColumnAnalysis
  ) -> [Double] {
    if case .number(let style) = analysis.kind { return column.numbers(style) }
    let answers = column.texts.map { CellText.answer($0) == true ? 1.0 : 0 }
    return column.cells.map { cell in
      DataTable.Column.textIndex(of: cell).map { answers[$0] } ?? cell
    }
  }
}
