/// What a command prints, reduced to what stays the same when its numbers change: the headers and row labels of
/// tables, and the wording of all other lines.
struct PrintedOutput: Equatable {
  /// A table: headers with a line under them, then rows.
  struct Table: Equatable {
    var headers: [String]
    /// The first cells of the rows, each once. How many rows have one label is not compared.
    var labels: [String] = []
  }

  private(set) var tables: [Table] = []
  private(set) var sentences: [String] = []

  /// Reads a command's output.
  init(_ text: String) {
    /// The columns of the table that is being read.
    var columns: [Range<Int>] = []
    var previous: [Character] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init) {
      if line.contains("─"), line.allSatisfy({ $0 == "─" || $0 == " " }) {
        if columns.isEmpty {
          columns = Self.runs(of: line)
          // The line above was a header, and no sentence.
          sentences.removeLast()
          tables.append(Table(headers: columns.map { Self.cell(previous, $0) }))
        }
      } else if Self.isRow(line, of: columns) {
        let label = Self.cell(line, columns[0])
        if !tables[tables.count - 1].labels.contains(label) {
          tables[tables.count - 1].labels.append(label)
        }
      } else {
        columns = []
        if !line.allSatisfy(\.isWhitespace) { sentences.append(Self.wording(String(line))) }
      }
      previous = line
    }
  }

  /// The places of the dashes in a line under headers.
  private static func runs(of line: [Character]) -> [Range<Int>] {
    line.indices.split { line[$0] == " " }.map { $0.startIndex..<$0.endIndex }
  }

  private static func cell(_ line: [Character], _ column: Range<Int>) -> String {
    let text = String(line[min(column.lowerBound, line.count)..<min(column.upperBound, line.count)])
    return text.split(separator: " ").joined(separator: " ")
  }

  /// Whether a line keeps the gaps between the columns free.
  private static func isRow(_ line: [Character], of columns: [Range<Int>]) -> Bool {
    guard let last = columns.last, !line.isEmpty, line.count <= last.upperBound else {
      return false
    }
    return zip(columns, columns.dropFirst()).allSatisfy { left, right in
      (left.upperBound..<right.lowerBound).allSatisfy { $0 >= line.count || line[$0] == " " }
    }
  }

  /// A sentence with marks for its numbers, and for words that depend on them.
  private static func wording(_ line: String) -> String {
    // A small form of a study need not come to the conclusion of the whole one.
    line.replacing(/^(The claim |These runs ).*/, with: "<conclusion>")
      .replacing(
        /(rises|falls|changes by no amount that these seeds tell from 0) \(/, with: "<change> ("
      )
      .replacing(/is (above|below|not told from) plain/, with: "is <relation> plain")
      .replacing(/[-+]?\d[\d,.]*\d(e[-+]?\d+)?|[-+]?\d(e[-+]?\d+)?/, with: "#")
      .replacing(/[-+]infinite|\bdiverged\b/, with: "#")
      .replacing(/# (ns|µs|ms|s|min|h|d)\b( # (s|min|h)\b)?/, with: "#")
  }

  /// What of a printed output does not agree with a new one, in sentences; none where all does.
  static func differences(printed: String, now: String) -> [String] {
    let (old, new) = (PrintedOutput(printed), PrintedOutput(now))
    var differences: [String] = []
    func compare(_ what: String, _ old: [String], _ new: [String]) {
      if old != new { differences.append("\(what): printed \(old), and now \(new)") }
    }
    if old.tables.count != new.tables.count {
      differences.append("\(old.tables.count) tables are printed, and now \(new.tables.count)")
    }
    for (number, (old, new)) in zip(old.tables, new.tables).enumerated() {
      compare("headers of table \(number + 1)", old.headers, new.headers)
      compare("rows of table \(number + 1)", old.labels, new.labels)
    }
    for place in 0..<max(old.sentences.count, new.sentences.count) {
      func sentence(_ output: PrintedOutput) -> [String] {
        output.sentences.dropFirst(place).prefix(1).map { $0 }
      }
      compare("line of text \(place + 1)", sentence(old), sentence(new))
    }
    return differences
  }
}
