import Console
import Findings

extension LabelledReader {
  /// The sets of a table.
  func table(_ table: DataTable, _ format: String) throws(Problem) -> LabelledSets {
    var prepared = try PreparableTable(table, options.table)
    guard let labels = try prepared.labels() else {
      throw Problem(
        .incompletePair, subject: path, location: "label column",
        problem: "no column is given for it",
        remedy: "give the name or the number of the column that holds the labels")
    }
    let rows = prepared.rows
    let present: [Int] =
      switch labels {
      case .names(let names): rows.indices.filter { names[$0] != nil }
      case .numbers(let columns):
        rows.indices.filter { row in columns.allSatisfy { !$0[row].isNaN } }
      }
    var kept = present
    if options.table.missing == .drop {
      let complete = try prepared.fitted(to: rows).features(of: prepared.table, rows: rows)
        .isComplete
      kept = present.filter { complete[$0] }
    }
    guard !kept.isEmpty else {
      throw Problem(
        .inconsistent, subject: path, location: "rows",
        problem: "all \(rows.count) rows lack a value or the label",
        remedy: "fill in the values: \(Setting.missing) median")
    }
    if present.count < rows.count {
      prepared.note(
        "\(rows.count - present.count) row\(rows.count - present.count == 1 ? " without a label is" : "s without a label are") left out"
      )
    }
    if kept.count < present.count {
      prepared.note(
        "\(present.count - kept.count) row\(present.count - kept.count == 1 ? " with a missing value is" : "s with missing values are") left out"
      )
    }
    let sets = RowSets.ofRows(prepared).flatMap { sets in
      kept.contains { sets[$0] == 0 } ? sets : nil
    }
    // The training rows first, then the others, so that each set is a range of examples.
    if let sets { kept = RowSets.names.indices.flatMap { set in kept.filter { sets[$0] == set } } }
    prepared.keep(kept.map { rows[$0] })
    let name = prepared.plan.labels.map(\.name).joined(separator: ", ")
    var notes = [dialect(of: table), "labels are in \(name)"].compactMap { $0 }
    let targets: LabelledSet.Targets
    switch labels {
    case .names(let all):
      let names = kept.compactMap { all[$0] }
      guard options.targetKind != .values else {
        throw Problem(
          .mislabelled, subject: path, location: "column \(name)",
          problem: "it holds names such as \"\(names[0])\", but real values were requested",
          remedy: "give the column with the values, or treat the names as classes")
      }
      try requireRepetition(of: names, prepared)
      targets = try LabelledReading.classes(ofNames: names, file: path, name: name)
    case .numbers(let columns):
      let values = kept.flatMap { row in columns.map { $0[row] } }
      let array = NumericArray(
        columns.count == 1 ? [kept.count] : [kept.count, columns.count], values)
      if columns.count > 1, options.targetKind != .values,
        let classes = LabelledReading.oneHot(array.doubles(), columns.count)
      {
        let names = prepared.plan.labels.map(\.name)
        targets = .classes(classes, count: names.count, names: table.hasHeader ? names : nil)
        notes.append("exactly one of these columns is 1 in each row: they are one-hot classes")
        break
      }
      var reading = LabelledReading(
        file: path,
        features: .init(
          name: "features",
          array: NumericArray([kept.count, 1], [Double](repeating: 0, count: kept.count))),
        kind: columns.count > 1 && options.targetKind == .automatic ? .values : options.targetKind,
        areText: true)
      targets = try reading.targets(.init(name: name, array: array))
      notes += reading.notes
    }
    if case .classes(let labels, _, _) = targets {
      notes += LabelLeaks.notes(prepared, classes: labels)
    }
    if case .classes(let labels, _, _) = targets, labels.allSatisfy({ $0 == labels[0] }) {
      notes.append(
        "all labels are equal; if another column holds the labels: \(Setting.labelColumn) NAME")
    }
    var parts = [(name: "train", examples: Array(0..<kept.count))]
    if let sets {
      parts = RowSets.names.indices.compactMap { set in
        let examples = kept.indices.filter { sets[kept[$0]] == set }
        return examples.isEmpty ? nil : (RowSets.names[set], examples)
      }
      prepared.note(
        RowSets.note(
          prepared, counts: RowSets.names.indices.map { set in kept.count { sets[$0] == set } }))
    }
    var source = TableSource(
      table: prepared, targets: targets, format: format, notes: notes + prepared.notes)
    source.testExamples = parts.first { $0.name == "test" }?.examples ?? []
    return try source.sets(parts, areOwn: true)
  }

  /// Checks that classes repeat: of one example each, nothing can be learned.
  private func requireRepetition(
    of names: [String], _ prepared: PreparableTable
  ) throws(Problem) {
    guard names.count >= 10, Set(names).count * 10 >= names.count * 9 else { return }
    let label = prepared.plan.labels.first?.name ?? ""
    let others = prepared.plan.columns.filter {
      $0.use == .number || $0.use == .boolean || $0.use == .category
    }
    let options = others.suffix(3).reversed().map {
      "\(Setting.labelColumn) \(FilePaths.quoted(TablePreparation.reference($0.name, $0.index)))"
    }
    throw Problem(
      .mislabelled, subject: path, location: label.hasPrefix("column ") ? label : "column \(label)",
      problem:
        "it would be the label, but nearly every row has a text of its own, \(Set(names).count) in \(names.count) rows, such as \"\(names[0].prefix(40))\": "
        + "a class of a single example cannot be learned",
      remedy: (options.isEmpty
        ? "" : "give the column of the labels: \(options.joined(separator: ", or ")); or ")
        + "write a column whose texts repeat, or numbers, and give it: \(Setting.labelColumn) NAME")
  }

  private func dialect(of table: DataTable) -> String? {
    guard let separator = table.separator else { return nil }
    let names: [UInt8: String] = [
      9: "tabs", 32: "spaces", 44: "commas", 59: "semicolons", 124: "bars",
    ]
    return "columns are separated by \(names[separator] ?? "byte \(separator)"), "
      + (table.hasHeader ? "with a header" : "without a header")
  }
}
