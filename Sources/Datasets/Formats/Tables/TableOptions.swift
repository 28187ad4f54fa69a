/// How to read a table where its content leaves a choice; whatever is not given is inferred from the content.
public struct TableOptions: Sendable, Hashable {
  /// A column by its name in the header or its number, counted from 1.
  public struct ColumnReference: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name or the number.
    public let text: String

    /// A column by name or number; a name takes precedence.
    public init(_ text: String) { self.text = text }
    public init(stringLiteral value: String) { text = value }

    /// The index of the column among these; nil if there is none.
    func index(in names: [String]) -> Int? {
      if let exact = names.firstIndex(of: text) { return exact }
      let lowercase = text.lowercased()
      let similar = names.indices.filter { names[$0].lowercased() == lowercase }
      if similar.count == 1 { return similar[0] }
      return Int(text).flatMap { names.indices.contains($0 - 1) ? $0 - 1 : nil }
    }
  }

  /// Which column holds the labels.
  public enum Label: Sendable, Hashable {
    /// The one recognized by its name, content or position.
    case automatic
    /// These: one with classes or values, or several with values.
    case columns([ColumnReference])
    /// None: all columns are features.
    case none
  }

  /// How cells without a value in columns of numbers are handled.
  public enum Missing: String, Sendable, Hashable, CaseIterable, Codable {
    /// The mean of the training set.
    case mean
    /// The median of the training set.
    case median
    /// Rows with such a cell are dropped.
    case drop
    /// The median, and an additional feature that marks missing values.
    case indicator
  }

  /// A missing-value code in a column, or in all of them.
  public struct MissingValue: Sendable, Hashable {
    /// The column; nil for all.
    public let column: ColumnReference?
    /// The cell, as written.
    public let text: String

    /// Text that marks a missing value.
    ///
    /// - Parameters:
    ///   - text: The cell, as written.
    ///   - column: The column; nil for all.
    public init(_ text: String, column: ColumnReference? = nil) {
      (self.text, self.column) = (text, column)
    }
  }

  /// The decimal separator of numbers.
  public enum DecimalMark: String, Sendable, Hashable, CaseIterable {
    /// As in 3.14.
    case point
    /// As in 3,14.
    case comma
  }

  /// The byte that separates fields: comma, semicolon, tab, bar, or a space for runs of spaces.
  public var separator: UInt8?
  /// The usual separators, by the names that people give them.
  package static let separators: [(name: String, byte: UInt8)] = [
    ("comma", UInt8(ascii: ",")), ("semicolon", UInt8(ascii: ";")), ("tab", UInt8(ascii: "\t")),
    ("bar", UInt8(ascii: "|")), ("space", UInt8(ascii: " ")),
  ]
  /// Whether the first row holds the names of the columns.
  public var hasHeader: Bool?
  /// Which column holds the labels.
  public var label: Label
  /// Whether the labels are quantities: then, if no column is given, it is searched for among those with numbers.
  public var labelsAreAmounts = false
  /// Columns that are left out.
  public var drop: [ColumnReference]
  /// Columns whose values are names, even if they are numbers.
  public var categorical: [ColumnReference]
  /// How cells without a value are handled.
  public var missing: Missing
  /// The largest number of distinct names that become one feature each; a column with more is left out.
  public var oneHotLimit: Int
  /// Missing-value codes in addition to the usual ones.
  public var missingValues: [MissingValue] = []
  /// Whether numbers such as -999, far from all others, stand for missing values.
  public var findsMissingCodes = true
  /// The decimal separator; inferred from the content if nil.
  public var decimalMark: DecimalMark?
  /// Whether the day comes before the month in 3/4/2020; inferred from the content if nil.
  public var isDayFirst: Bool?
  /// The name or number of a workbook's sheet; if nil, the first that contains a table.
  public var sheet: String?
  /// The index of the first feature, if the format counts from 0 or from 1 and another file has shown which one applies.
  var firstIndex: Int?
  /// The names of the columns that the table is expected to have, as those of the training data; empty if nothing is known.
  var expectedNames: [String] = []
  /// Whether columns that only number the rows are features nevertheless.
  public var keepsIdentifiers = false

  /// Options; by default everything is inferred from the content.
  public init(
    separator: UInt8? = nil, hasHeader: Bool? = nil, label: Label = .automatic,
    drop: [ColumnReference] = [], categorical: [ColumnReference] = [], missing: Missing = .median,
    oneHotLimit: Int = 50
  ) {
    self.separator = separator
    self.hasHeader = hasHeader
    self.label = label
    self.drop = drop
    self.categorical = categorical
    self.missing = missing
    self.oneHotLimit = oneHotLimit
  }
}
