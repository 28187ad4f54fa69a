import Console
import Findings

extension DataTable {
  /// Reads a file of separated values, plain or compressed with gzip.
  ///
  /// Rows are named by the line of the file in which they start, counted from 1; columns are also counted from 1.
  /// - Throws: ``/Findings/Problem``: no text; rows with a different number of columns, reported after all have been read; a file
  ///   that is still being written.
  /// - Complexity: O(size of the file), in one pass; memory only for the values and the distinct texts. Those of a
  ///   compressed file are limited to 1 GiB.
  package init(
    separatedValues source: ByteSource, _ options: TableOptions = TableOptions(),
    expansionLimit: Int = InflateStream.expansionLimit
  ) throws(Problem) {
    let dialect = try CSVDialect(source, options)
    var rows = CSVRows(file: source.file, dialect)
    var reader = try CSVRecordReader(
      source, separator: dialect.separator, expansionLimit: expansionLimit)
    for _ in 0..<dialect.skippedCount + (dialect.hasHeader ? 1 : 0) { _ = try reader.next() }
    do throws(Problem) {
      while try reader.next() {
        rows.append(reader)
        let valueCount = rows.table.rowCount * rows.table.columns.count
        if reader.isCompressed, valueCount > expansionLimit / MemoryLayout<Double>.size {
          throw reader.expandsTooFar(to: "\(valueCount) values")
        }
      }
      rows.commentCount = reader.commentCount - (dialect.hasNamesInComment ? 1 : 0)
      try rows.finish()
    } catch {
      // The only problem may be that the file was not finished.
      try source.requireUnchanged()
      throw error
    }
    try source.requireUnchanged()
    self = rows.table.withoutMargin
  }

  /// The table without a first column that has neither a name nor a value, as left by the bars around a drawn table.
  private var withoutMargin: DataTable {
    guard separator == UInt8(ascii: "|"), columns.count > 2, columns[0].name.isEmpty,
      columns[0].texts == [""], columns[0].cells.allSatisfy(\.isNaN)
    else { return self }
    var table = self
    table.columns.removeFirst()
    return table
  }
}

/// The rows of a table as they are read.
private struct CSVRows {
  private(set) var table: DataTable
  private let width: Int
  /// Whether an empty field follows the last column.
  private let endsWithSeparator: Bool
  /// The rows that have a different number of columns, and how many rows there are with each number.
  private var irregular: [(line: Int, count: Int)] = []
  private var irregularCount = 0
  private var irregularWidths: [Int: Int] = [:]
  /// Some rows with more columns than the header.
  private var wide: [[String]] = []
  private var emptyCount = 0
  /// How many lines before and between the rows are comments.
  var commentCount = 0
  /// Whether single quotes enclose names and texts.
  private let isSingleQuoted: Bool
  /// Remarks at the end of the file, so far: their lines, and how many fields they have.
  private var closing: [(line: Int, count: Int)] = []
  private var surplus: (line: Int, text: String)?
  /// Whether a text is not in UTF-8.
  private var isConverted = false
  /// Some texts that are not in UTF-8.
  private var samples: [UInt8] = []

  init(file: String, _ dialect: CSVDialect) {
    table = DataTable(
      file: file, columnNames: dialect.columnNames,
      hasHeader: dialect.hasHeader || dialect.hasNamesInComment)
    table.separator = dialect.separator
    table.expectsDecimalCommas = dialect.separator == UInt8(ascii: ";")
    if dialect.skippedCount > 0 {
      table.notes.append(
        dialect.skippedCount == 1
          ? "the first line is not a row of the table and is skipped"
          : "the first \(dialect.skippedCount) lines are not rows of the table and are skipped")
    }
    endsWithSeparator = dialect.endsWithSeparator
    isSingleQuoted = dialect.isSingleQuoted
    isConverted = dialect.isConverted
    width = dialect.columnNames.count
  }

  mutating func append(_ record: borrowing CSVRecordReader) {
    let count = record.fieldCount
    guard count >= width, (width..<count).allSatisfy({ record.field($0).isEmpty }) else {
      return appendIrregular(record)
    }
    // If rows end with a separator, a row without one may not be whole.
    guard count == width + (endsWithSeparator ? 1 : 0) || count > width else {
      return appendIrregular(record)
    }
    if width > 1, (0..<width).allSatisfy({ record.field($0).isEmpty }) {
      emptyCount += 1
      return
    }
    flushClosing()
    for index in 0..<width {
      let (start, end) = (record.start(of: index), record.ends[index])
      if let value = DecimalNumber.value(record.text, start, end), value.isFinite {
        table.columns[index].append(
          number: value, width: end - start,
          isPadded: DecimalNumber.isPadded(record.text, start, end),
          digitsBehindPoint: DecimalNumber.digitsBehindPoint(record.text, start, end),
          text: CellText.string(record.text[start..<end]))
      } else {
        let text = text(record.text[start..<end])
        let bytes = isSingleQuoted ? Array(text.utf8) : []
        if isSingleQuoted, let value = DecimalNumber.value(bytes, 0, bytes.count), value.isFinite {
          table.columns[index].append(number: value)
        } else {
          table.columns[index].append(text: text)
        }
      }
    }
    table.lines.append(Int32(clamping: record.line))
  }

  /// The text of a cell, without the marks by which spreadsheets keep numbers as text: ="001" and '001.
  private mutating func text(_ bytes: ArraySlice<UInt8>) -> String {
    var isOther = false
    var text = CellText.string(bytes, isConverted: &isOther)
    if isOther {
      isConverted = true
      if samples.count < 1 << 12 { samples += bytes + [0x0A] }
    }
    if isSingleQuoted, text.hasPrefix("'"), text.hasSuffix("'"), text.utf8.count > 1 {
      return String(text.dropFirst().dropLast())
    }
    if text.hasPrefix("=\""), text.hasSuffix("\""), text.utf8.count > 3 {
      text = String(text.dropFirst(2).dropLast())
    } else if text.hasPrefix("'"), text.utf8.count > 1 {
      let rest = Array(text.utf8.dropFirst())
      if DecimalNumber.value(rest, 0, rest.count) != nil { text = String(text.dropFirst()) }
    }
    return text
  }

  private mutating func appendIrregular(_ record: borrowing CSVRecordReader) {
    let present = (0..<record.fieldCount).count { !record.field($0).isEmpty }
    if present == 0 {
      emptyCount += 1
    } else if width > 2, !record.field(0).isEmpty, record.fieldCount <= width,
      DecimalNumber.value(record.text, record.start(of: 0), record.ends[0]) == nil,
      present == 1 || isRemark(CellText.string(record.field(0)))
    {
      // A source or a sum below the table.
      closing.append((record.line, record.fieldCount))
    } else {
      flushClosing()
      note(record.line, record.fieldCount)
      if record.fieldCount > width, wide.count < 20 {
        wide.append((0..<record.fieldCount).map { CellText.string(record.field($0)) })
      }
      if record.fieldCount == width + 1, endsWithSeparator, surplus == nil {
        surplus = (record.line, CellText.string(record.field(width)))
      }
    }
  }

  /// Whether a line of several fields begins like a footnote, and not like a row of names.
  private func isRemark(_ first: String) -> Bool {
    let words = first.split(separator: " ").count
    let numbers = table.columns[0].cells.count { !$0.isNaN }
    return words > 3 || first.contains(": ") || "*†‡[".contains(first.prefix(1))
      || words > 1 && numbers * 10 >= table.rowCount * 9
  }

  private mutating func note(_ line: Int, _ count: Int) {
    irregularCount += 1
    irregularWidths[count, default: 0] += 1
    if irregular.count < 5 { irregular.append((line, count)) }
  }

  /// Lines that seemed to follow the table are between rows after all.
  private mutating func flushClosing() {
    for remark in closing { note(remark.line, remark.count) }
    closing = []
  }

  // MARK: Rows of another length

  /// Whether only the last row is shorter, as in a file that was not written or copied to its end.
  private func isCutOff(_ expected: Int) -> Bool {
    guard irregularCount == 1, let first = irregular.first else { return false }
    return first.count < expected && table.lines.last.map { $0 < first.line } ?? false
  }

  /// What to do about rows with a different number of columns.
  private func irregularRemedy(_ expected: Int) -> String {
    let marks = TableOptions.separators
    guard let separator = table.separator, let mark = marks.first(where: { $0.byte == separator })
    else { return "give every row the same number of columns" }
    if mark.name == "space" {
      guard FixedWidth.isAligned(table.file) else {
        return "separate the columns with commas, the same number in every row"
      }
      return PythonConversion.remedy(
        "if spaces align the columns: "
          + PythonConversion.line(
            "pandas",
            "pandas.read_fwf(sys.argv[1], encoding=\"latin1\").to_csv(\"data.csv\", index=False, encoding=\"latin1\")"
          ),
        for: table.file)
    }
    if isCutOff(expected), let line = irregular.first?.line {
      return "if the file is cut off, download or copy it again; or leave out its last row: "
        + TextAccess(table.file).shell("head -n \(line - 1)", into: FilePaths.unused("data.csv"))
    }
    // All of one width, and below all the others.
    if irregularCount > 2, irregularWidths.count == 1, let first = irregular.first,
      table.lines.last.map({ $0 < first.line }) ?? false
    {
      return "those rows may be a second table below the first; to read the first alone: "
        + TextAccess(table.file).shell(
          "head -n \(first.line - 1)", into: FilePaths.unused("data.csv"))
    }
    if irregularWidths.keys.allSatisfy({ $0 > expected }), let row = wide.first {
      let text = row.joined(separator: String(UnicodeScalar(separator)))
      let quotes =
        "a text that contains a \(mark.name) needs quotes around it, here perhaps in: \(text.prefix(80))"
      guard let column = columnOfTexts, !endsWithSeparator else {
        return quotes + "; or remove the surplus fields"
      }
      return quotes + "; if the texts are those of \(table.columns[column].name): "
        + joiningLine(column)
    }
    guard irregularCount > table.rowCount else {
      return "add or remove a field in that line, or put quotes around text with separators"
    }
    let others = marks.map(\.name).filter { $0 != mark.name }
    return
      "put quotes around texts that contain a \(mark.name); if something else separates the columns: \(Setting.separator) \(others.dropLast().joined(separator: ", ")) or \(others.last ?? "")"
  }

  /// The only column whose texts may have been divided: if those of the surplus fields that follow each other there are joined,
  /// numbers are in columns of numbers.
  private var columnOfTexts: Int? {
    let areNumbers = table.columns.map { column in
      let texts = column.cells.count { cell in
        DataTable.Column.textIndex(of: cell).map { !MissingMark.isMissingNumber(column.texts[$0]) }
          ?? false
      }
      return 10 * texts <= column.cells.count
    }
    guard table.rowCount > 0 else { return nil }
    let found = (0..<width).filter { column in
      !areNumbers[column]
        && wide.allSatisfy { row in
          let surplus = row.count - width
          return (0..<width).allSatisfy { index in
            guard index != column, areNumbers[index] else { return true }
            let bytes = Array(row[index < column ? index : index + surplus].utf8)
            return DecimalNumber.value(bytes, 0, bytes.count) != nil
              || MissingMark.isMissingNumber(String(decoding: bytes, as: UTF8.self))
          }
        }
    }
    return found.count == 1 ? found[0] : nil
  }

  /// The line that joins the texts of a column and puts quotes around them.
  private func joiningLine(_ column: Int) -> String {
    let mark = table.separator == 0x09 ? "\\t" : String(UnicodeScalar(table.separator ?? 0x2C))
    let access = TextAccess(table.file)
    // The rows are complete before the file is made, so that none is left empty.
    return PythonConversion.line(
      "csv",
      "w, k, s = \(width), \(column), \"\(mark)\"; r = ["
        + "x[:k] + [s.join(x[k:len(x) - w + k + 1])] + x[len(x) - w + k + 1:] if len(x) > w else x "
        + "for x in csv.reader(\(access.python), delimiter=s)]; "
        + "csv.writer(\(access.python(writing: FilePaths.unused("data.csv")))).writerows(r)"
    ).replacing("FILE", with: access.argument)
  }

  // MARK: The end

  /// Checks what only the whole file shows.
  mutating func finish() throws(Problem) {
    if let first = irregular.first {
      let expected = width + (endsWithSeparator ? 1 : 0)
      if irregularCount == 1, let surplus {
        throw Problem(
          .inconsistent, subject: table.file,
          location: "row \(surplus.line), column \(expected)",
          problem:
            "\"\(surplus.text.prefix(40))\" is in a column without a name, which is empty in the "
            + "other rows",
          remedy: "give the column a name in the header, or remove it")
      }
      let widths = irregularWidths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
        .map { "\($0.value) with \($0.key)" }.joined(separator: ", ")
      let others =
        irregularCount == 1
        ? ""
        : "; \(irregularCount) of \(table.rowCount + irregularCount) rows deviate (\(widths)): rows "
          + irregular.map { "\($0.line)" }.joined(separator: ", ")
          + (irregularCount > irregular.count ? " and more" : "")
      throw Problem(
        .inconsistent, subject: table.file, location: "row \(first.line)",
        problem:
          "the row has \(first.count) column\(first.count == 1 ? "" : "s"), but the \(table.hasHeader ? "header" : "first row") has "
          + "\(expected)"
          + (isCutOff(expected) ? ": it is the last row" : others),
        remedy: irregularRemedy(expected))
    }
    if !closing.isEmpty {
      table.notes.append(
        "\(closing.count) line\(closing.count == 1 ? "" : "s") below the table, from row \(closing[0].line) on, "
          + "\(closing.count == 1 ? "is" : "are") skipped")
    }
    if isConverted {
      let conversion = CellText.likelyEncoding(of: samples).map {
        "convert the file, for example: "
          + TextAccess(table.file).shell(
            "iconv -f \($0) -t UTF-8", into: FilePaths.unused("utf8.csv"))
      }
      table.notes.append(
        conversion.map {
          "the text is not UTF-8 and is read as Windows-1252; if it looks wrong, \($0)"
        }
          ?? "the text is not UTF-8, its encoding is not recognized, and it is read as Windows-1252; if it looks wrong, save the file as UTF-8 in the program that it comes from"
      )
    }
    if commentCount > 0 {
      table.notes.append(
        "\(commentCount) line\(commentCount == 1 ? "" : "s") starting with #, %, ; or // \(commentCount == 1 ? "is a comment" : "are comments") and skipped"
      )
    }
    if emptyCount > 0 {
      table.notes.append("\(emptyCount) empty row\(emptyCount == 1 ? " is" : "s are") skipped")
    }
    guard table.rowCount > 0 else {
      throw Problem(
        .wrongFormat, subject: table.file, location: "row 2",
        problem: table.hasHeader
          ? "there is only a header" : "there are no rows with values",
        remedy: "add one line per example")
    }
  }
}
