import Findings

/// A table as in a file: columns of cells, each a plain number or text, not yet interpreted.
public struct DataTable: Sendable {
  /// A column: one Double per row if the cell is a plain number, else a mark that refers to its text.
  ///
  /// Equal texts are stored once, so that a column of a few names in millions of rows takes no more memory than numbers.
  public struct Column: Sendable {
    /// The name in the header; without one `column 1`, `column 2` and so on.
    public var name: String
    /// The cells: a number, or a NaN that ``textIndex(of:)`` reads.
    private(set) var cells: [Double] = []
    /// The different texts, in the order of their first cells.
    private(set) var texts: [String] = []
    /// How many cells are written with a point, and with a point and three digits after it: `1.234` may be a thousand.
    private(set) var pointCount = 0, threeDigitCount = 0
    /// How many of the latter end in two zeros, as thousands often do, and how many cells with a point are below 1, which thousands
    /// never are.
    private(set) var roundThousandCount = 0, belowOneCount = 0
    /// The rows of numbers that do not tell by their digits whether three follow the point: 20.500 and 1.2340.
    private var untoldRows: Set<Int> = []
    /// How many whole numbers are written with a leading zero, and the least and most characters of a whole number.
    private(set) var paddedCount = 0
    private var widths = (least: Int.max, most: 0)
    private var indices: [String: Int] = [:]
    private var last: (text: String, index: Int)?

    /// A column without cells.
    init(name: String) { self.name = name }

    /// The bits of a NaN that marks a text, whose lower bits are its index.
    private static let mark: UInt64 = 0x7FF8_0000_0000_0000
    private static let indexBits: UInt64 = 0x0007_FFFF_FFFF_FFFF

    /// The index among ``texts`` of a cell that is a text; nil for a number.
    @inline(__always)
    static func textIndex(of cell: Double) -> Int? {
      cell.isNaN ? Int(cell.bitPattern & indexBits) : nil
    }

    mutating func append(number: Double) { cells.append(number) }

    /// Whether the numbers are codes, such as 01067 and 80331: all of the same length, some with a leading zero.
    var holdsPaddedCodes: Bool {
      paddedCount > 0 && pointCount == 0 && widths.least == widths.most
    }

    /// Appends a plain number as it is written.
    ///
    /// - Parameters:
    ///   - width: How many characters it has.
    ///   - isPadded: Whether it has a leading zero.
    mutating func append(
      number: Double, width: Int, isPadded: Bool, digitsBehindPoint: Int?,
      text: @autoclosure () -> String
    ) {
      if isPadded { paddedCount += 1 }
      widths = (min(widths.least, width), max(widths.most, width))
      append(number: number, digitsBehindPoint: digitsBehindPoint, text: text())
    }

    /// Appends a plain number with the number of digits after its point; nil if it has no point.
    ///
    /// - Parameter text: The number as it is written. `153.000` is kept as text, since it may be 153 or 153 thousand.
    mutating func append(
      number: Double, digitsBehindPoint: Int?, text: @autoclosure () -> String
    ) {
      guard let digitsBehindPoint else { return cells.append(number) }
      pointCount += 1
      if abs(number) < 1 { belowOneCount += 1 }
      if Self.hasThousandths(number) != (digitsBehindPoint == 3) { untoldRows.insert(cells.count) }
      guard digitsBehindPoint == 3 else { return cells.append(number) }
      threeDigitCount += 1
      if (number * 10).rounded() == number * 10 { roundThousandCount += 1 }
      if number == number.rounded(), abs(number) >= 1 {
        append(text: text())
      } else {
        cells.append(number)
      }
    }

    /// Whether three digits after the point are needed for a number.
    private static func hasThousandths(_ number: Double) -> Bool {
      let (hundredths, thousandths) = (number * 100, number * 1000)
      return abs(hundredths - hundredths.rounded()) > 1e-3
        && abs(thousandths - thousandths.rounded()) < 1e-3
    }

    /// Whether the point of a plain number may separate thousands: it is before three digits and after one to three, not only a zero.
    func mayBeThousands(at row: Int) -> Bool {
      let number = cells[row]
      guard threeDigitCount > 0, (1..<1000).contains(abs(number)), number != number.rounded() else {
        return false
      }
      return Self.hasThousandths(number) != untoldRows.contains(row)
    }

    mutating func append(text: String) {
      let index: Int
      if let last, last.text == text {
        index = last.index
      } else if let known = indices[text] {
        index = known
      } else {
        index = texts.count
        texts.append(text)
        indices[text] = index
      }
      last = (text, index)
      cells.append(Double(bitPattern: Self.mark | UInt64(index)))
    }

    /// The column with only these rows.
    func taking(_ rows: [Int]) -> Column {
      var column = Column(name: name)
      for row in rows {
        if let index = Self.textIndex(of: cells[row]) {
          column.append(text: texts[index])
        } else {
          column.append(number: cells[row])
        }
      }
      column.takeMarks(of: self)
      if !untoldRows.isEmpty {
        column.untoldRows = Set(rows.indices.filter { untoldRows.contains(rows[$0]) })
      }
      return column
    }

    /// Takes over the counts of cells with points from another column with the same cells.
    mutating func takeMarks(of other: Column) {
      (pointCount, threeDigitCount) = (other.pointCount, other.threeDigitCount)
      (roundThousandCount, belowOneCount) = (other.roundThousandCount, other.belowOneCount)
      (paddedCount, widths) = (other.paddedCount, other.widths)
      untoldRows = other.untoldRows
    }

    /// A cell as in the file, as far as a number can reproduce it.
    func text(at row: Int) -> String {
      Self.textIndex(of: cells[row]).map { texts[$0] } ?? NumericArray.text(cells[row])
    }
  }

  /// The path of the file.
  public let file: String
  /// The columns, all with ``rowCount`` cells.
  public internal(set) var columns: [Column]
  /// The line of the file, counted from 1, in which each row starts; empty for formats without lines.
  var lines: [Int32] = []
  /// Whether the column names come from the file.
  public internal(set) var hasHeader: Bool
  /// The byte that separates columns; nil for formats without one.
  public var separator: UInt8?
  /// Whether decimal commas are to be expected, as in a table separated by semicolons.
  var expectsDecimalCommas = false
  /// Whether each row names its own columns, so that those of which no row has a value are not in the table.
  var namesColumnsInRows = false
  /// What was skipped or assumed, one sentence each.
  var notes: [String] = []
  /// The column of the classes, if the format says so; nil if not.
  var labelColumn: Int?

  /// The number of rows, without the header.
  public var rowCount: Int { columns.first?.cells.count ?? 0 }

  /// An empty table with these columns.
  init(file: String, columnNames: [String], hasHeader: Bool) {
    self.file = file
    columns = columnNames.map { Column(name: $0) }
    self.hasHeader = hasHeader
  }

  /// Appends a row of cells as text, where plain numbers become numbers; missing ones at the end are
  /// empty.
  mutating func append(_ cells: [String], line: Int? = nil) {
    for index in columns.indices {
      let text = index < cells.count ? cells[index] : ""
      let bytes = Array(text.utf8)
      if let value = DecimalNumber.value(bytes, 0, bytes.count), value.isFinite {
        columns[index].append(
          number: value, width: bytes.count,
          isPadded: DecimalNumber.isPadded(bytes, 0, bytes.count),
          digitsBehindPoint: nil, text: text)
      } else {
        columns[index].append(text: text)
      }
    }
    if let line { lines.append(Int32(clamping: line)) }
  }

  /// The table with a unique name for each column: among equal names, the later ones get a number.
  var withDistinctNames: DataTable {
    var table = self
    var seen: Set<String> = []
    for index in columns.indices where !seen.insert(columns[index].name).inserted {
      let name = columns[index].name
      var number = 2
      var own = name.isEmpty ? "column \(index + 1)" : "\(name) (2)"
      while !seen.insert(own).inserted {
        number += 1
        own = "\(name) (\(number))"
      }
      table.columns[index].name = own
    }
    return table
  }

  /// The table with a mark for a missing value in the cells of a column that are this text.
  mutating func markMissing(_ text: String, in index: Int) -> Int {
    let number = Double(text)
    var column = Column(name: columns[index].name)
    var count = 0
    for (row, cell) in columns[index].cells.enumerated() {
      let isText = Column.textIndex(of: cell) != nil
      if isText ? columns[index].text(at: row) == text : cell == number {
        column.append(text: "")
        count += 1
      } else if isText {
        column.append(text: columns[index].text(at: row))
      } else {
        column.append(number: cell)
      }
    }
    column.takeMarks(of: columns[index])
    columns[index] = column
    return count
  }

  /// Row and column in words: `row 5, column 2 (width)`.
  func location(row: Int, column: Int) -> String {
    let number = lines.indices.contains(row) ? Int(lines[row]) : row + 1
    let (position, name) = ("column \(column + 1)", columns[column].name)
    return "row \(number), \(position)" + (name.isEmpty || name == position ? "" : " (\(name))")
  }
}
