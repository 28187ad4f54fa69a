import Findings
import Foundation

/// Tables in JSON: an object for each row, one per line or in a list; or a list or an object for each column.
enum JSONFormat: DataFormat {
  static let name = "JSON"
  static let meaning =
    "an object per row, one per line or in a list; or a list per column"
  static let endings = [".json", ".jsonl"]

  static func recognizes(_ input: DataInput) -> Bool {
    let wide = ByteSource.wideEncoding(of: input.start)
    guard input.content == .text || wide != nil else { return false }
    // An even number of bytes, or the last character would be cut off.
    let start = wide.flatMap {
      String(bytes: input.start.prefix(input.start.count & ~3), encoding: $0)
    }
    let text = (start ?? CellText.string(input.start[...])).drop {
      $0.isWhitespace || $0 == "\u{FEFF}"
    }
    guard text.first == "{" || text.first == "[" else { return false }
    let next = text.dropFirst().first { !$0.isWhitespace }
    return text.first == "{" ? next == "\"" : next == "{" || next == "["
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let bytes = Array(try input.source.wholeText().utf8)
    var position = 0
    var values: [JSONValue] = []
    JSONValue.skipSpaces(bytes, &position)
    while position < bytes.count {
      guard let value = JSONValue.read(bytes, &position) else {
        throw fault(in: bytes, at: position, of: input.path)
      }
      values.append(value)
      JSONValue.skipSpaces(bytes, &position)
      if position < bytes.count, bytes[position] == UInt8(ascii: ",") { position += 1 }
      JSONValue.skipSpaces(bytes, &position)
    }
    guard let table = table(values, input.path, options.expectedNames), table.rowCount > 0 else {
      throw Problem(
        .wrongFormat, subject: input.path, location: "row 1",
        problem: "this JSON holds no rows: neither objects of one kind nor lists of equal length",
        remedy:
          "write one object per row, as DataFrame.to_json(file, orient=\"records\", lines=True) does, "
          + "or give CSV or NPZ")
    }
    return DataContent(meaning: .table(table))
  }

  /// What is wrong with a text that cannot be read beyond this position.
  private static func fault(in bytes: [UInt8], at position: Int, of file: String) -> Problem {
    let rest = bytes[min(position, bytes.count)...]
    let line = bytes[..<rest.startIndex].count { $0 == 0x0A } + 1
    // If only a word such as "fal" is left, the end of the file has cut it off.
    if rest.allSatisfy(JSONValue.isWord) {
      return Problem(
        .wrongFormat, subject: file, location: "line \(line)",
        problem: "it ends in the middle of a value",
        remedy: "the file is cut off: download or save it again")
    }
    let before = bytes[..<rest.startIndex]
    let column = before.count - ((before.lastIndex(of: 0x0A) ?? -1) + 1) + 1
    if let next = rest.first, let end = [0x5D: "]", 0x7D: "}"][next],
      before.last(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: ",")
    {
      return Problem(
        .wrongFormat, subject: file, location: "line \(line), column \(column)",
        problem: "there is a comma before \(end), which JSON does not allow",
        remedy: "remove that comma")
    }
    return Problem(
      .wrongFormat, subject: file, location: "line \(line), column \(column)",
      problem: "this is not valid JSON",
      remedy:
        "write one object per row, as DataFrame.to_json(file, orient=\"records\", lines=True) does, "
        + "or give CSV or NPZ")
  }

  /// - Parameter expected: The names of the columns that the table is expected to have: an object with most of them is a row.
  private static func table(
    _ values: [JSONValue], _ file: String, _ expected: [String]
  ) -> DataTable? {
    if values.count == 1 {
      if !expected.isEmpty, case .object = values[0], let row = table(rows: values, file),
        2 * row.columns.count(where: { expected.contains($0.name) }) > row.columns.count
      {
        return row
      }
      switch values[0] {
      case .list(let rows): return self.table(rows: rows, file)
      case .object(let members):
        return self.table(rowsByName: members, file) ?? self.table(columns: members, file)
          ?? self.table(wrapped: members, file)
      default: return nil
      }
    }
    if let rows = consecutive(values) {
      var table = table(rows: rows, file)
      table?.notes.append("the rows of \(values.count) lists are read one list after the other")
      return table
    }
    return table(rows: values, file)
  }

  /// The rows of several lists of rows, as in files that were joined; nil if each value is a row.
  private static func consecutive(_ values: [JSONValue]) -> [JSONValue]? {
    var rows: [JSONValue] = []
    for value in values {
      // Lists in a row, such as the lines of a picture, are fewer than the rows.
      guard case .list(let own) = value, own.count > values.count || isObject(own.first) else {
        return nil
      }
      rows += own
    }
    if rows.allSatisfy(isObject) { return rows }
    let widths = Set(rows.map { if case .list(let cells) = $0 { cells.count } else { 0 } })
    return widths.count == 1 && widths != [0] ? rows : nil
  }

  private static func isObject(_ value: JSONValue?) -> Bool {
    if case .object = value { true } else { false }
  }

  /// A row for each value: an object, or a list.
  private static func table(rows: [JSONValue], _ file: String) -> DataTable? {
    var order = ColumnOrder()
    var flat: [[(name: String, cell: String)]] = []
    var areLists = false
    for row in rows {
      var cells: [(name: String, cell: String)] = []
      switch row {
      case .object(let members):
        for (name, value) in members { flatten(value, name, into: &cells) }
      case .list(let values):
        areLists = true
        for (index, value) in values.enumerated() {
          flatten(value, "column \(index + 1)", into: &cells)
        }
      default: return nil
      }
      order.add(cells.map(\.name))
      flat.append(cells)
    }
    let names = order.names
    let indices = Dictionary(uniqueKeysWithValues: zip(names, 0...))
    // Every column has a cell in every row, so that many rows of different columns must not fill memory.
    guard names.count <= 100_000, names.count * flat.count <= 1 << 27 else { return nil }
    var table = DataTable(file: file, columnNames: names, hasHeader: !areLists)
    table.namesColumnsInRows = !areLists
    for cells in flat {
      var row = [String](repeating: "", count: names.count)
      for (name, cell) in cells { if let index = indices[name] { row[index] = cell } }
      table.append(row)
    }
    return table
  }

  /// An object for each row under its number or name, as DataFrame.to_json(orient="index") writes them.
  private static func table(
    rowsByName members: [(name: String, value: JSONValue)], _ file: String
  ) -> DataTable? {
    guard members.count > 1, members.allSatisfy({ Int($0.name) != nil }),
      members.allSatisfy({ member in
        guard case .object(let cells) = member.value else { return false }
        return cells.contains { Int($0.name) == nil }
      })
    else { return nil }
    return table(rows: members.map(\.value), file)
  }

  /// The only list of objects in an object that has other members as well: a server's response, a collection of map features.
  private static func table(
    wrapped members: [(name: String, value: JSONValue)], _ file: String
  ) -> DataTable? {
    let lists = members.compactMap { member -> (name: String, rows: [JSONValue])? in
      guard case .list(let rows) = member.value, rows.count > 1,
        rows.allSatisfy({ if case .object = $0 { true } else { false } })
      else { return nil }
      return (member.name, rows)
    }
    guard lists.count == 1, var table = table(rows: lists[0].rows, file) else { return nil }
    table.notes.append("the rows are those of \(lists[0].name)")
    return table
  }

  /// A list, or an object of numbered members, for each column; or `columns` and `data`.
  private static func table(
    columns members: [(name: String, value: JSONValue)], _ file: String
  ) -> DataTable? {
    func list(_ name: String) -> [JSONValue]? {
      guard let member = members.first(where: { $0.name == name }),
        case .list(let values) = member.value
      else { return nil }
      return values
    }
    if let data = list("data"), let columns = list("columns") {
      let names = columns.map { cell($0) ?? "" }
      return table(
        rows: data.map { row in
          guard case .list(let values) = row else { return row }
          return .object(zip(names, values).map { (name: $0, value: $1) })
        }, file)
    }
    var lists: [(name: String, values: [JSONValue])] = []
    for (name, value) in members {
      switch value {
      case .list(let values): lists.append((name, values))
      case .object(let numbered): lists.append((name, numbered.map(\.value)))
      default: return nil
      }
    }
    guard let count = lists.first?.values.count, lists.allSatisfy({ $0.values.count == count })
    else {
      // An object of rows by name is a row in itself.
      return nil
    }
    return table(
      rows: (0..<count).map { row in
        .object(lists.map { (name: $0.name, value: $0.values[row]) })
      }, file)
  }

  /// The cells of a value: lists and objects give one for each part.
  private static func flatten(
    _ value: JSONValue, _ name: String, into cells: inout [(name: String, cell: String)]
  ) {
    switch value {
    case .list(let values):
      for (index, value) in values.enumerated() {
        flatten(value, "\(name)[\(index)]", into: &cells)
      }
    case .object(let members):
      for (part, value) in members { flatten(value, "\(name).\(part)", into: &cells) }
    default: cells.append((name, cell(value) ?? ""))
    }
  }

  private static func cell(_ value: JSONValue) -> String? {
    switch value {
    case .number(let number): NumericArray.text(number)
    case .text(let text): text
    case .truth(let truth): truth ? "true" : "false"
    default: nil
    }
  }
}

/// The columns of rows each of which names its own, in an order that fits all: a name that the first rows lack comes right after the one
/// before it in its row, and not at the end.
private struct ColumnOrder {
  private var indices: [String: Int] = [:]
  /// The names in the order in which they were found, and for each the index of the next in the order of the columns.
  private var found: [String] = []
  private var next: [Int?] = []
  private var first: Int?
  private var last: Int?

  /// Adds the names of a row.
  mutating func add(_ row: [String]) {
    // The names of most rows are known.
    guard row.contains(where: { indices[$0] == nil }) else { return }
    let anchor = row.first { indices[$0] != nil }
    var previous: Int?
    if anchor == nil {
      previous = last
    } else if let start = anchor.flatMap({ indices[$0] }), row[0] != found[start] {
      previous = before(start)
    }
    for name in row {
      if let known = indices[name] {
        previous = known
        continue
      }
      let index = found.count
      indices[name] = index
      found.append(name)
      next.append(previous.map { next[$0] } ?? first)
      if let previous { next[previous] = index } else { first = index }
      if previous == last { last = index }
      previous = index
    }
  }

  private func before(_ index: Int) -> Int? {
    var (position, previous) = (first, Int?.none)
    while let current = position, current != index {
      (previous, position) = (current, next[current])
    }
    return previous
  }

  /// All names, in the order of the columns.
  var names: [String] {
    var (names, position) = ([String](), first)
    while let current = position {
      names.append(found[current])
      position = next[current]
    }
    return names
  }
}
