extension LabelledSets {
  /// The name of the label column if it suggests a quantity, such as price or quality; nil for any other.
  public var labelNamesAnAmount: String? {
    guard let labels = preparation?.labels, labels.count == 1,
      LabelChoice.namesAnAmount(labels[0].name)
    else { return nil }
    return labels[0].name
  }

  /// How the columns of a table became features, in words; nil for other data.
  public var columnsInWords: String? {
    guard let preparation else { return nil }
    var plain: [String] = []
    var others: [String] = []
    for column in preparation.columns {
      let features = column.featureNames
      switch column.use {
      case .label: others.append("\(column.name) is the label")
      case .dropped: others.append("\(column.name) is \(column.outcome(preparation.missing))")
      case .number where !column.hasIndicator, .boolean where !column.hasIndicator:
        plain.append(column.name)
      case .number, .boolean, .category, .date:
        others.append(
          "\(column.name)\(sample(of: column)) became \(features.count): "
            + features.prefix(6).joined(separator: "; ") + (features.count > 6 ? "; ..." : ""))
      }
    }
    let listed = plain.prefix(8).joined(separator: ", ") + (plain.count > 8 ? ", ..." : "")
    return
      ((plain.isEmpty ? [] : ["\(listed) as \(plain.count == 1 ? "it is" : "they are")"]) + others)
      .joined(separator: "\n  ")
  }

  /// The first value of a column of dates, as in ` ("2021-03-01" in row 2)`; empty for others.
  private func sample(of column: TablePreparation.Column) -> String {
    guard column.use == .date, let table = source?.table.table,
      table.columns.indices.contains(column.index), table.rowCount > 0
    else { return "" }
    let row = table.location(row: 0, column: column.index).prefix { $0 != "," }
    return " (\"\(table.columns[column.index].text(at: 0).prefix(30))\" in \(row))"
  }
}
