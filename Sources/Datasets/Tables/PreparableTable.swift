import Console
import Findings
import Foundation

/// A table whose columns are understood: it becomes features once it is known which rows are for training.
struct PreparableTable: Sendable {
  let table: DataTable
  /// How the columns are used, without what depends on the training rows.
  private(set) var plan: TablePreparation
  /// The rows that are examples.
  private(set) var rows: [Int]
  /// Further notes.
  private(set) var notes: [String] = []
  let options: TableOptions

  /// Understands the columns of a table.
  ///
  /// - Throws: ``/Findings/Problem`` if an option names a column that does not exist, or nothing is left to learn from.
  init(_ original: DataTable, _ options: TableOptions) throws(Problem) {
    var table = original.withoutDescribingRows.withMinuses.withDistinctNames
    self.options = options
    let names = table.columns.map(\.name)
    guard names.count > (options.label == .none ? 0 : 1) else { throw Self.oneColumn(table) }
    func index(_ reference: TableOptions.ColumnReference, _ what: String) throws(Problem) -> Int {
      guard let index = reference.index(in: names) else {
        throw Problem(
          .notFound, subject: table.file, location: what,
          problem: "there is no column \(reference.text); the \(names.count) columns are "
            + names.prefix(20).joined(separator: ", "),
          remedy: "give one of these, or its number from 1 to \(names.count)")
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
    var missingNumbers: [Int: [Double]] = [:]
    for value in options.missingValues {
      var columns = Array(names.indices)
      if let reference = value.column { columns = [try index(reference, "missing value")] }
      var count = 0
      for column in columns {
        let own = table.markMissing(value.text, in: column)
        count += own
        if own > 0, let number = Double(value.text) {
          missingNumbers[column, default: []].append(number)
        }
      }
      table.notes.append(
        "\(value.text) is treated as missing in \(count) cell\(count == 1 ? "" : "s")")
    }
    let headers = table.repeatedHeaders(named: original.columns.map(\.name))
    if !headers.isEmpty {
      table = table.without(headers)
      table.notes.append(
        "\(headers.count) row\(headers.count == 1 ? " repeats" : "s repeat") the header, and \(headers.count == 1 ? "is" : "are") left out"
      )
    }
    let hints = Self.hints(table, options)
    func analysis(of index: Int) -> ColumnAnalysis {
      var own = hints
      own.isForcedCategory = categorical.contains(index)
      own.missingNumbers = missingNumbers[index] ?? []
      return ColumnAnalysis(table.columns[index], own)
    }
    var analyses = table.columns.indices.map(analysis)
    if let remaining = TotalRows(table, analyses).remaining {
      table = remaining
      analyses = table.columns.indices.map(analysis)
    }
    for (index, code) in MissingCode.shared(analyses.map(\.suspect)) {
      missingNumbers[index, default: []].append(code)
      analyses[index] = analysis(of: index)
    }
    try table.requireExamplesInRows(analyses)
    try Self.requireDates(table, analyses, options)
    for index in names.indices where [.category, .boolean].contains(analyses[index].kind) {
      guard let (column, replaced) = table.columns[index].withOneSpelling() else { continue }
      table.columns[index] = column
      analyses[index] = analysis(of: index)
      let list = replaced.prefix(4).map { "\"\($0.old)\" counts as \"\($0.new)\"" }
      table.notes.append(
        "\(names[index]): different spellings of a name are merged: " + list.joined(separator: ", ")
          + (replaced.count > 4 ? ", ..." : ""))
    }
    self.table = table
    for index in names.indices where analyses[index].kind == .empty {
      dropped[index] = dropped[index] ?? "no value in any row"
    }
    // A column that was given by an option is not an index.
    for (index, reason) in Identifiers.dropped(table, analyses)
    where dropped[index] == nil && labels?.contains(index) != true && !categorical.contains(index) {
      if options.keepsIdentifiers, case .number = analyses[index].kind { continue }
      dropped[index] = reason
    }
    var labelReason: String?
    var alternatives: [Int] = []
    if options.label == .automatic {
      let candidates = names.indices.filter { dropped[$0] == nil }
      if let choice = LabelChoice(
        table, analyses, among: candidates, ofAmounts: options.labelsAreAmounts)
      {
        labels = [choice.index]
        labelReason = choice.reason
        alternatives = choice.alternatives
        if let empty = names.indices.first(where: {
          analyses[$0].kind == .empty && dropped[$0] != "as asked for"
            && LabelChoice.isLabelName(names[$0])
        }), !LabelChoice.isLabelName(names[choice.index]) {
          throw Problem(
            .outOfRange, subject: table.file, location: "column \(empty + 1) (\(names[empty]))",
            problem: "its name says that it holds the labels, but it has no value in any row",
            remedy:
              "fill it in, or drop it if it is not the label: \(Setting.drop) \(TablePreparation.reference(names[empty], empty))"
          )
        }
        // A column of a group that its name singles out leaves the others, which tell the label.
        if let group = OneHotLabels.group(around: choice.index, table, analyses, candidates) {
          labels = group
          labelReason = "one of \(group.count) columns of which exactly one is 1 in each row"
          alternatives = []
        }
      }
    }
    for label in labels ?? [] where dropped[label] != nil && options.label != .automatic {
      throw Problem(
        .outOfRange, subject: table.file, location: "column \(label + 1) (\(names[label]))",
        problem: analyses[label].kind == .empty
          ? "it has no value in any of the \(table.rowCount) rows"
          : "it is both the label and dropped",
        remedy: "give another column for the labels: \(Setting.labelColumn)")
    }
    let columns = names.indices.map { index in
      Self.column(
        table.columns[index], index, analyses[index],
        isLabel: labels?.contains(index) == true, isAmongLabels: labels?.count ?? 0 > 1,
        labelReason, dropped[index])
    }
    plan = TablePreparation(columns: columns, hasHeader: table.hasHeader, missing: options.missing)
    rows = Array(0..<table.rowCount)
    notes =
      table.notes + ColumnNotes.all(table, analyses, plan, options, alternatives: alternatives)
    try requireFinite(analyses)
    guard plan.columns.contains(where: { $0.use != .dropped && $0.use != .label }) else {
      throw Problem(
        .wrongFormat, subject: table.file, location: "columns",
        problem: "no column is left for features: "
          + plan.outcomes(options.missing),
        remedy: "give a table with columns of numbers or names next to the labels")
    }
  }

  /// The problem with a table of one column: perhaps it has an unexpected separator.
  private static func oneColumn(_ table: DataTable) -> Problem {
    let column = table.columns.first
    let texts = (column?.texts ?? []).prefix(20)
    let separators = TableOptions.separators.map { String(UnicodeScalar($0.byte)) }
    let isQuoted = separators.contains { mark in
      let counts = Set(
        (texts + (table.hasHeader ? [column?.name ?? ""] : [])).map {
          $0.components(separatedBy: mark).count
        })
      return texts.count > 1 && counts.count == 1 && counts != [1] && mark != " "
    }
    if isQuoted {
      return Problem(
        .wrongFormat, subject: table.file, location: "row 1",
        problem: "each row is in quotes as a whole, so that there is only one column",
        remedy: "remove these quotes: "
          + TextAccess(table.file).shell(
            #"sed 's/^"//; s/"[^"]*$//; s/""/"/g'"#, into: FilePaths.unused("data.csv")))
    }
    let mark = ["::", "^", "~", "¦", "/", ":"].first { mark in
      let counts = Set(texts.map { $0.components(separatedBy: mark).count })
      return texts.count > 1 && counts.count == 1 && counts != [1]
    }
    let remedy =
      mark.map { mark in
        let pattern = mark == "^" ? "\\^" : mark.replacing("/", with: "[/]")
        return
          "if \(mark) is the separator: \(TextAccess(table.file).shell("sed 's#\(pattern)#,#g'", into: FilePaths.unused("data.csv")))"
      } ?? "separate the columns with commas, semicolons, tabs, bars or spaces"
    return Problem(
      .wrongFormat, subject: table.file, location: "row 1",
      problem: "there is only one column, but an example needs a feature and a label",
      remedy: remedy)
  }

  /// Refuses an order of day and month in which a column of dates has none.
  private static func requireDates(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ options: TableOptions
  ) throws(Problem) {
    guard let isDayFirst = options.isDayFirst else { return }
    let (own, other) = (DateStyle(isDayFirst: isDayFirst), DateStyle(isDayFirst: !isDayFirst))
    for (index, column) in table.columns.enumerated() where analyses[index].kind == .category {
      let texts = column.texts.filter { !MissingMark.isMark($0) }
      guard texts.allSatisfy({ other.moment(of: $0) != nil }),
        let text = texts.first(where: { own.moment(of: $0) == nil })
      else { continue }
      let order = isDayFirst ? "month" : "day"
      throw Problem(
        .outOfRange, subject: table.file, location: "column \(index + 1) (\(column.name))",
        problem: "\"\(text)\" is a date only if the \(order) is first",
        remedy: "give \(Setting.dateOrder) \(order)-first, or leave the option out")
    }
  }

  /// What the whole table shows about how its numbers are written.
  private static func hints(_ table: DataTable, _ options: TableOptions) -> ColumnAnalysis.Hints {
    var hints = ColumnAnalysis.Hints()
    hints.findsMissingCodes = options.findsMissingCodes
    hints.isDayFirst = options.isDayFirst
    hints.hasDates = table.columns.contains { ColumnAnalysis.holdsDates($0) }
    hints.areNumbersPadded =
      table.columns.count { $0.holdsPaddedCodes } * 4 > table.columns.count * 3
    if let mark = options.decimalMark {
      hints.hasDecimalCommas = mark == .comma
      hints.showsDecimalCommas = mark == .comma
      hints.isForced = true
      return hints
    }
    hints.showsDecimalCommas = table.columns.contains { ColumnAnalysis.needsDecimalCommas($0) }
    hints.hasDecimalCommas = hints.showsDecimalCommas || table.expectsDecimalCommas
    hints.showsThousands = table.columns.contains { ColumnAnalysis.showsThousands($0) }
    hints.showsDecimalPoints = table.columns.contains { ColumnAnalysis.showsDecimalPoints($0) }
    return hints
  }

  private static func column(
    _ column: DataTable.Column, _ index: Int, _ analysis: ColumnAnalysis, isLabel: Bool,
    isAmongLabels: Bool, _ labelReason: String?, _ dropReason: String?
  ) -> TablePreparation.Column {
    let (kind, use): (String, TablePreparation.Use) =
      switch analysis.kind {
      case .number(let style):
        (
          style.duration != nil
            ? "durations"
            : "numbers" + unitText(style.unit)
              + (style.hasDecimalComma && !analysis.isWhole ? " with decimal commas" : ""),
          .number
        )
      case .boolean: ("yes or no", .boolean)
      case .date: ("dates", .date)
      case .category:
        ("\(analysis.distinctCount) name\(analysis.distinctCount == 1 ? "" : "s")", .category)
      case .empty: ("empty", .dropped)
      }
    var result = TablePreparation.Column(
      name: column.name, index: index, use: isLabel ? .label : dropReason == nil ? use : .dropped,
      kind: kind)
    result.reason = isLabel ? labelReason : dropReason
    result.missingCount = analysis.missingCount
    if case .number(let style) = analysis.kind { result.numberStyle = style }
    if case .date(let style) = analysis.kind { result.dateStyle = style }
    // Answers in several columns are 0 or 1 in each.
    if isLabel, analysis.kind == .category || analysis.kind == .boolean && !isAmongLabels {
      result.names = []
    }
    if isLabel, !isAmongLabels { result.blankMeaning = analysis.blankMeaning }
    return result
  }

  /// What follows the numbers of a column, in words: ` in cm`, ` with "+"`.
  private static func unitText(_ unit: String) -> String {
    if unit.isEmpty { return "" }
    let isUnit = unit.contains(where: \.isLetter) && !DateStyle.ordinalEndings.contains(unit)
    return isUnit || "°\"'".contains(unit) ? " in \(unit)" : " followed by \"\(unit)\""
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
        remedy: "remove the row or replace the value with a finite one")
    }
  }

  // MARK: Rows

  /// Leaves out all rows but these.
  mutating func keep(_ kept: [Int]) { rows = kept }

  /// Adds a note.
  mutating func note(_ text: String) { notes.append(text) }

  // MARK: Labels

  /// The content of the label columns: names, or numbers for each.
  enum Labels {
    case names([String?])
    case numbers([[Double]])
  }

  /// The labels of the rows that are examples; nil if there is no label column.
  ///
  /// - Throws: ``/Findings/Problem`` if several columns are to be values and one holds names.
  func labels() throws(Problem) -> Labels? {
    let columns = plan.labels
    guard let first = columns.first else { return nil }
    if columns.count == 1, first.names != nil || first.dateStyle != nil {
      let cells = table.columns[first.index]
      return .names(
        rows.map { row in
          let text = cells.text(at: row)
          if MissingMark.isMark(text) { return first.blankMeaning }
          return NameSpelling.shown(text)
        })
    }
    var numbers: [[Double]] = []
    for column in columns {
      guard column.names == nil, column.dateStyle == nil else {
        throw Problem(
          .mislabelled, subject: table.file, location: "column \(column.name)",
          problem: "it holds names, but several label columns must hold numbers",
          remedy: "give one label column, or columns of numbers")
      }
      var asNumber = column
      asNumber.use = column.numberStyle == nil ? .boolean : .number
      numbers.append(asNumber.values(of: table.columns[column.index], rows: rows)[0])
    }
    return .numbers(numbers)
  }
}
