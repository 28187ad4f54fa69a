import Console
import Findings

/// Further notes about the columns of a table, each with what to type if something else was meant.
enum ColumnNotes {
  /// At most this many columns are listed in one sentence.
  private static let listLimit = 6

  static func all(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ plan: TablePreparation,
    _ options: TableOptions, alternatives: [Int]
  ) -> [String] {
    blanks(plan) + labels(plan, alternatives, options) + dates(table, analyses, plan, options)
      + missing(table, analyses, plan) + numbers(table, analyses, options)
      + identifiers(table, analyses, plan) + gaps(table, analyses, plan)
  }

  private static func reference(_ index: Int, _ plan: TablePreparation) -> String {
    FilePaths.quoted(TablePreparation.reference(plan.columns[index].name, index))
  }

  // MARK: Labels

  private static func labels(
    _ plan: TablePreparation, _ alternatives: [Int], _ options: TableOptions
  ) -> [String] {
    guard !alternatives.isEmpty else { return [] }
    if plan.labels.count == 1, let label = plan.labels.first, label.numberStyle != nil {
      let others = plan.columns.filter {
        $0.use == .number && LabelChoice.areLabelNames($0.name, label.name)
      }
      if !others.isEmpty {
        let all = plan.columns.filter { column in
          column.index == label.index || others.contains { $0.index == column.index }
        }
        func list(_ columns: [TablePreparation.Column]) -> String {
          columns.map { reference($0.index, plan) }.joined(separator: ",")
        }
        let one = others.count == 1
        return [
          "\(listed(others.map(\.name))) \(one ? "is a label" : "are labels") too by \(one ? "its name" : "their names"), but \(one ? "is a feature" : "are features") here; "
            + "to predict \(all.count == 2 ? "both" : "all of them"): \(Setting.labelColumn) \(list(all)); to leave \(one ? "it" : "them") out: \(Setting.drop) \(list(others))"
        ]
      }
    }
    let list = alternatives.map { "\(Setting.labelColumn) \(reference($0, plan))" }
    return ["if another column holds the labels: " + list.joined(separator: ", or ")]
  }

  /// That a gap among the labels means no.
  private static func blanks(_ plan: TablePreparation) -> [String] {
    plan.labels.compactMap { column in
      column.blankMeaning.map {
        "\(column.missingCount) empty cells of \(column.name) count as \"\($0)\", since all the others have the same value"
      }
    }
  }

  // MARK: Dates

  /// Dates that would be different if the day came before the month.
  private static func dates(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ plan: TablePreparation,
    _ options: TableOptions
  ) -> [String] {
    guard options.isDayFirst == nil else { return [] }
    return plan.columns.compactMap { column in
      guard case .date(let style) = analyses[column.index].kind, column.use == .date else {
        return nil
      }
      var other = style
      other.isDayFirst.toggle()
      let texts = table.columns[column.index].texts.filter { style.moment(of: $0) != nil }
      guard texts.allSatisfy({ other.moment(of: $0) != nil }),
        let text = texts.first(where: { other.moment(of: $0) != style.moment(of: $0) })
      else { return nil }
      return
        "\"\(text)\" in \(column.name) has the \(style.isDayFirst ? "day" : "month") first; if it is the other way round: "
        + "\(Setting.dateOrder) \(style.isDayFirst ? "month" : "day")-first"
    }
  }

  // MARK: Missing values

  private static func missing(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ plan: TablePreparation
  ) -> [String] {
    var notes: [String] = []
    for (column, analysis) in zip(plan.columns, analyses) where column.use != .dropped {
      if !analysis.strangeTexts.isEmpty {
        let list = analysis.strangeTexts.prefix(4).map { "\"\($0.prefix(20))\"" }
        notes.append(
          list.joined(separator: ", ") + (analysis.strangeTexts.count > 4 ? ", ..." : "")
            + " among the \(column.use == .date ? "dates" : column.numberStyle?.duration == nil ? "numbers" : "durations") of \(column.name) \(analysis.strangeTexts.count == 1 ? "is" : "are") treated as missing"
        )
      }
    }
    var codes: [[Double]: [String]] = [:]
    for (column, analysis) in zip(plan.columns, analyses) where column.use != .dropped {
      guard case .number(let style) = analysis.kind, let own = style.missingCodes else { continue }
      codes[own, default: []].append(
        "\(column.name) (\(NumericArray.shown(analysis.minimum)) to \(NumericArray.shown(analysis.maximum)))"
      )
    }
    for (values, columns) in codes.sorted(by: { $0.value[0] < $1.value[0] }) {
      let list = values.map { NumericArray.text($0) }.joined(separator: " and ")
      notes.append(
        "\(list) \(values.count == 1 ? "is" : "are") treated as missing in \(listed(columns)), far from the other values; "
          + "to keep such numbers as values: \(Setting.missingValues) none")
    }
    for (column, analysis) in zip(plan.columns, analyses) {
      guard let suspect = analysis.suspect, column.use == .number else { continue }
      let value = NumericArray.text(suspect.value)
      notes.append(
        "\(value) in \(column.name) (\(suspect.count) cells) is \(suspect.reason); if it stands for missing values: "
          + "\(Setting.missingValues) \(reference(column.index, plan))=\(value)")
    }
    return notes
  }

  // MARK: Numbers

  private static func numbers(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ options: TableOptions
  ) -> [String] {
    var notes: [String] = []
    for (column, analysis) in zip(table.columns, analyses) {
      guard case .number(let style) = analysis.kind else { continue }
      if let duration = style.duration,
        let (text, seconds) = column.texts.lazy.compactMap({ text in
          duration.seconds(of: text).map { (text, $0) }
        }).first
      {
        notes.append(
          "\(column.name) holds durations, which are read as seconds: \"\(text)\" is \(NumericArray.text(seconds))"
        )
        continue
      }
      if let text = column.texts.first(where: {
        $0.first.map(NumberStyle.bounds.contains) == true
      }) {
        notes.append(
          "limits such as \"\(text.prefix(20))\" in \(column.name) are read as the limit itself")
      }
      if let text = column.texts.first(where: { $0.contains("±") || $0.contains("+/-") }) {
        notes.append(
          "the errors of measurement in \(column.name), as in \"\(text.prefix(20))\", are left out")
      }
      if let text = column.texts.first(where: { $0.last == "%" }), let value = style.value(of: text)
      {
        notes.append(
          "percentages in \(column.name) are read as shares: \"\(text.prefix(20))\" is \(NumericArray.text(value))"
        )
        notes += plainPercents(column, style)
      }
      if let marks = style.marks {
        notes.append(
          "marks after numbers in \(column.name) are ignored: "
            + marks.prefix(4).map { "\"\($0)\"" }.joined(separator: ", "))
      }
      if style.hasDecimalComma, let row = column.firstDecimalPoint(style) {
        notes.append(
          "\"\(column.text(at: row))\" in \(column.name) has a decimal point, since thousands have three digits"
        )
      }
    }
    let example = example(table, analyses)
    if !example.isEmpty || table.columns.contains(where: { ColumnAnalysis.needsDecimalCommas($0) })
    {
      notes.append("numbers are written with decimal commas" + example)
    }
    if options.decimalMark == nil { notes += ambiguous(table, analyses) }
    return notes
  }

  /// What became of cells without a percent sign in a column of percentages.
  private static func plainPercents(
    _ column: DataTable.Column, _ style: NumberStyle
  ) -> [String] {
    let plain = PlainPercents(column, style)
    guard let first = plain.first.map({ NumericArray.text($0) }) else { return [] }
    let cells = "\(plain.count) cell\(plain.count == 1 ? "" : "s") of \(column.name)"
    let have = plain.count == 1 ? "has" : "have"
    return [
      style.hasPlainPercents == true
        ? "\(cells) \(have) no percent sign, and \(plain.count == 1 ? "is read as a percentage" : "are read as percentages") all the same: \(first) is \(NumericArray.text(plain.first.map { $0 / 100 } ?? 0))"
        : "\(cells) \(have) no percent sign, and \(plain.count == 1 ? "is" : "are") not divided by 100: \(first) is \(first); if that is a percentage, write the sign"
    ]
  }

  /// Numbers such as 12.345 and 3,456 that would mean something else elsewhere.
  private static func ambiguous(_ table: DataTable, _ analyses: [ColumnAnalysis]) -> [String] {
    let showsPoints = table.columns.contains { ColumnAnalysis.showsDecimalPoints($0) }
    return zip(table.columns, analyses).compactMap { column, analysis in
      guard case .number(let style) = analysis.kind, !style.hasDecimalComma else { return nil }
      if table.expectsDecimalCommas, !showsPoints, !style.hasPointsBetweenThousands,
        column.mayHavePointsBetweenThousands,
        let number = column.cells.first(where: { !$0.isNaN && $0 != $0.rounded() })
      {
        let text = NumericArray.text(number)
        return
          "\"\(text)\" in \(column.name) is \(text); if points separate thousands: \(Setting.decimal) comma"
      }
      let groups = column.texts.filter { !MissingMark.isMissingNumber($0) }
      guard groups.count > 1, let text = groups.first,
        groups.allSatisfy({ text in
          let parts = text.split(separator: ",", omittingEmptySubsequences: false)
          return parts.count == 2 && parts[1].count == 3 && parts[1].allSatisfy(\.isNumber)
            && (1...3).contains(parts[0].count) && parts[0].allSatisfy(\.isNumber)
        }), column.cells.allSatisfy({ $0.isNaN || abs($0) < 1000 }),
        let value = style.value(of: text)
      else { return nil }
      return
        "\"\(text)\" in \(column.name) is \(NumericArray.text(value)); if the comma is a decimal comma: \(Setting.decimal) comma"
    }
  }

  /// An example of how a number with a decimal comma is read, preferably one that could have meant thousands: `: "2,000" is 2`.
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

  // MARK: Identifiers

  private static func identifiers(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ plan: TablePreparation
  ) -> [String] {
    plan.columns.compactMap { column in
      let index = column.index
      guard column.use == .number,
        let suspicion = Identifiers.suspicion(
          table.columns[index], analyses[index], hasHeader: table.hasHeader)
      else { return nil }
      return
        "\(column.name) \(suspicion), and is used as a number; if it says nothing about an example: \(Setting.drop) \(reference(index, plan))"
    }
  }

  // MARK: Gaps

  /// Columns in which hardly any row has a value.
  private static func gaps(
    _ table: DataTable, _ analyses: [ColumnAnalysis], _ plan: TablePreparation
  ) -> [String] {
    let sparse = plan.columns.filter { column in
      let analysis = analyses[column.index]
      // A column of one name and gaps is a check mark: yes where it is set.
      return (column.use == .number || column.use == .category && analysis.distinctCount > 1)
        && analysis.presentCount * 5 < table.rowCount
    }
    guard !sparse.isEmpty, table.rowCount >= 20 else { return [] }
    let list = sparse.map { "\($0.name) (\(analyses[$0.index].presentCount) of \(table.rowCount))" }
    let references = sparse.map { reference($0.index, plan) }.joined(separator: ",")
    return [
      "few rows have a value in \(listed(list)); to drop it: \(Setting.drop) \(references)"
    ]
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(listLimit).joined(separator: ", ") + (names.count > listLimit ? ", ..." : "")
  }
}
