import Findings

/// Tables as text, plain or compressed: a row for each example, columns separated by a character.
enum SeparatedValuesFormat: DataFormat {
  static let name = "separated values"
  static let meaning =
    "CSV and similar: one row per example, columns separated by commas, semicolons, tabs, bars or spaces; plain or gzip-compressed"
  static let endings = [".csv", ".tsv", ".txt", ".data"]

  static func recognizes(_ input: DataInput) -> Bool {
    input.content == .text || input.content == .utf16
      || input.isCompressed && input.content == .nothing
      || input.content == .unknown && ByteSource.wideEncoding(of: input.start) != nil
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let (source, note) = try input.source.decoded()
    var table = try DataTable(separatedValues: source, options)
    if let note { table.notes.append(note) }
    return DataContent(meaning: .table(table))
  }
}
