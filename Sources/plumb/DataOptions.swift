import Console
import Datasets
import Findings

/// How data are read where their content leaves a choice: the same options for every command that reads them.
enum DataOptions {
  /// The path or the name of what is read.
  static let source = ValueForm<String>.input(
    "the data", files: { LabelledSets.files(ofSource: $0) })

  static let targets = Option(
    "targets", "KIND", ValueForm<LabelledSets.TargetKind>.choice, default: .automatic,
    help: "how targets are treated: automatic, classes or values")
  static let label = Option(
    "label-column", "NAME|N,...", columns,
    defaultText: "inferred from names and content, otherwise the last",
    help:
      "tables: the label column, by name or number from 1; several for several values"
  )
  static let drop = Option(
    "drop", "NAME|N,...", columns, defaultText: "columns that only number or name the rows",
    help: "tables: columns to leave out")
  static let categorical = Option(
    "categorical", "NAME|N,...", columns, defaultText: "columns of text",
    help: "tables: columns whose values are names even if they are numbers")
  static let missing = Option(
    "missing", "WHAT", ValueForm<TableOptions.Missing>.choice, default: .median,
    help:
      "tables: how missing values are handled: mean or median (of the training set), drop (the row), or "
      + "indicator (the median, and a feature that flags it)")
  static let oneHotLimit = Option(
    "one-hot-limit", "N", .integer(in: 2...100_000), default: 50,
    help: "tables: the maximum number of distinct texts in a column that become features")
  static let missingValues = Option(
    "missing-values", "VALUE|NAME=VALUE,...", standIns(),
    defaultText: "empty cells, NA, ?, -999 and the like",
    help:
      "tables: what else stands for a missing value, in all columns or in one; none keeps numbers such as -999 as values"
  )
  static let decimal = Option(
    "decimal", "point|comma", ValueForm<TableOptions.DecimalMark>.choice,
    defaultText: "inferred from the content", help: "tables: the decimal mark of numbers")
  static let dateOrder = Option(
    "date-order", "day-first|month-first", .choice(["day-first", "month-first"]),
    defaultText: "inferred from the content",
    help: "tables: whether day or month comes first in 3/4/2020")
  static let sheet = Option(
    "sheet", "NAME|N", ValueForm<String>.text, defaultText: "the first that holds a table",
    help: "workbooks: the sheet to read")
  static let separator = Option(
    "separator", "NAME", .choice(TableOptions.separators.map(\.name)),
    defaultText: "inferred from the content", help: "tables: the column separator")
  static let header = Option(
    "header", "yes|no", .choice(["yes", "no"]), defaultText: "inferred from the content",
    help: "tables: whether the first row holds the column names")

  static let all: [any OptionDeclaration] = [
    targets, label, drop, categorical, missing, missingValues, oneHotLimit, decimal, dateOrder,
    sheet,
    separator, header,
  ]

  private static let columns = ValueForm<[TableOptions.ColumnReference]>(
    accepted: "comma-separated column names or numbers"
  ) { text in
    let names = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    return names.isEmpty ? nil : names.map { TableOptions.ColumnReference($0) }
  }

  /// How to read the data, according to the options.
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

  /// Refuses options that do nothing to data of this kind.
  static func refuseIdle(
    _ options: ParsedOptions, for sets: LabelledSets, of source: String
  ) throws(Problem) {
    func refuse(_ idle: [any OptionDeclaration], _ problem: String) throws(Problem) {
      for option in idle where !options.words(of: [option]).isEmpty {
        throw Problem(
          setting: Setting(rawValue: option.description.name),
          problem: "it does nothing here: \(problem)", remedy: "leave it out")
      }
    }
    if LabelledSets.isGenerated(source) {
      // All of them have classes.
      let asked = options[targets] == .values
      try refuse(
        all.filter { asked || $0.description != targets.description },
        "\(source) is generated, with classes")
    } else if !sets.isTable {
      try refuse(all.filter { $0.description != targets.description }, "\(source) is not a table")
    } else if sets.isSheet {
      try refuse([separator], "\(source) is a workbook")
    } else {
      try refuse([sheet], "\(source) is not a workbook")
    }
  }

  /// How the text of a table is written, as far as the options say it.
  static func dialect(_ options: ParsedOptions) -> TableOptions {
    var table = TableOptions(
      separator: options[separator].flatMap { name in
        TableOptions.separators.first { $0.name == name }?.byte
      },
      hasHeader: options[header].map { $0 == "yes" })
    table.sheet = options[sheet]
    return table
  }

  private static let none = "none"

  /// `-1`, or `children=-1` for one column.
  private static func standIns() -> ValueForm<[TableOptions.MissingValue]> {
    ValueForm(accepted: "comma-separated values, each optionally with its column, such as age=-1") {
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
