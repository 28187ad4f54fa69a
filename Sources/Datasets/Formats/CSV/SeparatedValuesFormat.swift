import Findings

/// Tables as text, plain or compressed: a row for each example, columns separated by a character.
enum SeparatedValuesFormat: DataFormat {
  static let name = "separated values"

  static func recognizes(_ input: DataInput) -> Bool {
    input.content == .text || input.isCompressed && input.content == .nothing
  }

  static func content(
    of input: DataInput, _ options: CSVTable.Options
  ) throws(Problem) -> DataContent {
    DataContent(meaning: .table(try CSVTable(input.source, options)))
  }
}
