import Console
import Foundation

/// A line of an output as it is compared.
struct ComparedLine {
  /// A part of a line.
  enum Part: Hashable {
    /// Text that is compared as it is.
    case text(String)
    /// A gap, of any width.
    case gap
    /// A number, with the text that writes it.
    case number(String, Double)
    /// A line across a table, of any width.
    case rule
    /// A part that agrees with anything.
    case varying
  }

  let parts: [Part]

  private init(parts: [Part]) { self.parts = parts }

  /// The lines of an output; their columns are found by the lines under headers.
  static func lines(of lines: [String], _ options: BlockOptions) -> [ComparedLine] {
    if options.isExact { return lines.map { ComparedLine(parts: [.text($0)]) } }
    let characters = lines.map { Array($0) }
    var columns: PrintedColumns?
    var varying: [Int] = []
    return lines.indices.map { index in
      let line = characters[index]
      if let rule = PrintedColumns(rule: line) {
        if columns == nil {
          columns = rule
          varying = columnsThatVary(rule, above: index, characters, options)
        }
        return ComparedLine(parts: [.rule])
      }
      if let columns, columns.isRow(line) {
        return ComparedLine(parts: cells(of: line, columns, varying))
      }
      columns = nil
      return ComparedLine(parts: sentence(lines[index], options))
    }
  }

  /// The columns whose headers, which may take several lines, are among the varying parts.
  private static func columnsThatVary(
    _ columns: PrintedColumns, above index: Int, _ lines: [[Character]], _ options: BlockOptions
  ) -> [Int] {
    var first = index
    while first > 0, columns.isRow(lines[first - 1]) { first -= 1 }
    return columns.ranges.indices.filter { column in
      let words = (first..<index).map { columns.cell(lines[$0], column) }.filter { !$0.isEmpty }
      return options.varies.contains(words.joined(separator: " "))
        || words.last.map(options.varies.contains) ?? false
    }
  }

  /// A row, column by column.
  private static func cells(
    of line: [Character], _ columns: PrintedColumns, _ varying: [Int]
  ) -> [Part] {
    columns.ranges.indices.flatMap { column -> [Part] in
      varying.contains(column)
        ? [.varying, .gap] : parts(of: columns.cell(line, column)) + [.gap]
    }
  }

  private static func sentence(_ line: String, _ options: BlockOptions) -> [Part] {
    if let beginning = options.varies.first(where: line.hasPrefix) {
      return [.text(beginning), .varying]
    }
    var end = line[...]
    while end.last?.isWhitespace == true { end.removeLast() }
    return parts(of: String(end))
  }

  /// A number: without a letter, digit or underscore directly before or after it, so that numbers in names are text.
  private static var number: Regex<Substring> {
    /[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|NaN|inf(?:inity)?|Infinity)/
  }

  private static func parts(of line: String) -> [Part] {
    let number = Self.number
    var parts: [Part] = []
    var rest = line[...]
    var text = ""
    func isOfName(_ character: Character?) -> Bool {
      character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
    func flush() {
      if !text.isEmpty { parts.append(.text(text)) }
      text = ""
    }
    var before: Character?
    while let first = rest.first {
      if first == " " || first == "\t" {
        flush()
        parts.append(.gap)
        rest = rest.drop { $0 == " " || $0 == "\t" }
        before = " "
        continue
      }
      if !isOfName(before), let match = rest.prefixMatch(of: number),
        !isOfName(rest[match.range.upperBound...].first), let value = value(String(match.0))
      {
        // A sign after something other than a gap or a bracket is an operator or a dash.
        let isSigned = first == "-" || first == "+"
        if !isSigned || before == nil || " ([{,;:=".contains(before ?? " ") {
          flush()
          parts.append(.number(String(match.0), value))
          before = match.0.last
          rest = rest[match.range.upperBound...]
          continue
        }
      }
      text.append(first)
      before = first
      rest = rest.dropFirst()
    }
    flush()
    return parts
  }

  private static func value(_ text: String) -> Double? { Double(text.replacing(",", with: "")) }

  /// Whether two lines agree.
  func agrees(with other: ComparedLine, _ options: BlockOptions) -> Bool {
    parts.count == other.parts.count
      && zip(parts, other.parts).allSatisfy { Self.agree($0, $1, options) }
  }

  private static func agree(_ a: Part, _ b: Part, _ options: BlockOptions) -> Bool {
    switch (a, b) {
    case (.varying, _), (_, .varying): true
    case (.number(_, let a), .number(_, let b)): isNear(a, b, options)
    default: a == b
    }
  }

  static func isNear(_ a: Double, _ b: Double, _ options: BlockOptions) -> Bool {
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    if a == b { return true }
    guard a.isFinite, b.isFinite else { return false }
    return abs(a - b) <= max(options.absolute, options.tolerance * max(abs(a), abs(b)))
  }

  /// Which numbers of two lines are too far apart, in words; empty if something else differs.
  func distance(from other: ComparedLine, _ options: BlockOptions) -> String {
    guard parts.count == other.parts.count else { return "" }
    var words: [String] = []
    for (a, b) in zip(parts, other.parts) where !Self.agree(a, b, options) {
      guard case .number(let old, let x) = a, case .number(let new, let y) = b else { return "" }
      let size = max(abs(x), abs(y))
      let share = size.isFinite ? NumberFormat.significant(abs(x - y) / size, digits: 2) : "nan"
      words.append("\(old) and \(new): off by \(share) relative to the larger")
    }
    return words.joined(separator: "; ")
  }
}
