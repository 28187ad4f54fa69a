import Findings

/// The values of a table while its rows come in.
struct CSVContent {
  /// The most class names that are told apart.
  private static let classLimit = 1 << 16
  /// How many missing values an error lists by position.
  private static let listedCount = 5

  let labelColumn: Int?
  private(set) var features: [Double] = []
  private(set) var rowCount = 0

  private let file: String
  private let columnNames: [String]
  /// Whether an empty field follows the last column.
  private let endsWithSeparator: Bool
  /// The labels as numbers, until one is none.
  private var numbers: [Double]? = []
  /// The labels as names, until there are too many.
  private var nameIndices: [String: Int]? = [:]
  private var indices: [Int32] = []
  private var missing: [String] = []
  private var missingCount = 0
  /// The column of all missing values, while they are in one.
  private var emptyColumn: Int?

  init(
    _ file: String, _ dialect: CSVDialect, _ label: CSVTable.LabelColumn
  ) throws(Problem) {
    self.file = file
    let columnNames = dialect.columnNames
    self.columnNames = columnNames
    endsWithSeparator = dialect.endsWithSeparator
    let column: Int? =
      switch label {
      case .none: nil
      case .automatic: Self.namedLabel(columnNames) ?? columnNames.count - 1
      case .last: columnNames.count - 1
      case .number(let number): number - 1
      case .named(let name): columnNames.firstIndex(of: name) ?? -1
      }
    if let column, !columnNames.indices.contains(column) {
      throw Problem(
        .notFound, subject: file, location: "label column",
        problem: "there is no such column among the \(columnNames.count): "
          + columnNames.prefix(20).joined(separator: ", "),
        remedy: "name one of these, or give its number from 1 to \(columnNames.count)")
    }
    labelColumn = column
    guard columnNames.count > (column == nil ? 0 : 1) else {
      throw Problem(
        .wrongFormat, subject: file, location: "row 1",
        problem: "there is one column only, and an example needs a feature and a label",
        remedy: "separate the columns by commas, semicolons, tabs, bars or spaces")
    }
  }

  /// The only column with a name that labels go by. `y` is not among them: it may be a coordinate.
  private static func namedLabel(_ names: [String]) -> Int? {
    let words: Set<String> = ["label", "labels", "class", "target", "targets"]
    let columns = names.indices.filter { words.contains(names[$0].lowercased()) }
    return columns.count == 1 ? columns[0] : nil
  }

  // MARK: Rows

  mutating func append(_ record: borrowing CSVRecordReader) throws(Problem) {
    let fieldCount = columnNames.count + (endsWithSeparator ? 1 : 0)
    guard record.fieldCount == fieldCount else {
      throw Problem(
        .inconsistent, subject: file, location: "row \(record.line)",
        problem: "the row has \(record.fieldCount) columns, and the first has \(fieldCount)",
        remedy: "add or remove a field in that line, or put quotes around text with separators")
    }
    if endsWithSeparator, !record.field(fieldCount - 1).isEmpty {
      throw Problem(
        .inconsistent, subject: file, location: "row \(record.line), column \(fieldCount)",
        problem:
          "\(quoted(record.field(fieldCount - 1))) stands in a column without a name, which is "
          + "empty in the rows before",
        remedy: "give the column a name in the header, or remove it")
    }
    for column in columnNames.indices {
      let (start, end) = (record.start(of: column), record.ends[column])
      let value = DecimalNumber.value(record.text, start, end)
      if column == labelColumn {
        try appendLabel(record.text[start..<end], value, record.line)
      } else if let value, value.isFinite {
        features.append(value)
      } else {
        try reject(record.text[start..<end], value, row: record.line, column)
        features.append(0)
      }
    }
    rowCount += 1
  }

  private mutating func appendLabel(
    _ field: ArraySlice<UInt8>, _ value: Double?, _ row: Int
  ) throws(Problem) {
    if let value, value.isInfinite { throw notFinite(field, row, labelColumn ?? 0) }
    if value == nil, CSVTable.isMissing(field) {
      noteMissing(row, labelColumn ?? 0)
      return
    }
    if let value { numbers?.append(value) } else { numbers = nil }
    if var known = nameIndices {
      nameIndices = nil
      let name = String(decoding: field, as: UTF8.self)
      let index = known[name] ?? known.count
      if index == known.count { known[name] = index }
      if known.count <= Self.classLimit {
        indices.append(Int32(index))
        nameIndices = known
      }
    }
    if numbers == nil, nameIndices == nil {
      throw Problem(
        .outOfRange, subject: file, location: position(row, labelColumn ?? 0),
        problem:
          "\(quoted(field)) is no number, and there are more than \(Self.classLimit) class names",
        remedy: "name the column that holds the labels")
    }
  }

  /// Notes a missing value, and throws for what is there and cannot be used.
  private mutating func reject(
    _ field: ArraySlice<UInt8>, _ value: Double?, row: Int, _ column: Int
  ) throws(Problem) {
    if value != nil { throw notFinite(field, row, column) }
    if CSVTable.isMissing(field) {
      noteMissing(row, column)
      return
    }
    let text = String(decoding: field, as: UTF8.self)
    let unsigned = text.lowercased().drop { $0 == "-" || $0 == "+" }
    if unsigned == "inf" || unsigned == "infinity" { throw notFinite(field, row, column) }
    let isDecimalComma =
      text.count { $0 == "," } == 1 && Double(text.replacing(",", with: ".")) != nil
    throw Problem(
      .wrongFormat, subject: file, location: position(row, column),
      problem: "\(quoted(field)) is not a number",
      remedy: isDecimalComma
        ? "write decimal points instead of decimal commas"
        : "replace text by numbers, or name this column as the one of the labels")
  }

  private mutating func noteMissing(_ row: Int, _ column: Int) {
    emptyColumn = missingCount == 0 || emptyColumn == column ? column : nil
    missingCount += 1
    if missing.count < Self.listedCount { missing.append(position(row, column)) }
  }

  private func notFinite(_ field: ArraySlice<UInt8>, _ row: Int, _ column: Int) -> Problem {
    Problem(
      .outOfRange, subject: file, location: position(row, column),
      problem: "\(quoted(field)) is not finite",
      remedy: "remove the row or replace the value by a finite one")
  }

  /// Row and column in words, with the column's name where it has one.
  private func position(_ row: Int, _ column: Int) -> String {
    let (number, name) = ("column \(column + 1)", columnNames[column])
    return "row \(row), \(number)" + (name.isEmpty || name == number ? "" : " (\(name))")
  }

  private func quoted(_ field: ArraySlice<UInt8>) -> String {
    "\"\(String(decoding: field.prefix(40), as: UTF8.self))\""
  }

  // MARK: The end

  /// Checks what only the whole file tells.
  mutating func finish() throws(Problem) {
    if missingCount == rowCount, rowCount > 1, let column = emptyColumn {
      throw Problem(
        .outOfRange, subject: file, location: "column \(column + 1)",
        problem: "it has no value in any of the \(rowCount) rows",
        remedy: "remove the column, or the separators at the ends of the lines")
    }
    guard missingCount == 0 else {
      let rest = missingCount - missing.count
      throw Problem(
        .outOfRange, subject: file, location: missing[0],
        problem: missingCount == 1
          ? "the value is missing"
          : "\(missingCount) values are missing: \(missing.joined(separator: "; "))"
            + (rest > 0 ? "; and \(rest) more" : ""),
        remedy: "remove these rows, or fill the values in (a column's mean or median is usual)")
    }
    guard rowCount > 0 else {
      throw Problem(
        .wrongFormat, subject: file, location: "row 2",
        problem: "there is a header and no other row",
        remedy: "add one line per example")
    }
  }

  /// The label column, when all rows are in.
  var labels: CSVTable.Labels? {
    guard labelColumn != nil else { return nil }
    if let numbers { return .numbers(numbers) }
    let names = (nameIndices ?? [:]).sorted {
      $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
    }
    var ranks = [Int](repeating: 0, count: names.count)
    for (rank, entry) in names.enumerated() { ranks[entry.value] = rank }
    return .classes(indices: indices.map { ranks[Int($0)] }, names: names.map(\.key))
  }

  /// Whether the first feature counts the rows from 0 or 1.
  var startsWithIndex: Bool {
    let width = features.count / rowCount
    guard features[0] == 0 || features[0] == 1 else { return false }
    return (0..<rowCount).allSatisfy { features[$0 * width] == features[0] + Double($0) }
  }

  /// Leaves the first feature out of every row.
  mutating func removeFirstFeature() {
    let width = features.count / rowCount
    features = features.indices.filter { $0 % width > 0 }.map { features[$0] }
  }
}
