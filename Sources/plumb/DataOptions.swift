import Console
import Datasets

/// How data are read where their content leaves a choice: the same options for every command that reads them.
enum DataOptions {
  /// The path or the name of what is read.
  static let source = ValueForm<String>.input(
    "the data", files: { LabelledSets.files(ofSource: $0) })

  static let targets = Option(
    "targets", "KIND", ValueForm<LabelledSets.TargetKind>.choice, default: .automatic,
    help: "what targets are taken for: automatic, classes or values")
  static let label = Option(
    "label-column", "NAME|N,...", columns, defaultText: "told by names and content, else the last",
    help:
      "of a table: the column with the labels, by name or number from 1; several for several values"
  )
  static let drop = Option(
    "drop", "NAME|N,...", columns, defaultText: "what only counts or names the rows",
    help: "of a table: columns that are left out")
  static let categorical = Option(
    "categorical", "NAME|N,...", columns, defaultText: "columns of text",
    help: "of a table: columns whose values are names, also where they are numbers")
  static let missing = Option(
    "missing", "WHAT", ValueForm<TableOptions.Missing>.choice, default: .median,
    help:
      "of a table: what becomes of missing values: mean or median of the training set, drop the row, or "
      + "indicator, the median and a feature that tells it")
  static let oneHotLimit = Option(
    "one-hot-limit", "N", .integer(in: 2...100_000), default: 50,
    help: "of a table: the most different texts of a column that become features")
  static let missingValues = Option(
    "missing-values", "VALUE|NAME=VALUE,...", standIns(),
    defaultText: "empty cells, NA, ?, -999 and their like",
    help:
      "of a table: what else stands for a missing value, in all columns or in one; none takes numbers such as -999 for values"
  )
  static let decimal = Option(
    "decimal", "point|comma", ValueForm<TableOptions.DecimalMark>.choice,
    defaultText: "told by the content", help: "of a table: what is before the decimals of a number")
  static let dateOrder = Option(
    "date-order", "day-first|month-first", .choice(["day-first", "month-first"]),
    defaultText: "told by the content", help: "of a table: what is first in 3/4/2020")
  static let sheet = Option(
    "sheet", "NAME|N", ValueForm<String>.text, defaultText: "the first that holds a table",
    help: "of a workbook: the sheet that is read")
  static let separator = Option(
    "separator", "NAME", .choice(["comma", "semicolon", "tab", "bar", "space"]),
    defaultText: "told by the content", help: "of a table: what separates the columns")
  static let header = Option(
    "header", "yes|no", .choice(["yes", "no"]), defaultText: "told by the content",
    help: "of a table: whether the first row holds the names of the columns")

  static let all: [any OptionDeclaration] = [
    targets, label, drop, categorical, missing, missingValues, oneHotLimit, decimal, dateOrder,
    sheet,
    separator, header,
  ]

  private static let columns = ValueForm<[TableOptions.ColumnReference]>(
    accepted: "names or numbers of columns with commas between them"
  ) { text in
    let names = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    return names.isEmpty ? nil : names.map { TableOptions.ColumnReference($0) }
  }

  private static let separators: [String: Character] = [
    "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " ",
  ]

  /// The reading that the options ask for.
  static func reading(_ options: ParsedOptions) -> LabelledSets.Options {
    var table = dialect(options)
    if let names = options[label] { table.label = .columns(names) }
    table.labelsAreAmounts = options[targets] == .values
    table.drop = options[drop] ?? []
    table.categorical = options[categorical] ?? []
    table.missing = options[missing]
    table.oneHotLimit = options[oneHotLimit]
    table.decimalMark = options[decimal]
    table.isDayFirst = options[dateOrder].map { $0 == "day-first" }
    let values = options[missingValues] ?? []
    table.missingValues = values.filter { $0.text != none || $0.column != nil }
    table.findsMissingCodes = table.missingValues.count == values.count
    return LabelledSets.Options(table: table, targetKind: options[targets])
  }

  /// How the text of a table is written, as far as the options say it.
  static func dialect(_ options: ParsedOptions) -> TableOptions {
    var table = TableOptions(
      separator: options[separator].flatMap { separators[$0]?.asciiValue },
      hasHeader: options[header].map { $0 == "yes" })
    table.sheet = options[sheet]
    return table
  }

  private static let none = "none"

  /// `-1`, or `children=-1` for one column.
  private static func standIns() -> ValueForm<[TableOptions.MissingValue]> {
    ValueForm(accepted: "values with commas between them, each perhaps with its column: age=-1") {
      text in
      let parts = text.split(separator: ",")
      return parts.isEmpty
        ? nil
        : parts.map { part in
          guard let mark = part.lastIndex(of: "="), mark > part.startIndex else {
            return TableOptions.MissingValue(String(part))
          }
          return TableOptions.MissingValue(
            String(part[part.index(after: mark)...]), column: .init(String(part[..<mark])))
        }
    }
  }
}
