import Console
import Findings

/// Excel's .xlsx: a ZIP archive of XML, from which the first sheet that holds a table is read.
enum ExcelFormat: DataFormat {
  static let name = "Excel"
  static let meaning =
    ".xlsx: the first sheet that holds a table"
  static let endings = [".xlsx"]

  static func recognizes(_ input: DataInput) throws(Problem) -> Bool {
    guard input.content == .zip, !input.isCompressed else { return false }
    return try ZipArchive(input.source).members.contains { $0.name == "xl/workbook.xml" }
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let archive = try ZipArchive(input.source)
    func part(_ name: String) throws(Problem) -> [UInt8]? {
      guard let member = archive.members.first(where: { $0.name == name }) else { return nil }
      return try archive.content(of: member)
    }
    guard let workbook = try part("xl/workbook.xml") else {
      throw damaged(input.path, "xl/workbook.xml")
    }
    let sheets = sheets(workbook, try part("xl/_rels/workbook.xml.rels") ?? [])
    let texts = try part("xl/sharedStrings.xml").map(sharedTexts) ?? []
    let dates = try part("xl/styles.xml").map(dateStyles) ?? []
    var (rows, sheetName, passedOver): ([Row], String, [String]) = ([], "", [])
    var candidates = sheets
    if let wanted = options.sheet {
      candidates = sheets.filter { $0.name == wanted }
      if candidates.isEmpty, let number = Int(wanted), sheets.indices.contains(number - 1) {
        candidates = [sheets[number - 1]]
      }
      guard !candidates.isEmpty else {
        throw Problem(
          .notFound, subject: input.path, location: "sheet \(wanted)",
          problem: "no such sheet; there are " + sheets.map(\.name).joined(separator: ", "),
          remedy: "give one of these, or its number from 1 to \(sheets.count)")
      }
    }
    for sheet in candidates {
      guard let bytes = try part(sheet.path) else { throw damaged(input.path, sheet.path) }
      rows = Self.rows(bytes, texts, dates)
      sheetName = sheet.name
      // Two rows of two cells are the minimum for examples.
      if rows.count(where: { $0.cells.count { !$0.text.isEmpty } > 1 }) > 1 { break }
      passedOver.append(sheet.name)
    }
    guard passedOver.count < candidates.count else {
      throw Problem(
        .wrongFormat, subject: input.path, location: "sheet \(candidates[0].name)",
        problem: candidates.count == 1
          ? "the sheet holds no table" : "none of the \(sheets.count) sheets holds a table",
        remedy: "give a sheet with a header row and one row per example")
    }
    // From here on it is a table like one of separated values, whose dialect is known.
    var text = ""
    let width = rows.map { ($0.cells.map(\.column).max() ?? -1) + 1 }.max() ?? 0
    for row in rows {
      var cells = [String](repeating: "", count: width)
      for cell in row.cells { cells[cell.column] = cell.text }
      text += cells.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: "\t") + "\n"
    }
    var own = options
    own.separator = UInt8(ascii: "\t")
    var table = try DataTable(
      separatedValues: ByteSource(Array(text.utf8), named: input.path), own)
    table.separator = nil
    let others = sheets.map(\.name).filter { $0 != sheetName && !passedOver.contains($0) }
    table.notes.append(
      (options.sheet != nil
        ? "sheet \(sheetName) is read"
        : passedOver.isEmpty
          ? "sheet \(sheetName), the first, is read"
          : "sheet \(sheetName) is read, since there is no table in \(passedOver.joined(separator: " and "))")
        + (others.isEmpty || options.sheet != nil
          ? ""
          : "; for another: "
            + others.prefix(4).map { "--sheet \(FilePaths.quoted($0))" }.joined(separator: ", or "))
    )
    let formulas = rows.flatMap(\.formulas)
    if !formulas.isEmpty {
      let saving =
        "open the file in a spreadsheet program and save it, or: soffice --headless --convert-to xlsx --outdir saved "
        + FilePaths.quoted(input.path)
      // A column of nothing else is not a gap, and may be the labels.
      if let lost = table.columns.indices.first(where: { index in
        formulas.contains(index) && table.columns[index].cells.allSatisfy(\.isNaN)
          && table.columns[index].texts.allSatisfy(\.isEmpty)
      }) {
        throw Problem(
          "unsupported", subject: input.path, location: "column \(table.columns[lost].name)",
          problem: "every cell holds a formula without a stored value", remedy: saving)
      }
      table.notes.append(
        "\(formulas.count) cell\(formulas.count == 1 ? " holds" : "s hold") a formula without a stored value and \(formulas.count == 1 ? "is" : "are") treated as missing: \(saving)"
      )
    }
    let filled = rows.reduce(0) { $0 + $1.filledCount }
    if filled > 0 {
      table.notes.append("\(filled) cells merged with one above take its value")
    }
    return DataContent(meaning: .table(table))
  }

  private static func damaged(_ path: String, _ part: String) -> Problem {
    Problem(
      .corrupt, subject: path, location: "member \(part)",
      problem: "there is no such part in this Excel file",
      remedy: "save it again, or save the sheet as CSV")
  }

  // MARK: Parts

  /// The names of the sheets and the members that hold them; at least one.
  private static func sheets(_ workbook: [UInt8], _ relations: [UInt8]) -> [(
    name: String, path: String
  )] {
    var paths: [String: String] = [:]
    var scanner = XMLScanner(relations)
    while let event = scanner.next() {
      guard case .start("Relationship", let attributes, _) = event,
        let identifier = attributes["Id"], let target = attributes["Target"]
      else { continue }
      paths[identifier] = target.hasPrefix("/") ? String(target.dropFirst()) : "xl/" + target
    }
    var sheets: [(name: String, path: String)] = []
    scanner = XMLScanner(workbook)
    while let event = scanner.next() {
      guard case .start("sheet", let attributes, _) = event else { continue }
      let number = sheets.count + 1
      let identifier =
        attributes["r:id"] ?? attributes.first { $0.key.hasSuffix(":id") }?.value ?? ""
      let path = paths[identifier] ?? "xl/worksheets/sheet\(number).xml"
      // Charts are sheets too.
      guard path.contains("worksheets/") else { continue }
      sheets.append((attributes["name"] ?? "\(number)", path))
    }
    return sheets.isEmpty ? [("1", "xl/worksheets/sheet1.xml")] : sheets
  }

  private static func sharedTexts(_ bytes: [UInt8]) -> [String] {
    var texts: [String] = []
    var (current, isText, isPhonetic) = ("", false, false)
    var scanner = XMLScanner(bytes)
    while let event = scanner.next() {
      switch event {
      case .start("si", _, let isEmpty):
        current = ""
        if isEmpty { texts.append("") }
      case .end("si"): texts.append(current)
      case .start("rPh", _, _): isPhonetic = true
      case .end("rPh"): isPhonetic = false
      case .start("t", _, let isEmpty): isText = !isEmpty
      case .end("t"): isText = false
      case .text(let text) where isText && !isPhonetic: current += text
      default: break
      }
    }
    return texts
  }

  /// Whether each cell style shows a number as a date.
  private static func dateStyles(_ bytes: [UInt8]) -> [Bool] {
    var codes: [Int: String] = [:]
    var styles: [Bool] = []
    var isInCells = false
    var scanner = XMLScanner(bytes)
    while let event = scanner.next() {
      switch event {
      case .start("numFmt", let attributes, _):
        if let number = attributes["numFmtId"].flatMap({ Int($0) }) {
          codes[number] = attributes["formatCode"]
        }
      case .start("cellXfs", _, _): isInCells = true
      case .end("cellXfs"): isInCells = false
      case .start("xf", let attributes, _) where isInCells:
        let number = attributes["numFmtId"].flatMap { Int($0) } ?? 0
        let code = (codes[number] ?? "").lowercased().replacing(/\[[^\]]*\]|"[^"]*"/, with: "")
        styles.append(
          (14...22).contains(number) || (45...47).contains(number)
            || code.contains { "ydhs".contains($0) } && !code.contains("general"))
      default: break
      }
    }
    return styles
  }

  private struct Row {
    /// The row's number in the sheet, from 1.
    var number: Int
    var cells: [(column: Int, text: String)] = []
    /// The columns of cells that have a formula and no value.
    var formulas: [Int] = []
    /// How many cells have the value of a cell above with which they are merged.
    var filledCount = 0
  }

  private static func rows(_ bytes: [UInt8], _ texts: [String], _ dates: [Bool]) -> [Row] {
    var rows: [Row] = []
    var (type, style, column, value) = ("", 0, 0, "")
    var (isValue, isFormula) = (false, false)
    var merged: [(column: Int, rows: ClosedRange<Int>)] = []
    var scanner = XMLScanner(bytes)
    while let event = scanner.next() {
      switch event {
      case .start("row", let attributes, let isEmpty):
        rows.append(
          Row(number: attributes["r"].flatMap { Int($0) } ?? (rows.last?.number ?? 0) + 1))
        column = -1
        if isEmpty { continue }
      case .start("c", let attributes, let isEmpty):
        // Excel has 16,384 columns; a larger number is damage, for which no memory must be allocated.
        column = min(attributes["r"].flatMap(index) ?? column + 1, 16_383)
        type = attributes["t"] ?? ""
        style = attributes["s"].flatMap { Int($0) } ?? 0
        (value, isFormula) = ("", false)
        if isEmpty { continue }
      case .start("f", _, _): isFormula = true
      case .start("mergeCell", let attributes, _):
        if let range = attributes["ref"].flatMap(mergedRows) { merged.append(range) }
      case .start("v", _, let isEmpty), .start("t", _, let isEmpty): isValue = !isEmpty
      case .end("v"), .end("t"): isValue = false
      case .text(let text) where isValue: value += text
      case .end("c"):
        guard !rows.isEmpty, column >= 0 else { continue }
        if isFormula, value.isEmpty, type != "str" { rows[rows.count - 1].formulas.append(column) }
        let isDate = dates.indices.contains(style) && dates[style]
        rows[rows.count - 1].cells.append((column, cell(type, value, texts, isDate: isDate)))
      default: break
      }
    }
    fill(merged, in: &rows)
    return rows
  }

  /// The column and the rows of cells that are merged vertically, as in A2:A11; nil for others.
  private static func mergedRows(_ reference: String) -> (column: Int, rows: ClosedRange<Int>)? {
    let ends = reference.split(separator: ":").map(String.init)
    guard ends.count == 2, let column = index(ends[0]), index(ends[1]) == column,
      let first = Int(ends[0].drop { $0.isLetter }), let last = Int(ends[1].drop { $0.isLetter }),
      first < last
    else { return nil }
    return (column, first...last)
  }

  /// Writes the value of merged cells, which only the first of them has, into all of them.
  private static func fill(
    _ merged: [(column: Int, rows: ClosedRange<Int>)], in rows: inout [Row]
  ) {
    guard !merged.isEmpty, let last = rows.last?.number else { return }
    let positions = Dictionary(
      rows.indices.map { (rows[$0].number, $0) }, uniquingKeysWith: { first, _ in first })
    for (column, range) in merged {
      guard let top = positions[range.lowerBound],
        let text = rows[top].cells.first(where: { $0.column == column })?.text, !text.isEmpty
      else { continue }
      // A damaged file may name more rows than exist.
      for number in range.dropFirst().prefix(max(0, last - range.lowerBound)) {
        guard let position = positions[number] else { continue }
        rows[position].cells.removeAll { $0.column == column }
        rows[position].cells.append((column, text))
        rows[position].filledCount += 1
      }
    }
  }

  private static func cell(_ type: String, _ value: String, _ texts: [String], isDate: Bool)
    -> String
  {
    switch type {
    case "s": return Int(value).flatMap { texts.indices.contains($0) ? texts[$0] : nil } ?? ""
    case "b": return value == "1" ? "TRUE" : "FALSE"
    case "e": return ""
    case "str", "inlineStr", "d": return value
    default:
      guard isDate, let number = Double(value), (0..<2_958_466).contains(number) else {
        return value
      }
      return date(number)
    }
  }

  /// The date of a number of days since the end of 1899, as Excel counts them.
  private static func date(_ number: Double) -> String {
    var seconds = Int((number * 86_400).rounded())
    let days = seconds / 86_400
    seconds %= 86_400
    // Days since the first of March of the year 0, of which 693,899 are before day 0.
    // Source: H. Hinnant, "chrono-compatible low-level date algorithms".
    let shifted = days + 693_899
    let era = shifted / 146_097
    let day = shifted - era * 146_097
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let rest = day - (365 * year + year / 4 - year / 100)
    let month = (5 * rest + 2) / 153
    let parts = (
      year: year + era * 400 + (month >= 10 ? 1 : 0), month: month < 10 ? month + 3 : month - 9,
      day: rest - (153 * month + 2) / 5 + 1
    )
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let text = "\(parts.year)-\(two(parts.month))-\(two(parts.day))"
    return seconds == 0
      ? text : text + " \(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  /// The index of a column from a cell's name, as in B7.
  private static func index(_ name: String) -> Int? {
    var index = 0
    for scalar in name.unicodeScalars.prefix(4) {
      guard ("A"..."Z").contains(scalar) else { break }
      index = index * 26 + Int(scalar.value) - 64
    }
    return index > 0 ? index - 1 : nil
  }
}
