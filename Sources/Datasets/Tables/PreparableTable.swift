import Findings

/// A table whose columns are understood: it becomes features once it is known which rows are for training.
struct PreparableTable: Sendable {
  let table: DataTable
  /// What becomes of the columns, without what only the training rows tell.
  private(set) var plan: TablePreparation
  /// The rows that are examples.
  private(set) var rows: [Int]
  /// What else there is to say.
  private(set) var notes: [String] = []
  private let options: TableOptions

  /// Understands the columns of a table.
  ///
  /// - Throws: ``Problem`` where an option names a column that there is not, or nothing is left to learn from.
  init(_ original: DataTable, _ options: TableOptions) throws(Problem) {
    var table = original.withDistinctNames
    self.options = options
    let names = table.columns.map(\.name)
    func index(_ reference: TableOptions.ColumnReference, _ what: String) throws(Problem) -> Int {
      guard let index = reference.index(in: names) else {
        throw Problem(
          .notFound, subject: table.file, location: what,
          problem: "there is no column \(reference.text) among the \(names.count): "
            + names.prefix(20).joined(separator: ", "),
          remedy: "name one of these, or give its number from 1 to \(names.count)")
      }
      return index
    }
    var categorical: Set<Int> = []
    for reference in options.categorical {
      categorical.insert(try index(reference, "categorical column"))
    }
    var dropped: [Int: String] = [:]
    for reference in options.drop {
      dropped[try index(reference, "dropped column")] = "as asked for"
    }
    var labels: [Int]?
    if case .columns(let references) = options.label {
      var found: [Int] = []
      for reference in references { found.append(try index(reference, "label column")) }
      labels = found
    }
    guard names.count > (options.label == .none ? 0 : 1) else {
      throw Problem(
        .wrongFormat, subject: table.file, location: "row 1",
        problem: "there is one column only, and an example needs a feature and a label",
        remedy: "separate the columns by commas, semicolons, tabs, bars or spaces")
    }
    let headers = original.repeatedHeaders
    if !headers.isEmpty {
      table = table.without(headers)
      table.notes.append(
        "\(headers.count) row\(headers.count == 1 ? " repeats" : "s repeat") the header, and \(headers.count == 1 ? "is" : "are") left out"
      )
    }
    let hasDecimalCommas = table.columns.contains { ColumnAnalysis.needsDecimalCommas($0) }
    let hasDecimalPoints = table.columns.contains { ColumnAnalysis.showsDecimalPoints($0) }
    func analysis(of index: Int) -> ColumnAnalysis {
      ColumnAnalysis(
        table.columns[index],
        .init(
          hasDecimalCommas: hasDecimalCommas || table.expectsDecimalCommas,
          showsDecimalCommas: hasDecimalCommas, showsDecimalPoints: hasDecimalPoints,
          isForcedCategory: categorical.contains(index)))
    }
    var analyses = table.columns.indices.map(analysis)
    let totals = TotalRows.count(table, analyses)
    if totals > 0 {
      table = table.without(table.rowCount - totals..<table.rowCount)
      table.notes.append(
        totals == 1
          ? "the last row adds up the others, and is left out"
          : "the last \(totals) rows add up the others, and are left out")
      analyses = table.columns.indices.map(analysis)
    }
    for index in names.indices where analyses[index].kind == .category {
      guard let (column, replaced) = table.columns[index].withOneSpelling() else { continue }
      table.columns[index] = column
      analyses[index] = analysis(of: index)
      let list = replaced.prefix(4).map { "\"\($0.old)\" counts as \"\($0.new)\"" }
      table.notes.append(
        "\(names[index]): spellings of one name are one: " + list.joined(separator: ", ")
          + (replaced.count > 4 ? ", ..." : ""))
    }
    self.table = table
    for index in names.indices where analyses[index].kind == .empty {
      dropped[index] = dropped[index] ?? "no value in any row"
    }
    // A column that was asked for is not an index.
    for (index, reason) in Self.identifiers(table, analyses)
    where dropped[index] == nil && labels?.contains(index) != true && !categorical.contains(index) {
      if options.keepsIdentifiers, case .number = analyses[index].kind { continue }
      dropped[index] = reason
    }
    var labelReason: String?
    if options.label == .automatic {
      let candidates = names.indices.filter { dropped[$0] == nil }
      if let choice = LabelChoice(table, analyses, among: candidates) {
        labels = [choice.index]
        labelReason = choice.reason
        if choice.isByPosition,
          let group = OneHotLabels.group(endingAt: choice.index, table, analyses, candidates)
        {
          labels = group
          labelReason = "one of \(group.count) columns of which one is 1 in each row"
        }
      }
    }
    for label in labels ?? [] where dropped[label] != nil && options.label != .automatic {
      throw Problem(
        .outOfRange, subject: table.file, location: "column \(label + 1) (\(names[label]))",
        problem: analyses[label].kind == .empty
          ? "it has no value in any of the \(table.rowCount) rows"
          : "it is the label and dropped too",
        remedy: "name another column for the labels: --label-column")
    }
    let columns = names.indices.map { index in
      Self.column(
        table.columns[index], index, analyses[index],
        isLabel: labels?.contains(index) == true, labelReason, dropped[index])
    }
    plan = TablePreparation(columns: columns, hasHeader: table.hasHeader, missing: options.missing)
    rows = Array(0..<table.rowCount)
    notes = table.notes
    for (index, analysis) in analyses.enumerated() where !analysis.strangeTexts.isEmpty {
      let list = analysis.strangeTexts.map { "\"\($0.prefix(20))\"" }.joined(separator: ", ")
      notes.append("\(list) among the numbers of \(names[index]) counts as missing")
    }
    for (index, analysis) in analyses.enumerated() {
      guard case .number(let style) = analysis.kind, let code = style.missingCode else { continue }
      notes.append("\(NumericArray.text(code)) counts as missing in \(names[index])")
    }
    for (index, analysis) in analyses.enumerated() {
      guard case .number = analysis.kind,
        let text = table.columns[index].texts.first(where: {
          $0.first.map(NumberStyle.bounds.contains) == true
        })
      else { continue }
      notes.append(
        "limits such as \"\(text.prefix(20))\" in \(names[index]) are taken for the value")
    }
    if hasDecimalCommas || !Self.example(table, analyses).isEmpty {
      notes.append("numbers are written with decimal commas" + Self.example(table, analyses))
    }
    try requireFinite(analyses)
    guard plan.columns.contains(where: { $0.use != .dropped && $0.use != .label }) else {
      throw Problem(
        .wrongFormat, subject: table.file, location: "columns",
        problem: "no column is left for features: "
          + plan.columns.map { "\($0.name) \($0.outcome)" }.joined(separator: "; "),
        remedy: "give a table with columns of numbers or names next to the labels")
    }
  }

  private static func column(
    _ column: DataTable.Column, _ index: Int, _ analysis: ColumnAnalysis, isLabel: Bool,
    _ labelReason: String?, _ dropReason: String?
  ) -> TablePreparation.Column {
    let (kind, use): (String, TablePreparation.Use) =
      switch analysis.kind {
      case .number(let style):
        (
          "numbers" + (style.unit.isEmpty ? "" : " in \(style.unit)")
            + (style.hasDecimalComma ? " with decimal commas" : ""), .number
        )
      case .boolean: ("yes or no", .boolean)
      case .date: ("dates", .date)
      case .category: ("\(analysis.distinctCount) names", .category)
      case .empty: ("empty", .dropped)
      }
    var result = TablePreparation.Column(
      name: column.name, index: index, use: isLabel ? .label : dropReason == nil ? use : .dropped,
      kind: kind)
    result.reason = isLabel ? labelReason : dropReason
    result.missingCount = analysis.missingCount
    if case .number(let style) = analysis.kind { result.numberStyle = style }
    if case .date(let style) = analysis.kind { result.dateStyle = style }
    if isLabel, analysis.kind == .boolean || analysis.kind == .category { result.names = [] }
    return result
  }

  /// A number with a decimal comma as it is read, rather one that could have been meant as thousands: `: "2,000" is 2`.
  private static func example(_ table: DataTable, _ analyses: [ColumnAnalysis]) -> String {
    var found: String?
    for (column, analysis) in zip(table.columns, analyses) {
      guard case .number(let style) = analysis.kind, style.hasDecimalComma else { continue }
      for text in column.texts where text.contains(",") {
        guard let value = style.value(of: text), value != 0 else { continue }
        let example = ": \"\(text)\" is \(NumericArray.text(value))"
        let parts = text.split(separator: ",")
        if parts.count == 2, parts[1].count == 3 { return example }
        found = found ?? example
      }
    }
    return found ?? ""
  }

  /// An infinite value among numbers is neither a number nor missing.
  private func requireFinite(_ analyses: [ColumnAnalysis]) throws(Problem) {
    for column in plan.columns where column.use != .dropped {
      let cells = table.columns[column.index]
      guard analyses[column.index].kind == .category else { continue }
      let infinite = Set(cells.texts.indices.filter { ColumnAnalysis.isInfinite(cells.texts[$0]) })
      guard !infinite.isEmpty, cells.cells.contains(where: { !$0.isNaN }),
        let row = cells.cells.firstIndex(where: {
          DataTable.Column.textIndex(of: $0).map(infinite.contains) == true
        })
      else { continue }
      throw Problem(
        .outOfRange, subject: table.file, location: table.location(row: row, column: column.index),
        problem: "\"\(cells.text(at: row).prefix(40))\" is not finite",
        remedy: "remove the row or replace the value by a finite one")
    }
  }

  // MARK: Identifiers

  private static let identifierNames: Set<String> = [
    "id", "index", "idx", "no", "no.", "nr", "nr.", "row", "rownumber", "row_number", "rowid",
    "uuid",
    "guid", "key", "#", "s.no", "sl no", "sno", "serial", "unnamed: 0", "unnamed: 0.1", "",
    "record", "sample", "samplenumber", "sample_id", "num", "lfd. nr.", "lfdnr", "rownames",
    "observation", "obs", "case", "instance",
  ]
  /// Columns that count or name the rows, with the reason to drop them.
  private static func identifiers(
    _ table: DataTable, _ analyses: [ColumnAnalysis]
  ) -> [(index: Int, reason: String)] {
    let others = analyses.count { $0.kind != .empty }
    guard others > 2 || others == 2 && table.columns[0].name.isEmpty else { return [] }
    return table.columns.indices.compactMap { index in
      let (column, analysis) = (table.columns[index], analyses[index])
      let name = column.name.lowercased()
      if index == 0, !table.hasHeader, looksLikeNumbersOfCases(table, analyses) {
        return (index, "it seems to number the rows")
      }
      let isDistinct = areDistinct(column)
      guard isDistinct, table.rowCount > 1 else { return nil }
      let isNamed =
        table.hasHeader
        && (identifierNames.contains(name) || name.hasSuffix("_id") || name.hasSuffix(" id")
          || column.name.hasSuffix("Id") || column.name.hasSuffix("ID")
          || name.hasPrefix("unnamed:"))
      if case .number = analysis.kind {
        let counts = index == 0 && countsRows(column)
        if counts, name.isEmpty || name.hasPrefix("unnamed:") {
          return (index, "it counts the rows")
        }
        if isNamed, analysis.isWhole { return (index, "it numbers the rows") }
        // A name that says nothing of it may be that of a feature.
        if counts, !table.hasHeader, table.rowCount >= 20, others > 3 {
          return (index, "it counts the rows")
        }
        return nil
      }
      guard analysis.kind == .category, table.rowCount >= 10 || isNamed else { return nil }
      return (index, "every row has another text")
    }
  }

  /// Whether the first column holds numbers of patients and the like: whole, nearly all different, far apart, and of
  /// another sort than the other columns.
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
    var seen: Set<UInt64> = []
    seen.reserveCapacity(column.cells.count)
    return column.cells.allSatisfy { seen.insert($0.bitPattern).inserted }
  }

  private static func countsRows(_ column: DataTable.Column) -> Bool {
    guard let first = column.cells.first, first == 0 || first == 1 else { return false }
    return column.cells.enumerated().allSatisfy { $1 == first + Double($0) }
  }

  // MARK: Rows

  /// Leaves out all rows but these.
  mutating func keep(_ kept: [Int]) { rows = kept }

  /// Adds something to say.
  mutating func note(_ text: String) { notes.append(text) }

  // MARK: Fitting

  /// The preparation that these training rows tell: names, what fills gaps, parts of dates.
  func fitted(to training: [Int]) -> TablePreparation {
    var preparation = plan
    for position in preparation.columns.indices {
      var column = preparation.columns[position]
      let cells = table.columns[column.index]
      switch column.use {
      case .number: fitNumber(&column, cells, training)
      case .boolean:
        let values = column.values(of: cells, rows: training)[0].filter { !$0.isNaN }
        column.fill = values.count { $0 == 1 } * 2 > values.count ? 1 : 0
      case .category: fitCategory(&column, cells, training)
      case .date:
        column.parts = DateStyle.Part.allCases
        let values = column.values(of: cells, rows: training)
        let varying = zip(DateStyle.Part.allCases, values).filter { _, values in
          let present = values.filter { !$0.isNaN }
          return present.min() != present.max()
        }.map(\.0)
        column.parts = varying
        if varying.isEmpty { drop(&column, "one date in all rows") }
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

  private func fitNumber(
    _ column: inout TablePreparation.Column, _ cells: DataTable.Column, _ training: [Int]
  ) {
    let values = column.values(of: cells, rows: training)[0].filter { !$0.isNaN }
    guard column.missingCount > 0, !values.isEmpty else {
      column.fill = values.isEmpty ? 0 : Self.median(values)
      return
    }
    column.fill =
      options.missing == .mean
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
    // A cross or nothing is yes or no.
    let isMarked = names.count == 1 && column.missingCount > 0
    guard names.count > 1 || isMarked else { return drop(&column, "one name in all rows") }
    guard names.count <= options.oneHotLimit else {
      return drop(
        &column,
        // Texts that hardly ever occur twice tell nothing as features.
        2 * names.count > training.count
          ? "\(names.count) different texts in \(training.count) rows"
          : "\(names.count) different names (--one-hot-limit \(names.count) takes them)")
    }
    column.names = names
    let most = names.indices.max { (counts[names[$0]] ?? 0, $1) < (counts[names[$1]] ?? 0, $0) }
    // Of more than two names none is a name too: all features are 0.
    column.fill = names.count == 2 ? most.map(Double.init) : nil
  }

  /// Numbers by size, texts by their scalars, so that the order is the same everywhere.
  static func isBefore(_ a: String, _ b: String) -> Bool {
    if let first = Double(a), let second = Double(b), first != second { return first < second }
    return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
  }

  // MARK: Labels

  /// The content of the label columns: names, or numbers for each.
  enum Labels {
    case names([String?])
    case numbers([[Double]])
  }

  /// The labels of the rows that are examples; nil where there is no label column.
  ///
  /// - Throws: ``Problem`` where several columns are to be values and one holds names.
  func labels() throws(Problem) -> Labels? {
    let columns = plan.labels
    guard let first = columns.first else { return nil }
    if columns.count == 1, first.names != nil || first.dateStyle != nil {
      let cells = table.columns[first.index]
      return .names(
        rows.map { row in
          let text = cells.text(at: row)
          return MissingMark.isMark(text) ? nil : text
        })
    }
    var numbers: [[Double]] = []
    for column in columns {
      guard column.names == nil, column.dateStyle == nil else {
        throw Problem(
          .mislabelled, subject: table.file, location: "column \(column.name)",
          problem: "it holds names, and several label columns have to hold numbers",
          remedy: "give one label column, or columns of numbers")
      }
      var asNumber = column
      asNumber.use = .number
      numbers.append(asNumber.values(of: table.columns[column.index], rows: rows)[0])
    }
    return .numbers(numbers)
  }
}
