/// How to read a table where its content leaves a choice; what is not given is told from the content.
public struct TableOptions: Sendable, Hashable {
  /// A column by its name in the header or its number, counted from 1.
  public struct ColumnReference: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name or the number.
    public let text: String

    /// A column by name or number; a name goes before a number.
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
    /// The one that is told by its name, its content or its position.
    case automatic
    /// These: one of classes or values, or several of values.
    case columns([ColumnReference])
    /// None: all columns are features.
    case none
  }

  /// What becomes of cells without a value in columns of numbers.
  public enum Missing: String, Sendable, Hashable, CaseIterable, Codable {
    /// The mean of the training set.
    case mean
    /// The median of the training set.
    case median
    /// Rows with such a cell are left out.
    case drop
    /// The median, and a further feature that marks where the value was missing.
    case indicator
  }

  /// What stands for a missing value in a column, or in all of them.
  public struct MissingValue: Sendable, Hashable {
    /// The column; nil for all.
    public let column: ColumnReference?
    /// The cell, as it is written.
    public let text: String

    /// A text that marks a missing value.
    ///
    /// - Parameters:
    ///   - text: The cell, as it is written.
    ///   - column: The column; nil for all.
    public init(_ text: String, column: ColumnReference? = nil) {
      (self.text, self.column) = (text, column)
    }
  }

  /// What is before the decimals of a number.
  public enum DecimalMark: String, Sendable, Hashable, CaseIterable {
    /// As in 3.14.
    case point
    /// As in 3,14.
    case comma
  }

  /// The byte that separates fields: comma, semicolon, tab, bar, or a space for runs of spaces.
  public var separator: UInt8?
  /// Whether the first row holds the names of the columns.
  public var hasHeader: Bool?
  /// Which column holds the labels.
  public var label: Label
  /// Whether the labels are amounts: then a column that is not named is looked for among those of numbers.
  public var labelsAreAmounts = false
  /// Columns that are left out.
  public var drop: [ColumnReference]
  /// Columns whose values are names, also where they are numbers.
  public var categorical: [ColumnReference]
  /// What becomes of cells without a value.
  public var missing: Missing
  /// The most different names of which each becomes a feature; a column with more is left out.
  public var oneHotLimit: Int
  /// What stands for missing values besides the usual marks.
  public var missingValues: [MissingValue] = []
  /// Whether numbers such as -999, far from all others, stand for missing values.
  public var findsMissingCodes = true
  /// What is before the decimals of a number; told from the content where it is nil.
  public var decimalMark: DecimalMark?
  /// Whether the day is before the month in 3/4/2020; told from the content where it is nil.
  public var isDayFirst: Bool?
  /// The name or the number of the sheet of a workbook; the first that holds a table where it is nil.
  public var sheet: String?
  /// The index of the first feature, where the format counts from 0 or from 1 and another file has told it.
  var firstIndex: Int?
  /// Whether columns that only number the rows are features all the same.
  public var keepsIdentifiers = false

  /// Options; by default everything is told from the content.
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
