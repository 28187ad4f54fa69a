import Console
import Findings

/// The preprocessing of a table, fitted on its training rows: stored with a trained network, so that
/// new tables are prepared the same way.
public struct TablePreparation: Sendable, Equatable, Codable {
  /// How a column is used.
  public enum Use: String, Sendable, Hashable, Codable {
    /// One feature, as it is or scaled.
    case number
    /// 0 or 1.
    case boolean
    /// A feature of 0 or 1 for each name; one feature if there are two names.
    case category
    /// A number for each part of a date.
    case date
    /// The classes or values to be learned.
    case label
    /// Nothing.
    case dropped
  }

  /// A column and how it is used.
  public struct Column: Sendable, Equatable, Codable {
    /// The name in the header.
    public let name: String
    /// The index in the training table.
    public let index: Int
    /// How it is used.
    public var use: Use
    /// The content of its cells, in words.
    public let kind: String
    /// Why it is dropped or chosen; nil if that is obvious.
    public var reason: String?
    /// The names in a category, in the order of their features.
    public var names: [String]?
    /// What replaces missing values: a number, or the index of a name.
    public var fill: Double?
    /// The smallest and the largest number in the training rows; nil for a column without numbers.
    var range: [Double]?
    /// Whether an additional feature marks missing values.
    public var hasIndicator = false
    /// The number of missing values.
    public var missingCount = 0
    /// The number of different names, where it is above the one-hot limit, so that the column is dropped; not kept with the parameters.
    var namesAboveLimit: Int?
    /// The class of a row without a value, if the column is the label and its only value is yes; not kept with the parameters.
    var blankMeaning: String?
    var numberStyle: NumberStyle?
    var dateStyle: DateStyle?
    var parts: [DateStyle.Part]?
    /// What replaces the parts of missing dates; nil where zeros do.
    var partFills: [Double]?

    private enum CodingKeys: String, CodingKey {
      case name, index, use, kind, reason, names, fill, range, parts
      case hasIndicator = "has_indicator"
      case missingCount = "missing_count"
      case numberStyle = "number_style"
      case dateStyle = "date_style"
      case partFills = "part_fills"
    }
  }

  /// The columns, in the order of the table.
  public internal(set) var columns: [Column]
  /// Whether the table had column names, by which the columns of another table are found; otherwise their order decides.
  public let hasHeader: Bool
  /// How missing values were handled.
  public let missing: TableOptions.Missing

  private enum CodingKeys: String, CodingKey {
    case columns, missing
    case hasHeader = "has_header"
  }

  /// The names of the features.
  public var featureNames: [String] { columns.flatMap(\.featureNames) }
  /// For each feature, the column that it comes from, as accepted by `--drop`.
  public var featureColumns: [String] {
    columns.flatMap { column in
      Array(
        repeating: Self.reference(column.name, column.index), count: column.featureNames.count)
    }
  }
  /// A column as accepted by options: its name, or its number if the name contains a comma; quoted for a shell if needed.
  static func reference(_ name: String, _ index: Int) -> String {
    name.contains { ",=".contains($0) } || name.isEmpty
      ? "\(index + 1)" : name
  }
  /// The option that leaves out a column.
  static func droppingWords(_ column: Column) -> String {
    "\(Setting.drop) \(FilePaths.quoted(reference(column.name, column.index)))"
  }
  /// What became of each column, for an error.
  func outcomes(_ missing: TableOptions.Missing) -> String {
    columns.map { column in
      let name = column.name.isEmpty ? "column \(column.index + 1)" : column.name
      return "\(name) (\(column.outcome(missing)))"
    }.joined(separator: "; ")
  }
  /// The columns of the labels.
  public var labels: [Column] { columns.filter { $0.use == .label } }
}

extension TablePreparation.Column {
  /// The names of the features that the column becomes.
  var featureNames: [String] {
    let own: [String] =
      switch use {
      case .number, .boolean: [name]
      case .category:
        names.map { names in
          (isOneOfTwo ? [names[1]] : names).map { "\(name) = \(NameSpelling.shown($0))" }
        } ?? []
      case .date: (parts ?? []).map { "\(name), \($0.rawValue)" }
      case .label, .dropped: []
      }
    return own + (hasIndicator && !own.isEmpty ? ["\(name) is missing"] : [])
  }

  /// How the column is used, in words.
  ///
  /// - Parameter missing: How missing values are handled.
  public func outcome(_ missing: TableOptions.Missing) -> String {
    let text =
      switch use {
      case .number: numberStyle?.duration == nil ? "number" : "number of seconds"
      case .boolean: "0 or 1"
      case .category:
        if isOneOfTwo, let names {
          "yes or no: 1 for \(NameSpelling.shown(names[1])), 0 for \(NameSpelling.shown(names[0]))"
        } else if let names, names.count == 1 {
          "yes or no: 1 for \(names[0]), 0 without a value"
        } else {
          "\(names?.count ?? 0) classes one-hot" + (reason.map { ", \($0)" } ?? "")
        }
      case .date: (parts ?? []).map(\.rawValue).joined(separator: ", ")
      case .label: "the label" + (reason.map { ", \($0)" } ?? "")
      case .dropped: "dropped: " + (reason ?? "")
      }
    guard missingCount > 0, use != .label, use != .dropped,
      let filling = missing == .drop ? "whose rows are left out" : ownFilling
    else { return text }
    return text + "; \(missingCount) missing, \(filling)"
  }

  /// What its missing values become, in words; nil if there is nothing to say.
  private var ownFilling: String? {
    if hasIndicator { return "filled and flagged by a feature" }
    if use == .category, names?.count == 1 { return nil }
    if use == .category, fill == nil { return "encoded as all zeros" }
    if use == .date { return "filled with \(fillText)" }
    return fill == nil ? nil : "filled with \(fillText)"
  }

  /// Whether a category is a single feature: it has two names, and none was missing in training.
  var isOneOfTwo: Bool { names?.count == 2 && (fill != nil || hasIndicator) }

  /// What a missing value becomes, in words.
  var fillText: String {
    if use == .date {
      guard let parts, let partFills else { return "0 in each feature" }
      return zip(parts, partFills).map { "\($0.rawValue) \(Self.text(of: $1))" }
        .joined(separator: ", ")
    }
    guard let fill else { return "" }
    if use == .category, let names {
      return names.indices.contains(Int(fill)) ? NameSpelling.shown(names[Int(fill)]) : ""
    }
    return Self.text(of: fill)
  }

  static func text(of number: Double) -> String {
    NumericArray.text((number * 1e6).rounded() / 1e6)
  }

  /// The value of each cell of a column: a number, the index of a name, NaN for missing values; one array for each part of
  /// a date.
  func values(of column: DataTable.Column, rows: [Int]) -> [[Double]] {
    switch use {
    case .number:
      let numbers = column.numbers(numberStyle ?? NumberStyle())
      return [rows.map { numbers[$0] }]
    case .boolean:
      let texts = column.texts.map { text in
        CellText.answer(text).map { $0 ? 1.0 : 0 } ?? .nan
      }
      return [
        rows.map { row in
          let cell = column.cells[row]
          return DataTable.Column.textIndex(of: cell).map { texts[$0] } ?? (cell == 0 ? 0 : 1)
        }
      ]
    case .category:
      let indices = Dictionary(
        (names ?? []).enumerated().map { ($1, Double($0)) }, uniquingKeysWith: { first, _ in first }
      )
      let spellings = Dictionary(
        (names ?? []).enumerated().map { (NameSpelling.common($1), Double($0)) },
        uniquingKeysWith: { _, _ in .nan })
      // A single letter keeps its case where both cases are names.
      let letters = Dictionary(
        (names ?? []).enumerated().map { ($1.lowercased(), Double($0)) },
        uniquingKeysWith: { _, _ in .nan })
      let texts = column.texts.map {
        indices[$0] ?? spellings[NameSpelling.common($0)]
          ?? letters[NameSpelling.common($0).lowercased()] ?? .nan
      }
      return [
        rows.map { row in
          let cell = column.cells[row]
          return DataTable.Column.textIndex(of: cell).map { texts[$0] }
            ?? indices[NumericArray.text(cell)] ?? .nan
        }
      ]
    case .date:
      let style = dateStyle ?? DateStyle()
      let moments = column.texts.map { style.moment(of: $0) }
      return (parts ?? []).map { part in
        rows.map { row in
          let cell = column.cells[row]
          let moment =
            DataTable.Column.textIndex(of: cell).map { moments[$0] }
            ?? ColumnAnalysis.compactMoment(of: cell)
          return moment.map { $0[part] } ?? .nan
        }
      }
    case .label, .dropped: return []
    }
  }
}

extension TablePreparation {
  /// The column of a table that corresponds to each feature column of this preparation.
  ///
  /// - Throws: ``/Findings/Problem`` if one is missing.
  func columns(of table: DataTable) throws(Problem) -> [Int] {
    let names = table.withDistinctNames.columns.map(\.name)
    let spellings = Dictionary(grouping: names.indices) { NameSpelling.common(names[$0]) }
    func position(of name: String) -> Int? {
      if let exact = names.firstIndex(of: name) { return exact }
      let similar = spellings[NameSpelling.common(name)] ?? []
      return similar.count == 1 ? similar[0] : nil
    }
    var found: [Int] = []
    for column in columns where column.use != .label && column.use != .dropped {
      if hasHeader, table.hasHeader {
        guard let index = position(of: column.name) else {
          throw Problem(
            .notFound, subject: table.file, location: "header",
            problem:
              "there is no column \(column.name), which the network was trained on; there are "
              + names.prefix(20).joined(separator: ", "),
            remedy: "give a table with the columns of the training data"
              + (columns.contains { position(of: $0.name) != nil }
                ? "" : ", or \(Setting.header) no if its first line is a row"))
        }
        found.append(index)
      } else {
        // In a table without the labels, the columns after them are one column earlier.
        let isWhole = names.count >= columns.count
        let before = isWhole ? 0 : labels.count { $0.index < column.index }
        guard names.indices.contains(column.index - before) else {
          throw Problem(
            .inconsistent, subject: table.file, location: "row 1",
            problem: "there are \(names.count) columns, but the training data had \(columns.count)",
            remedy: "give a table with the columns of the training data, in the same order")
        }
        found.append(column.index - before)
      }
    }
    return found
  }

  /// A table whose rows name their own columns, with a column of gaps for each that is needed and that none of them names.
  func completed(_ table: DataTable) -> DataTable {
    guard hasHeader, table.namesColumnsInRows else { return table }
    let known = Set(table.withDistinctNames.columns.map { NameSpelling.common($0.name) })
    let absent = columns.filter {
      $0.use != .label && $0.use != .dropped && !known.contains(NameSpelling.common($0.name))
    }
    // Without a single one of them it is another table.
    guard columns.contains(where: { known.contains(NameSpelling.common($0.name)) }) else {
      return table
    }
    var table = table
    for column in absent {
      var gaps = DataTable.Column(name: column.name)
      for _ in 0..<table.rowCount { gaps.append(text: "") }
      table.columns.append(gaps)
    }
    return table
  }

  /// The features of these rows, and those among the rows that have all required values.
  ///
  /// - Complexity: O(features), with memory for them and for one column.
  func features(of table: DataTable, rows: [Int]) throws(Problem) -> (
    values: NumericArray, isComplete: [Bool]
  ) {
    let indices = try columns(of: table)
    let width = featureNames.count
    let size = MemoryLayout<Double>.size
    var bytes = [UInt8](repeating: 0, count: rows.count * width * size)
    var isComplete = [Bool](repeating: true, count: rows.count)
    var offset = 0
    for (column, index) in zip(columns.filter { $0.use != .label && $0.use != .dropped }, indices) {
      let own = column.values(of: table.columns[index], rows: rows)
      let count = column.featureNames.count - (column.hasIndicator ? 1 : 0)
      bytes.withUnsafeMutableBytes { raw in
        func store(_ value: Double, _ position: Int) {
          raw.storeBytes(
            of: value.bitPattern.littleEndian, toByteOffset: position * size, as: UInt64.self)
        }
        for row in rows.indices {
          let start = row * width + offset
          for (part, cells) in own.enumerated() {
            var value = cells[row]
            if value.isNaN {
              if missing == .drop { isComplete[row] = false }
              if column.hasIndicator { store(1, start + count) }
              value = (column.use == .date ? column.partFills?[part] : column.fill) ?? .nan
            }
            if column.use == .category, !column.isOneOfTwo {
              if !value.isNaN, value >= 0 { store(1, start + Int(value)) }
            } else {
              store(value.isNaN ? 0 : value, start + part)
            }
          }
        }
      }
      offset += column.featureNames.count
    }
    return (NumericArray(.float64, [rows.count, width], bytes: bytes), isComplete)
  }
}
