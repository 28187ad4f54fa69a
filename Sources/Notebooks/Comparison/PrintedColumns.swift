/// The columns of a table in what a program prints: headers with a line of dashes under them, one run of dashes per column.
struct PrintedColumns {
  /// The positions of the columns' characters.
  let ranges: [Range<Int>]

  /// The columns that a line under headers shows; `nil` for any other line.
  init?(rule line: [Character]) {
    guard Self.isRule(line) else { return nil }
    ranges = line.indices.split { line[$0] == " " }.map { $0.startIndex..<$0.endIndex }
  }

  static func isRule(_ line: [Character]) -> Bool {
    line.contains("─") && line.allSatisfy { $0 == "─" || $0 == " " }
  }

  /// The content of a line in a column, with single blanks.
  func cell(_ line: [Character], _ column: Int) -> String {
    let range = ranges[column]
    let text = line[min(range.lowerBound, line.count)..<min(range.upperBound, line.count)]
    return String(text).split(separator: " ").joined(separator: " ")
  }

  /// The cells of a line.
  func cells(_ line: [Character]) -> [String] { ranges.indices.map { cell(line, $0) } }

  /// Whether a line keeps the gaps between the columns free.
  func isRow(_ line: [Character]) -> Bool {
    guard let last = ranges.last, !line.isEmpty, line.count <= last.upperBound else { return false }
    return zip(ranges, ranges.dropFirst()).allSatisfy { left, right in
      (left.upperBound..<right.lowerBound).allSatisfy { $0 >= line.count || line[$0] == " " }
    }
  }
}
