import Console
import Datasets

/// How a file of data is read where its content leaves a choice.
enum DataOptions {
  static let targets = Option(
    "targets", "KIND", ValueForm<LabelledSets.TargetKind>.choice, default: .automatic,
    help: "what targets are taken for: automatic, classes or values")
  static let label = Option(
    "label-column", "NAME", .text, defaultText: "told by the header, else the last",
    help: "of a table: the name or the number, from 1, of the column with the labels")
  static let separator = Option(
    "separator", "NAME", .choice(["comma", "semicolon", "tab", "bar", "space"]),
    defaultText: "told by the content", help: "of a table: what stands between columns")
  static let header = Option(
    "header", "yes|no", .choice(["yes", "no"]), defaultText: "told by the content",
    help: "of a table: whether the first row holds the names of the columns")

  static let all: [any OptionDeclaration] = [targets, label, separator, header]

  private static let separators: [String: Character] = [
    "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " ",
  ]

  /// The reading that the options ask for.
  static func reading(_ options: ParsedOptions) -> LabelledSets.Options {
    var table = CSVTable.Options()
    if let name = options[label] {
      table.label = Int(name).map { .number($0) } ?? .named(name)
    }
    table.separator = options[separator].flatMap { separators[$0]?.asciiValue }
    table.hasHeader = options[header].map { $0 == "yes" }
    return LabelledSets.Options(table: table, targetKind: options[targets])
  }
}
