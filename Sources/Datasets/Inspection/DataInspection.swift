import Findings
import Foundation

/// The content of a file, whether or not it can be trained on: `plumb data inspect`.
///
/// Every array or column with type, shape and range; then how it would be read as labeled
/// data, or why it cannot be.
public struct DataInspection: Sendable, Equatable, Codable {
  /// An array of the file, or a column of a table.
  public struct Entry: Sendable, Equatable, Codable {
    /// The name in the file.
    public let name: String
    /// The type of the elements; nil when they are not numbers.
    public let elementType: String?
    /// The dimensions; nil when the elements are not numbers.
    public let shape: [Int]?
    /// The smallest finite value, if there is any.
    public let minimum: Double?
    /// The largest finite value, if there is any.
    public let maximum: Double?
    /// The number of values that are infinite or NaN.
    public let nonFiniteCount: Int
    /// Why the array cannot be read; nil when it can.
    public let refusal: String?

    init(_ name: String, _ array: NumericArray) {
      self.name = name
      elementType = array.elementType.rawValue
      shape = array.shape
      let range = ArrayRange(array)
      minimum = range.minimum.isFinite ? range.minimum : nil
      maximum = range.maximum.isFinite ? range.maximum : nil
      nonFiniteCount = range.nonFiniteCount
      refusal = nil
    }

    /// An array of strings: the number of distinct ones.
    init(_ name: String, _ texts: [String], _ shape: [Int]) {
      self.name = name
      elementType = "\(Set(texts).count) names"
      self.shape = shape
      (minimum, maximum, nonFiniteCount, refusal) = (nil, nil, 0, nil)
    }

    /// A column of a table: its numbers, or a description of its content.
    init(_ column: TablePreparation.Column, _ cells: DataTable.Column, _ rows: [Int]) {
      name = column.name
      refusal = nil
      nonFiniteCount = 0
      shape = [rows.count]
      var range: (Double, Double)?
      if column.numberStyle != nil {
        var asNumber = column
        asNumber.use = .number
        let values = asNumber.values(of: cells, rows: rows)[0].filter { !$0.isNaN }
        if let least = values.min(), let most = values.max() { range = (least, most) }
      }
      elementType = column.numberStyle == nil ? column.kind : "float64"
      (minimum, maximum) = (range?.0, range?.1)
    }

    init(_ name: String, refusal: Problem) {
      self.name = name
      (elementType, shape, minimum, maximum, nonFiniteCount) = (nil, nil, nil, nil, 0)
      self.refusal = "\(refusal.problem); \(refusal.remedy)"
    }

    private enum CodingKeys: String, CodingKey {
      case name, shape, minimum, maximum, refusal
      case elementType = "element_type"
      case nonFiniteCount = "non_finite_count"
    }
  }

  /// The path.
  public let file: String
  /// The arrays or columns, in the order of the file; empty for sets of pictures.
  public let entries: [Entry]
  /// Whether any array of the file cannot be read.
  public var hasUnreadableArray: Bool { entries.contains { $0.refusal != nil } }
  /// How the file is read as labeled data; nil if it cannot be.
  public let labelled: LabelledSummary?
  /// Why the file does not contain labeled data; nil if it does.
  public let refusal: String?
  /// The kind of refusal: the name of a ``/Findings/Problem/Kind``.
  public let refusalKind: String?

  private enum CodingKeys: String, CodingKey {
    case file, entries, labelled, refusal
    case refusalKind = "refusal_kind"
  }

  private init(
    file: String, entries: [Entry], labelled: LabelledSummary?, refusal: Problem? = nil
  ) {
    self.file = file
    self.entries = entries
    self.labelled = labelled
    self.refusal = refusal.map {
      [$0.location, "\($0.problem); \($0.remedy)"].compactMap(\.self).joined(separator: ": ")
    }
    refusalKind = refusal?.kind?.rawValue
  }

  /// The inspection of sets that do not come from a file.
  init(_ sets: LabelledSets, named name: String) {
    self.init(file: name, entries: [], labelled: sets.summary)
  }

  /// Inspects the file or folder at `path`.
  ///
  /// - Throws: ``/Findings/Problem`` if it is missing, damaged or in an unsupported format. That it
  ///   contains no labeled data is not an error but a ``refusal``.
  /// - Complexity: O(size of the file).
  public init(
    path: String, options: LabelledSets.Options = LabelledSets.Options()
  ) throws(Problem) {
    self = try Self.inspecting(path: path, options: options).inspection
  }

  /// Inspects the file or folder at `path`, and returns the sets read along the way, if it
  /// is labeled data.
  ///
  /// - Throws: ``/Findings/Problem`` as ``init(path:options:)`` does.
  /// - Complexity: O(size of the file).
  public static func inspecting(
    path: String, options: LabelledSets.Options = LabelledSets.Options()
  ) throws(Problem) -> (inspection: DataInspection, sets: LabelledSets?) {
    let input = try DataInput(path: path)
    let format = try DataFormats.format(of: input)
    let content = try format.content(of: input, options.table)
    let entries = try entries(of: content, options.table)
    do throws(Problem) {
      let sets = try LabelledReader(path: path, options: options).sets(of: content, format.name)
      // Of a table, what is listed is what is used.
      let used = sets.source.map { Self.entries(of: $0.table) } ?? entries
      return (DataInspection(file: path, entries: used, labelled: sets.summary), sets)
    } catch {
      // Without entries there is nothing else to report, so the error is the answer.
      guard !entries.isEmpty else { throw error }
      return (DataInspection(file: path, entries: entries, labelled: nil, refusal: error), nil)
    }
  }

  /// Inspects what ``LabelledSets/init(source:options:)`` reads: a file, or data by name.
  ///
  /// - Throws: ``/Findings/Problem`` as ``init(path:options:)`` and that do.
  public static func inspecting(
    source: String, options: LabelledSets.Options = LabelledSets.Options()
  ) throws(Problem) -> (inspection: DataInspection, sets: LabelledSets?) {
    let isFile = source.contains("/") || FileManager.default.fileExists(atPath: source)
    guard isFile, !LabelledSets.isName(source) else {
      let sets = try LabelledSets(source: source, options: options)
      return (DataInspection(sets, named: source), sets)
    }
    return try inspecting(path: source, options: options)
  }

  private static func entries(
    of content: DataContent, _ options: TableOptions
  ) throws(Problem) -> [Entry] {
    guard case .table(let table) = content.meaning else { return try entries(content.arrays) }
    var options = options
    options.label = .none
    return try entries(of: PreparableTable(table, options))
  }

  /// The columns of a table, with what is in the rows that are examples.
  private static func entries(of table: PreparableTable) -> [Entry] {
    table.plan.columns.map { Entry($0, table.table.columns[$0.index], table.rows) }
  }

  /// An array that cannot be read is reported, and does not keep the others from being reported.
  private static func entries(
    _ arrays: [DataContent.NamedArray]
  ) throws(Problem) -> [Entry] {
    var entries: [Entry] = []
    for array in arrays {
      do throws(Problem) {
        if let texts = try array.texts() {
          entries.append(Entry(array.name, texts.texts, texts.shape))
        } else {
          entries.append(Entry(array.name, try array.read()))
        }
      } catch {
        guard error.kind == .unsupported || error.kind == .tooLarge else { throw error }
        entries.append(Entry(array.name, refusal: error))
      }
    }
    return entries
  }
}

extension DataInspection: CustomStringConvertible {
  private static let listedCount = 60

  /// Several lines for people, the last without a line end.
  public var description: String {
    var lines = entries.prefix(Self.listedCount).map(\.description)
    if entries.count > lines.count { lines.append("and \(entries.count - lines.count) more") }
    if let labelled { lines.append(labelled.description) }
    if let refusal { lines.append("\(file) cannot be used for training as it is: \(refusal)") }
    return lines.joined(separator: "\n")
  }
}

extension DataInspection.Entry: CustomStringConvertible {
  /// One line: name, type, shape, range.
  public var description: String {
    if let refusal { return "\(name): \(refusal)" }
    let shape = NumericArray.description(of: shape ?? [])
    var text = "\(name): \(elementType ?? "") \(shape)"
    if let minimum, let maximum {
      text += ", \(NumericArray.text(minimum)) to \(NumericArray.text(maximum))"
    }
    if nonFiniteCount > 0 { text += ", \(nonFiniteCount) non-finite values" }
    return text
  }
}
