import Findings

/// A file of separated values, one example per line: numeric columns, and a column of labels.
///
/// ```swift
/// let iris = try CSVTable(contentsOfFile: "iris.csv")
/// print(iris.featureNames, iris.labels)
/// ```
///
/// Rows are named by the line of the file in which they start, counted from 1; columns from 1 too.
public struct CSVTable: Sendable {
  /// Which column holds the labels.
  public enum LabelColumn: Sendable, Hashable {
    /// The one that the header calls `label`, `labels`, `class`, `target` or `targets`, where it is
    /// the only such one; else the last.
    case automatic
    /// The last one.
    case last
    /// The one with this name in the header.
    case named(String)
    /// The one of this number, counted from 1.
    case number(Int)
    /// There is none: all columns are features.
    case none
  }

  /// How to read the file; what is not given is told from its first rows.
  public struct Options: Sendable, Hashable {
    /// The byte that separates fields: comma, semicolon, tab, bar, or a space for runs of spaces.
    public var separator: UInt8?
    /// Whether the first row holds the names of the columns.
    public var hasHeader: Bool?
    /// Which column holds the labels.
    public var label: LabelColumn

    /// Options; by default everything is told from the content.
    public init(
      separator: UInt8? = nil, hasHeader: Bool? = nil, label: LabelColumn = .automatic
    ) {
      self.separator = separator
      self.hasHeader = hasHeader
      self.label = label
    }
  }

  /// The content of the label column.
  public enum Labels: Sendable, Equatable {
    /// Each row's class as an index into the names, which stand in alphabetical order.
    case classes(indices: [Int], names: [String])
    /// Each row's number.
    case numbers([Double])
  }

  /// The path of the file.
  public let file: String
  /// The byte that separates fields.
  public let separator: UInt8
  /// Whether the first row holds the names of the columns.
  public let hasHeader: Bool
  /// The number of rows, the header not among them.
  public let rowCount: Int
  /// The names of the feature columns.
  public let featureNames: [String]
  /// The feature columns: `rowCount` × `featureNames.count` values, row-major, all finite.
  public let features: [Double]
  /// The name of the label column.
  public let labelName: String?
  /// The label column; nil when there is none.
  public let labels: Labels?
  /// Whether a first column without a name, which only counts the rows, was left out: what pandas
  /// writes as its index.
  public let leftOutIndex: Bool

  /// Reads the file at `path`, plain or compressed with gzip.
  ///
  /// - Throws: ``Problem``: missing or unreadable, or still being written; no text; a row with
  ///   another number of columns; a value that is missing, no number or not finite; each with row and column.
  /// - Complexity: O(size of the file), in one pass; memory for the values alone. Those of a compressed
  ///   file are limited to 1 GiB.
  public init(contentsOfFile path: String, options: Options = Options()) throws(Problem) {
    try self.init(ByteSource(contentsOfFile: path), options)
  }

  /// Reads an opened file, with another limit for compressed ones than 1 GiB.
  package init(
    _ source: ByteSource, _ options: Options = Options(),
    expansionLimit: Int = InflateStream.expansionLimit
  ) throws(Problem) {
    let dialect = try CSVDialect(source, options)
    var content = try CSVContent(source.file, dialect, options.label)
    var reader = try CSVRecordReader(
      source, separator: dialect.separator, expansionLimit: expansionLimit)
    if dialect.hasHeader { _ = try reader.next() }
    do throws(Problem) {
      while try reader.next() {
        try content.append(reader)
        if reader.isCompressed, content.features.count > expansionLimit / MemoryLayout<Double>.size
        {
          throw reader.expandsTooFar(to: "\(content.features.count) values")
        }
      }
      try content.finish()
    } catch {
      // What is wrong may only be that the file was not finished.
      try source.requireUnchanged()
      throw error
    }
    try source.requireUnchanged()
    file = source.file
    separator = dialect.separator
    hasHeader = dialect.hasHeader
    rowCount = content.rowCount
    labels = content.labels
    labelName = content.labelColumn.map { dialect.columnNames[$0] }
    var names = dialect.columnNames
    if let column = content.labelColumn { names.remove(at: column) }
    leftOutIndex =
      dialect.hasHeader && names.count > 1 && names[0].isEmpty && content.startsWithIndex
    if leftOutIndex {
      content.removeFirstFeature()
      names.removeFirst()
    }
    features = content.features
    featureNames = names
  }

  /// Whether a field stands for a value that is not there.
  static func isMissing(_ field: ArraySlice<UInt8>) -> Bool {
    guard field.count <= 4 else { return false }
    return ["", "na", "n/a", "nan", "null", "?"].contains {
      $0.utf8.elementsEqual(field.lazy.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 })
    }
  }
}
