import Console

/// How a file with labeled data was read: to be printed, so that nothing is assumed silently.
public struct LabelledSummary: Sendable, Equatable, Codable {
  /// One set of examples.
  public struct Part: Sendable, Equatable, Codable {
    /// `train`, `dev` or `test`.
    public let name: String
    /// The number of examples.
    public let exampleCount: Int
    /// The shape of one example.
    public let exampleShape: [Int]
    /// The type of the features in the file.
    public let elementType: String
    /// The smallest feature in the file.
    public let minimum: Double
    /// The largest feature in the file.
    public let maximum: Double
    /// The divisor of the features; 1 for data used as they are.
    public let divisor: Double
    /// The number of examples of each class; nil for targets that are values.
    public let classCounts: [Int]?
    /// The class names, if the file has them.
    public let classNames: [String]?
    /// The shape of one example's target values; nil for classes.
    public let targetShape: [Int]?
    /// The smallest and largest target values; nil for classes.
    public let targetRange: [Double]?
    /// The number of examples that each of several labels applies to, if all target values are 0 or 1; nil for others.
    public let labelCounts: [Int]?

    init(_ data: LabelledSet) {
      name = data.name
      exampleCount = data.exampleCount
      exampleShape = data.exampleShape
      elementType = data.features.elementType.rawValue
      let range = ArrayRange(data.features)
      (minimum, maximum) = (range.minimum, range.maximum)
      divisor = data.divisor
      switch data.targets {
      case .classes(_, _, let names):
        classCounts = data.classCounts
        classNames = names
        (targetShape, targetRange, labelCounts) = (nil, nil, nil)
      case .values(let values):
        (classCounts, classNames) = (nil, nil)
        targetShape = Array(values.shape.dropFirst())
        let range = ArrayRange(values)
        targetRange = [range.minimum, range.maximum]
        labelCounts = Self.labelCounts(values)
      }
    }

    /// How often each of several labels is 1; nil if there is one, or a value is neither 0 nor 1.
    private static func labelCounts(_ values: NumericArray) -> [Int]? {
      guard values.shape.count == 2, values.shape[1] > 1 else { return nil }
      var counts = [Int](repeating: 0, count: values.shape[1])
      for (index, value) in values.doubles().enumerated() where value != 0 {
        guard value == 1 else { return nil }
        counts[index % counts.count] += 1
      }
      return counts
    }

    private enum CodingKeys: String, CodingKey {
      case name, minimum, maximum, divisor
      case labelCounts = "label_counts"
      case exampleCount = "example_count"
      case exampleShape = "example_shape"
      case elementType = "element_type"
      case classCounts = "class_counts"
      case classNames = "class_names"
      case targetShape = "target_shape"
      case targetRange = "target_range"
    }
  }

  /// A table column and how it was used.
  public struct Column: Sendable, Equatable, Codable {
    /// The name.
    public let name: String
    /// Its content, in words.
    public let kind: String
    /// How it was used, in words.
    public let outcome: String

    init(_ column: TablePreparation.Column, missing: TableOptions.Missing) {
      (name, kind, outcome) = (column.name, column.kind, column.outcome(missing))
    }
  }

  /// The file or files.
  public let file: String
  /// The format, in words.
  public let format: String
  /// Training examples, and development and test examples if there are any.
  public let sets: [Part]
  /// The columns of a table; nil for other sources.
  public let columns: [Column]?
  /// Anything else that was assumed or left out, one sentence each.
  public let notes: [String]
}

extension LabelledSummary: CustomStringConvertible {
  /// Several lines for people, the last without a line end.
  public var description: String {
    (["\(file): \(format)"] + columnLines + sets.map(\.description) + notes.map { "  \($0)" })
      .joined(separator: "\n")
  }

  /// At most this many consecutive columns of one sort are listed one by one.
  private static let listedColumnCount = 6

  /// One line per column, or for many of one sort.
  private var columnLines: [String] {
    guard let columns else { return [] }
    var table = Table([
      Table.Column("column", .left), .init("kind", .left), .init("becomes", .left),
    ])
    var start = 0
    while start < columns.count {
      let first = columns[start]
      var end = start
      while end < columns.count, columns[end].kind == first.kind,
        columns[end].outcome == first.outcome
      {
        end += 1
      }
      if end - start > Self.listedColumnCount {
        table.add(
          "\(first.name) ... \(columns[end - 1].name)", "\(end - start) columns of \(first.kind)",
          first.outcome)
      } else {
        for column in columns[start..<end] { table.add(column.name, column.kind, column.outcome) }
      }
      start = end
    }
    return table.text().split(separator: "\n").map { "  \($0)" }
  }
}

extension LabelledSummary.Part: CustomStringConvertible {
  private static let listedClassCount = 20

  /// Three lines: the examples, the features, the targets.
  public var description: String {
    let features = exampleShape.reduce(1, *)
    let scaled = divisor == 1 ? "" : ", scaled to 0...1 (divided by \(NumericArray.text(divisor)))"
    return """
        \(name): \(exampleCount) example\(exampleCount == 1 ? "" : "s") of shape \
      \(NumericArray.description(of: exampleShape)), \(features) feature\(features == 1 ? "" : "s")
          features: \(elementType), \(NumericArray.shown(minimum)) to \(NumericArray.shown(maximum))\(scaled)
          targets: \(targetText)
      """
  }

  private var targetText: String {
    if let labelCounts {
      let listed = labelCounts.prefix(Self.listedClassCount).map { "\($0)" }
      let more = labelCounts.count - listed.count
      return
        "\(labelCounts.count) yes/no labels for each example, which are yes in "
        + listed.joined(separator: ", ") + (more > 0 ? ", ... " : " ") + "examples"
    }
    guard let classCounts else {
      let range =
        targetRange.map { "\(NumericArray.shown($0[0])) to \(NumericArray.shown($0[1]))" } ?? ""
      let shape = targetShape ?? []
      return
        "real values\(shape.isEmpty ? "" : " of shape \(NumericArray.description(of: shape))"), "
        + range
    }
    // A network needs two classes even if the labels have only one name.
    let named = classNames.map { min($0.count, classCounts.count) } ?? classCounts.count
    let isInvented = classCounts.dropFirst(named).allSatisfy { $0 == 0 }
    let counts = isInvented ? Array(classCounts.prefix(named)) : classCounts
    let listed = counts.prefix(Self.listedClassCount).enumerated().map { index, count in
      let name = classNames.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? "\(index)"
      return "\(name) (\(count)\(index == 0 ? " example\(count == 1 ? "" : "s")" : ""))"
    }
    let more = counts.count - listed.count
    return "\(counts.count) class\(counts.count == 1 ? "" : "es"): "
      + listed.joined(separator: ", ")
      + (more > 0 ? ", and \(more) more classes" : "")
  }
}
