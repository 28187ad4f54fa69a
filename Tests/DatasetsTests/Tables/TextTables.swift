import Datasets
import TestSupport

/// Tables written in a test.
enum TextTables {
  /// A table of these columns, header first.
  static func text(_ columns: [[String]], _ separator: String = ",") -> String {
    columns[0].indices.map { row in columns.map { $0[row] }.joined(separator: separator) }
      .joined(separator: "\n") + "\n"
  }

  /// The sets of a table in a file.
  static func read(
    _ text: String, _ options: TableOptions = .init(), kind: LabelledSets.TargetKind = .automatic,
    as name: String = "test.csv"
  ) throws -> LabelledSets {
    try read(Array(text.utf8), options, kind: kind, as: name)
  }

  static func read(
    _ bytes: [UInt8], _ options: TableOptions = .init(),
    kind: LabelledSets.TargetKind = .automatic, as name: String = "test.csv"
  ) throws -> LabelledSets {
    let folder = try TemporaryFolder()
    return try LabelledSets(
      path: folder.write(bytes, as: name), options: .init(table: options, targetKind: kind))
  }
}

extension LabelledSets {
  /// The features of the training set, row-major.
  var values: [Double] { train.features.doubles() }
  /// The targets of the training set as numbers.
  var targetValues: [Double] {
    if case .values(let values) = train.targets { return values.doubles() }
    return train.labels.map(Double.init)
  }
  /// What became of the columns, by name.
  var outcomes: [String: String] {
    Dictionary(
      (summary.columns ?? []).map { ($0.name, $0.outcome) }, uniquingKeysWith: { first, _ in first }
    )
  }
}
