/// Labels in a column of 0 and 1 for each class, as get_dummies and OneHotEncoder write them.
enum OneHotLabels {
  /// The columns, three or more next to each other, of which exactly one is 1 in each row; nil if the last of them is not the end
  /// of such a group.
  ///
  /// - Complexity: O(cells of the columns).
  static func group(
    endingAt last: Int, _ table: DataTable, _ analyses: [ColumnAnalysis], _ candidates: [Int]
  ) -> [Int]? {
    guard let end = candidates.firstIndex(of: last) else { return nil }
    var sums = [Double](repeating: 0, count: table.rowCount)
    var group: [Int] = []
    for index in candidates[...end].reversed() {
      let analysis = analyses[index]
      guard analysis.minimum == 0, analysis.maximum == 1,
        analysis.distinctCount == 2, analysis.missingCount == 0,
        case .number(let style) = analysis.kind
      else { return nil }
      group.insert(index, at: 0)
      for (row, value) in table.columns[index].numbers(style).enumerated() { sums[row] += value }
      if sums.contains(where: { $0 > 1 }) { return nil }
      if sums.allSatisfy({ $0 == 1 }) {
        return group.count > 2 && group.count < candidates.count ? group : nil
      }
    }
    return nil
  }
}
