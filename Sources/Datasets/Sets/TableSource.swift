import Findings

/// A table with its targets, from which sets are made: the statistics of the training rows are computed anew for each split.
struct TableSource: Sendable {
  let table: PreparableTable
  /// The targets of the rows that are examples.
  let targets: LabelledSet.Targets
  let format: String
  let notes: [String]
  /// The examples that the table itself sets apart for testing.
  var testExamples: [Int] = []

  /// Sets of these examples, numbered from 0; the first set decides how all are prepared.
  ///
  /// - Parameter areOwn: Whether they are the sets that the table itself states.
  /// - Throws: ``/Findings/Problem`` if no feature is left.
  func sets(
    _ parts: [(name: String, examples: [Int])], areOwn: Bool = false
  ) throws(Problem) -> LabelledSets {
    let first = parts[0].examples.map { table.rows[$0] }
    let preparation = table.fitted(to: first)
    let names = preparation.featureNames
    guard !names.isEmpty else {
      throw Problem(
        .wrongFormat, subject: table.table.file, location: "columns",
        problem: "no column is left for features: "
          + preparation.outcomes(preparation.missing),
        remedy: table.remedyForTexts(preparation)
      )
    }
    var sets: [LabelledSet] = []
    var notes = notes
    for part in parts {
      let rows = part.examples.map { table.rows[$0] }
      let features = try preparation.features(of: table.table, rows: rows).values
      var reading = LabelledReading(
        file: table.table.file, features: .init(name: "features", array: features), kind: .automatic
      )
      reading.areColumns = true
      let divisor = try reading.divisor()
      if part.name == "train" { notes += reading.notes }
      let own: LabelledSet.Targets =
        switch targets {
        case .classes(let labels, let count, let names):
          .classes(part.examples.map { labels[$0] }, count: count, names: names)
        case .values(let values): .values(values.selectingRows(part.examples))
        }
      sets.append(
        LabelledSet(
          name: part.name, features: features, divisor: divisor, targets: own,
          provenance: table.table.file
            + (rows.count == table.rows.count || areOwn
              ? "" : "; \(rows.count) of \(table.rows.count) examples selected"),
          featureNames: names))
    }
    func set(_ name: String) -> LabelledSet? { sets.first { $0.name == name } }
    return LabelledSets(
      train: sets[0], dev: set("dev"), test: set("test"), format: format, notes: notes,
      preparation: preparation, source: self)
  }
}
