import Findings

extension PreparableTable {
  /// The preparation that follows from these training rows: names, fill values for gaps, parts of dates.
  func fitted(to training: [Int]) -> TablePreparation {
    let prepared = fitted(to: training, droppingConstants: !options.keepsIdentifiers)
    // If nothing but constants is left, that is for whoever judges the data to say.
    return prepared.featureNames.isEmpty
      ? fitted(to: training, droppingConstants: false) : prepared
  }

  private func fitted(to training: [Int], droppingConstants: Bool) -> TablePreparation {
    var preparation = plan
    for position in preparation.columns.indices {
      var column = preparation.columns[position]
      let cells = table.columns[column.index]
      switch column.use {
      case .number:
        if droppingConstants, isConstant(column, cells) {
          drop(&column, "the same number in all rows")
        } else {
          fitNumber(&column, cells, training)
        }
      case .boolean:
        let values = column.values(of: cells, rows: training)[0].filter { !$0.isNaN }
        column.fill = values.count { $0 == 1 } * 2 > values.count ? 1 : 0
      case .category: fitCategory(&column, cells, training)
      case .date:
        column.parts = DateStyle.Part.allCases
        let values = column.values(of: cells, rows: training).map { $0.filter { !$0.isNaN } }
        let varying = zip(DateStyle.Part.allCases, values).filter { $1.min() != $1.max() }
        column.parts = varying.map(\.0)
        column.partFills = varying.map { fill($1, hasGaps: column.missingCount > 0) }
        if varying.isEmpty { drop(&column, "the same date in all rows") }
      case .label, .dropped: break
      }
      if options.missing == .indicator, column.missingCount > 0,
        column.use != .label, column.use != .dropped
      {
        column.hasIndicator = true
      }
      preparation.columns[position] = column
    }
    return preparation
  }

  private func drop(_ column: inout TablePreparation.Column, _ reason: String) {
    column.use = .dropped
    column.reason = reason
  }

  /// Whether all rows, not only those for training, have the same number; gaps would make it a mark.
  private func isConstant(
    _ column: TablePreparation.Column, _ cells: DataTable.Column
  ) -> Bool {
    guard column.missingCount == 0, table.rowCount > 1, let first = cells.cells.first,
      !first.isNaN
    else { return false }
    return cells.cells.allSatisfy { $0 == first }
  }

  private func fitNumber(
    _ column: inout TablePreparation.Column, _ cells: DataTable.Column, _ training: [Int]
  ) {
    let values = column.values(of: cells, rows: training)[0].filter { !$0.isNaN }
    column.fill = values.isEmpty ? 0 : fill(values, hasGaps: column.missingCount > 0)
    if let least = values.min(), let greatest = values.max(), (greatest - least).isFinite {
      column.range = [least, greatest]
    }
  }

  /// What a missing number becomes: the median of the others, or their mean if that was asked for and the training data have gaps.
  private func fill(_ values: [Double], hasGaps: Bool) -> Double {
    hasGaps && options.missing == .mean
      ? values.reduce(0) { $0 + $1 / Double(values.count) } : Self.median(values)
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
      ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }

  private func fitCategory(
    _ column: inout TablePreparation.Column, _ cells: DataTable.Column, _ training: [Int]
  ) {
    var counts: [String: Int] = [:]
    var textCounts = [Int](repeating: 0, count: cells.texts.count)
    var numberCounts: [Double: Int] = [:]
    for row in training {
      let cell = cells.cells[row]
      if let index = DataTable.Column.textIndex(of: cell) {
        textCounts[index] += 1
      } else {
        numberCounts[cell, default: 0] += 1
      }
    }
    for (text, count) in zip(cells.texts, textCounts) where count > 0 && !MissingMark.isMark(text) {
      counts[text, default: 0] += count
    }
    for (number, count) in numberCounts { counts[NumericArray.text(number), default: 0] += count }
    let names = counts.keys.sorted(by: Self.isBefore)
    // A cross or an empty cell means yes or no.
    let isMarked = names.count == 1 && column.missingCount > 0
    guard names.count > 1 || isMarked else { return drop(&column, "the same name in all rows") }
    let present = counts.values.reduce(0, +)
    // Texts that hardly ever occur twice are useless as features.
    let areRare = 2 * names.count > present
    let isForced = options.categorical.contains {
      $0.index(in: table.columns.map(\.name)) == column.index
    }
    if areRare,
      names.count > options.oneHotLimit
        || areIdentifiers(names.count, among: present) && !isForced
    {
      return drop(
        &column,
        "\(names.count) different texts in "
          + (present == training.count
            ? "\(present) rows" : "the \(present) rows that have one"))
    }
    guard names.count <= options.oneHotLimit else {
      column.namesAboveLimit = names.count
      return drop(
        &column,
        "\(names.count) different names (\(Setting.oneHotLimit) \(names.count) would encode them)")
    }
    if areRare, !isForced, names.count > TableOptions().oneHotLimit {
      column.reason = "few of which occur twice in the \(present) rows"
    }
    column.names = names
    let most = names.indices.max { (counts[names[$0]] ?? 0, $1) < (counts[names[$1]] ?? 0, $0) }
    // With more than two names, a missing value is encoded as well: all features are 0.
    column.fill = names.count == 2 && column.missingCount == 0 ? most.map(Double.init) : nil
  }

  /// Whether so many different texts among the rows that have one name the rows: nearly every one has its own.
  private func areIdentifiers(_ count: Int, among present: Int) -> Bool {
    count >= 8 && 10 * count >= 9 * present
  }

  /// Numbers by size, texts by their scalars, so that the order is the same everywhere.
  static func isBefore(_ a: String, _ b: String) -> Bool {
    if let first = Double(a), let second = Double(b), first != second { return first < second }
    return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
  }
}
