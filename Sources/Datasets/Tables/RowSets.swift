/// A column that says for each row whether it is for training, development or testing.
enum RowSets {
  /// The sets in the order in which they are read.
  static let names = ["train", "dev", "test"]

  /// Why such a column is not a feature.
  static let reason = "it gives the set of each row"

  private static let words: [String: String] = [
    "train": "train", "training": "train", "val": "dev", "valid": "dev", "validation": "dev",
    "dev": "dev", "development": "dev", "test": "test", "testing": "test", "holdout": "test",
    "eval": "test", "evaluation": "test",
  ]

  /// The set that a cell names: `test`, `Training`, `PublicTest`, `validation set`; nil if it names none.
  static func set(_ text: String) -> String? {
    var parts = NameWords.of(text)
    if parts.count > 1, parts.last == "set" { parts.removeLast() }
    if parts.count > 1, ["public", "private"].contains(parts[0]) { parts.removeFirst() }
    return parts.count == 1 ? words[parts[0]] : nil
  }

  /// Whether the cells of a column are names of sets, one of them that for training.
  static func areSets(_ column: DataTable.Column) -> Bool {
    guard (2...8).contains(column.texts.count), column.cells.allSatisfy(\.isNaN) else {
      return false
    }
    let sets = column.texts.map(set)
    return !sets.contains(nil) && sets.contains("train") && Set(sets).count > 1
  }

  /// The index in ``names`` of the set of each row; nil if no column gives it.
  static func ofRows(_ table: PreparableTable) -> [Int]? {
    guard
      let column = table.plan.columns.first(where: { $0.use == .dropped && $0.reason == reason })
    else { return nil }
    let cells = table.table.columns[column.index]
    let sets = cells.texts.map { text in set(text).flatMap { names.firstIndex(of: $0) } ?? 0 }
    return table.rows.map { row in
      DataTable.Column.textIndex(of: cells.cells[row]).map { sets[$0] } ?? 0
    }
  }

  /// What is made of the sets, in words.
  ///
  /// - Parameter counts: How many examples each has, in the order of ``names``.
  static func note(_ table: PreparableTable, counts: [Int]) -> String {
    guard let column = table.plan.columns.first(where: { $0.reason == reason }) else { return "" }
    let uses = zip(counts, ["training", "development", "testing"]).filter { $0.0 > 0 }
      .map { "\($0) for \($1)" }
    return
      "\(column.name) gives the set of each row: \(uses.joined(separator: ", ")); to train on all rows: \(TablePreparation.droppingWords(column))"
  }
}
