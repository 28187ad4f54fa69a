import Console
import Findings

/// Columns that by themselves determine the class of every example: another form of the label, or something that is known only
/// after it.
enum LabelLeaks {
  /// At most this many different values of a column are considered.
  private static let valueLimit = 20
  /// At least this many rows, and this many for each value, make chance unlikely.
  private static let rowLimit = 20, rowsForEachValue = 5

  /// A sentence for each column that determines the classes of these rows.
  ///
  /// - Complexity: O(rows x columns), and mostly a few rows for each column.
  static func notes(_ table: PreparableTable, classes: [Int]) -> [String] {
    let rows = table.rows
    guard rows.count >= rowLimit, rows.count == classes.count, Set(classes).count > 1 else {
      return []
    }
    return table.plan.columns.compactMap { column in
      guard column.use != .label, column.use != .dropped else { return nil }
      let cells = table.table.columns[column.index]
      guard let what = what(column, cells, rows, classes) else { return nil }
      let reference = FilePaths.quoted(TablePreparation.reference(column.name, column.index))
      return
        "\(column.name) alone determines the class: \(what); if it is not known beforehand: \(Setting.drop) \(reference)"
    }
  }

  /// What it is about the column that determines the classes; nil if it does not.
  private static func what(
    _ column: TablePreparation.Column, _ cells: DataTable.Column, _ rows: [Int], _ classes: [Int]
  ) -> String? {
    if tells(rows, classes, { cells.cells[$0].bitPattern }) {
      return "each of its values occurs with only one"
    }
    let areMissing = cells.texts.map { MissingMark.isMark($0) }
    if column.missingCount > 0,
      tells(
        rows, classes,
        { row in
          DataTable.Column.textIndex(of: cells.cells[row]).map { areMissing[$0] ? 1 : 0 } ?? 0
        })
    {
      return "by whether it has a value"
    }
    if column.use == .number, tells(rows, classes, { cells.cells[$0] == 0 ? 1 : 0 }) {
      return "by whether it is 0"
    }
    return nil
  }

  /// Whether each of a few keys of the rows occurs with only one class.
  private static func tells(
    _ rows: [Int], _ classes: [Int], _ key: (Int) -> UInt64
  ) -> Bool {
    var found: [UInt64: (label: Int, count: Int)] = [:]
    for (row, label) in zip(rows, classes) {
      let own = key(row)
      guard let known = found[own] else {
        guard found.count < valueLimit else { return false }
        found[own] = (label, 1)
        continue
      }
      guard known.label == label else { return false }
      found[own] = (label, known.count + 1)
    }
    return found.values.allSatisfy { $0.count >= rowsForEachValue }
      && Set(found.values.map(\.label)).count > 1
  }
}
