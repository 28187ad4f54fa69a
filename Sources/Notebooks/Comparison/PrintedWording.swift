/// What a command prints, reduced to what stays the same when its numbers change: the headers and row labels of
/// tables, and the wording of all other lines.
struct PrintedWording: Equatable {
  /// A table: headers with a line under them, then rows.
  struct Table: Equatable {
    var headers: [String]
    /// The first cells of the rows, each once. How many rows have the same label is not compared.
    var labels: [String] = []
  }

  private(set) var tables: [Table] = []
  private(set) var sentences: [String] = []

  /// Reads a command's output.
  init(_ text: String) {
    /// The columns of the table that is being read.
    var columns: PrintedColumns?
    var previous: [Character] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init) {
      if let rule = PrintedColumns(rule: line) {
        if columns == nil {
          columns = rule
          // The line above was a header, not a sentence.
          if !sentences.isEmpty { sentences.removeLast() }
          tables.append(Table(headers: rule.cells(previous)))
        }
      } else if let columns, columns.isRow(line) {
        let label = columns.cell(line, 0)
        if !tables[tables.count - 1].labels.contains(label) {
          tables[tables.count - 1].labels.append(label)
        }
      } else {
        columns = nil
        if !line.allSatisfy(\.isWhitespace) { sentences.append(Self.wording(String(line))) }
      }
      previous = line
    }
  }

  /// A sentence with marks for its numbers, and for words that depend on them.
  private static func wording(_ line: String) -> String {
    // The short form of a study need not reach the same conclusion as the full one.
    line.replacing(/^(The claim |These runs ).*/, with: "<conclusion>")
      .replacing(
        /(rises|falls|shows no change that these seeds can detect) \(/, with: "<change> ("
      )
      .replacing(/is (above|below|not distinguishable from) plain/, with: "is <relation> plain")
      .replacing(/[-+]?\d[\d,.]*\d(e[-+]?\d+)?|[-+]?\d(e[-+]?\d+)?/, with: "#")
      .replacing(/[-+]infinite|\bdiverged\b/, with: "#")
      .replacing(/# (ns|µs|ms|s|min|h|d)\b( # (s|min|h)\b)?/, with: "#")
  }

  /// The differences between an old output and a new one, in sentences; empty if there are none.
  static func differences(printed: String, now: String) -> [String] {
    let (old, new) = (PrintedWording(printed), PrintedWording(now))
    var differences: [String] = []
    func compare(_ what: String, _ old: [String], _ new: [String]) {
      if old != new { differences.append("\(what): printed \(old), now \(new)") }
    }
    if old.tables.count != new.tables.count {
      differences.append("\(old.tables.count) tables were printed, now \(new.tables.count)")
    }
    for (number, (old, new)) in zip(old.tables, new.tables).enumerated() {
      compare("headers of table \(number + 1)", old.headers, new.headers)
      compare("rows of table \(number + 1)", old.labels, new.labels)
    }
    for index in 0..<max(old.sentences.count, new.sentences.count) {
      func sentence(_ output: PrintedWording) -> [String] {
        output.sentences.dropFirst(index).prefix(1).map { $0 }
      }
      compare("line of text \(index + 1)", sentence(old), sentence(new))
    }
    return differences
  }
}
