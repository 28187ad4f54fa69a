/// A table of text for the terminal.
///
/// ```swift
/// var table = Table("depth", "loss", "error", title: "Plain network")
/// table.add("2", "0.0703", "2.0%")
/// print(table.text(), terminator: "")
/// ```
public struct Table: Sendable, Hashable {
  /// The alignment of a cell in its column.
  public enum Alignment: Sendable, Hashable {
    /// Left for text; right for a column whose cells are all numbers.
    case automatic
    case left, right
  }

  /// A column: its heading and the alignment of its cells.
  public struct Column: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Its heading.
    public var header: String
    public var alignment: Alignment

    /// A column with this heading.
    public init(_ header: String, _ alignment: Alignment = .automatic) {
      self.header = header
      self.alignment = alignment
    }

    /// A column with this heading and automatic alignment.
    public init(stringLiteral value: String) { self.init(value) }
  }

  private enum Row: Sendable, Hashable {
    case cells([String])
    case rule
  }

  /// The columns, from left to right.
  public let columns: [Column]
  /// The title above the table; empty for none.
  public var title: String
  private var rows: [Row] = []

  /// Creates an empty table.
  public init(_ columns: Column..., title: String = "") { self.init(columns, title: title) }

  /// Creates an empty table.
  public init(_ columns: [Column], title: String = "") {
    self.columns = columns
    self.title = title
  }

  /// Adds a row.
  ///
  /// - Precondition: there is one cell for each column.
  public mutating func add(_ cells: String...) { add(cells) }

  /// Adds a row.
  ///
  /// - Precondition: there is one cell for each column.
  public mutating func add(_ cells: [String]) {
    guard cells.count == columns.count else {
      fatalError("a row of \(cells.count) cells for a table of \(columns.count) columns: \(cells)")
    }
    rows.append(.cells(cells.map(Self.flat)))
  }

  /// Adds a rule across the table, such as before a sum.
  public mutating func addRule() { rows.append(.rule) }

  /// The table with aligned columns, two blanks between them and a line under the headers; every
  /// line ends with a newline and none with a blank.
  ///
  /// - Parameter limit: The maximum width; wider cells are wrapped at spaces, and a single word that is too wide is left as it is.
  package func text(columns limit: Int) -> String {
    let headers = columns.map { Self.flat($0.header) }
    let isRight = columns.indices.map(isRightAligned)
    let widths = widths(headers, isRight, limit)
    func line(_ cells: [String]) -> String {
      let parts = cells.indices.map { Self.wrapped(cells[$0], widths[$0]) }
      return (0..<(parts.map(\.count).max() ?? 0)).map { row in
        flatLine(parts.map { row < $0.count ? $0[row] : "" })
      }.joined()
    }
    func flatLine(_ cells: [String]) -> String {
      let padded = cells.indices.map { index in
        let blank = String(repeating: " ", count: widths[index] - DisplayWidth.of(cells[index]))
        return isRight[index] ? blank + cells[index] : cells[index] + blank
      }
      var text = padded.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text + "\n"
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
    var text = title.isEmpty ? "" : title + "\n"
    text += line(headers) + rule
    for row in rows {
      switch row {
      case .cells(let cells): text += line(cells)
      case .rule: text += rule
      }
    }
    return text
  }

  /// The widths of the columns: those of the widest cells, smaller if the table would be too wide, but never narrower than a word.
  private func widths(_ headers: [String], _ isRight: [Bool], _ limit: Int) -> [Int] {
    let rows = [headers] + cells
    var widths = columns.indices.map { index in
      rows.map { DisplayWidth.of($0[index]) }.max() ?? 0
    }
    var surplus = widths.reduce(0, +) + 2 * (widths.count - 1) - limit
    guard surplus > 0 else { return widths }
    let least = columns.indices.map { index in
      rows.map { row in
        row[index].split(separator: " ").map { DisplayWidth.of(String($0)) }.max() ?? 0
      }.max() ?? 0
    }
    while surplus > 0 {
      // Sentences shrink before numbers, the widest first.
      let shrinkable = widths.indices.filter { widths[$0] > least[$0] }
      guard
        let widest = shrinkable.max(by: {
          (isRight[$0] ? 0 : 1, widths[$0]) < (isRight[$1] ? 0 : 1, widths[$1])
        })
      else { break }
      widths[widest] -= 1
      surplus -= 1
    }
    return widths
  }

  /// A cell in lines of this many columns, broken between words.
  private static func wrapped(_ cell: String, _ width: Int) -> [String] {
    guard DisplayWidth.of(cell) > width else { return [cell] }
    var lines: [String] = []
    var line = ""
    for word in cell.split(separator: " ").map(String.init) {
      if line.isEmpty {
        line = word
      } else if DisplayWidth.of(line) + 1 + DisplayWidth.of(word) <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = word
      }
    }
    return lines + [line]
  }

  private var cells: [[String]] {
    rows.compactMap { if case .cells(let cells) = $0 { cells } else { nil } }
  }

  private func isRightAligned(_ index: Int) -> Bool {
    switch columns[index].alignment {
    case .left: return false
    case .right: return true
    case .automatic:
      let filled = cells.map { $0[index] }.filter { !["", "-", "–", "—"].contains($0) }
      return !filled.isEmpty && filled.allSatisfy(Self.isNumber)
    }
  }

  /// Whether a cell reads as a number, with or without a unit: 12, -3.5e-4, 2.0%, 10,000, 1 min 2 s.
  private static func isNumber(_ cell: String) -> Bool {
    if ["nan", "inf", "-inf"].contains(cell) { return true }
    let signs = cell.drop { "+-−±<>≤≥≈~ ".contains($0) }
    guard let first = signs.first else { return false }
    return first.isASCII && (first.isNumber || (first == "." && signs.count > 1))
  }

  /// Whether a character would move the cursor.
  private static func isControl(_ character: Character) -> Bool {
    character.isNewline || character.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
  }

  /// A cell in one line.
  private static func flat(_ cell: String) -> String {
    cell.contains(where: isControl)
      ? String(cell.map { isControl($0) ? " " : $0 }) : cell
  }
}
