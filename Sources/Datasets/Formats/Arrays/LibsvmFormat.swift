import Findings

/// The text of LIBSVM: a label, then `index:value` for each feature that is not 0, indices counted from 1, or from 0 in some files.
/// Instead of a label there may be several, separated by commas, or none.
///
/// Source: C.-C. Chang and C.-J. Lin, "LIBSVM: a library for support vector machines", 2011.
enum LibsvmFormat: DataFormat {
  static let name = "LIBSVM"
  static let meaning =
    "a label, or several separated by commas, then index:value for each feature that is not 0"
  static let endings = [".libsvm", ".svm"]

  /// Missing features are 0, so that a large index must not require more memory than this many values.
  private static let valueLimit = 1 << 27

  static func recognizes(_ input: DataInput) -> Bool {
    guard input.content == .text else { return false }
    var lines = CellText.string(input.start[...]).split(whereSeparator: \.isNewline)
    // The last line of a part of the file may be incomplete.
    if lines.count > 1 { lines.removeLast() }
    guard !lines.isEmpty else { return false }
    var (pairCount, hasLabels, lacksLabels) = (0, false, false)
    for line in lines {
      guard let (labels, fields) = parts(of: line) else { continue }
      guard let labels, fields.allSatisfy({ pair($0) != nil }) else { return false }
      pairCount += fields.count
      if labels.isEmpty { lacksLabels = true } else { hasLabels = true }
    }
    // Pairs alone may be times, unless the name says what they are.
    let isNamed = endings.contains { input.path.lowercased().hasSuffix($0) }
    return pairCount > 0 && (hasLabels || isNamed || !lacksLabels)
  }

  /// The labels of a line, none if it begins with a pair, nil if one is not a number; and the other fields. Nil for an empty line.
  private static func parts(
    of line: Substring
  ) -> (labels: [Double]?, fields: ArraySlice<Substring>)? {
    let fields = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
    guard let first = fields.first else { return nil }
    if first.contains(":") { return ([], fields[...]) }
    let words = first.split(separator: ",", omittingEmptySubsequences: false)
    let labels = words.compactMap { Double($0) }.filter(\.isFinite)
    return (labels.count == words.count ? labels : nil, fields.dropFirst())
  }

  private static func pair(_ field: Substring) -> (index: Int, value: Double)? {
    let parts = field.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    // A query's number in ranking data is not a feature.
    if parts[0] == "qid" { return (-1, 0) }
    guard let index = Int(parts[0]), let value = Double(parts[1]), value.isFinite else {
      return nil
    }
    return (index, value)
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let text = try input.source.wholeText()
    var labels: [[Double]] = []
    var queries: Set<Substring> = []
    var rows: [[(index: Int, value: Double)]] = []
    var numbers: [Int] = []
    var (width, number, first) = (0, 0, options.firstIndex ?? 1)
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      guard let (own, fields) = parts(of: line) else { continue }
      var row: [(index: Int, value: Double)] = []
      for field in fields {
        guard let pair = pair(field), pair.index >= 0 || field.hasPrefix("qid:") else {
          throw Problem(
            .wrongFormat, subject: input.path, location: "row \(number)",
            problem:
              "\"\(field.prefix(40))\" is not an index (starting at 0 or 1) and a finite value separated by a colon",
            remedy: "write each row as: label index:value index:value ...")
        }
        guard pair.index >= 0 else {
          queries.insert(field)
          continue
        }
        row.append(pair)
        first = min(first, pair.index)
        width = max(width, pair.index)
      }
      guard let own else {
        let start = line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        throw Problem(
          .wrongFormat, subject: input.path, location: "row \(number)",
          problem: "the label \"\(start.prefix(40))\" is not a number",
          remedy: "give a number in front of each row, or several separated by commas")
      }
      labels.append(own)
      numbers.append(number)
      rows.append(row)
    }
    try requireLabels(labels, numbers, input.path)
    // Counted from 0, the last index is one less than the width.
    width += 1 - first
    let (count, overflow) = rows.count.multipliedReportingOverflow(by: width)
    guard !overflow, count <= valueLimit else {
      throw Problem(
        .tooLarge, subject: input.path, location: "index \(width)",
        problem:
          "\(rows.count) examples of \(width) features exceed the limit of \(valueLimit) values",
        remedy: "keep fewer features: X, y = sklearn.datasets.load_svmlight_file(file); "
          + "np.savez(\"data.npz\", X=X[:, :1000].toarray(), Y=y)")
    }
    var values = [Double](repeating: 0, count: count)
    for (row, pairs) in rows.enumerated() {
      for pair in pairs { values[row * width + pair.index - first] = pair.value }
    }
    let features = NumericArray([rows.count, width], values)
    let (targets, note) = try targets(labels, input.path)
    var notes = note.map { [$0] } ?? []
    if !queries.isEmpty {
      notes.append(
        "qid: puts the rows into \(queries.count) groups, one for each query; the groups are not used: every row is an example of its own"
      )
    }
    var arrays = [DataContent.NamedArray(name: "X", read: { () throws(Problem) in features })]
    if let targets { arrays.append(.init(name: "Y", read: { () throws(Problem) in targets })) }
    return DataContent(
      arrays: arrays, featureNames: (first..<first + width).map { "\(namePrefix)\($0)" },
      notes: notes, meaning: .arrays)
  }

  /// Refuses a row without a label among others that have one each: it is a slip, and no sign of several labels.
  private static func requireLabels(
    _ labels: [[Double]], _ numbers: [Int], _ file: String
  ) throws(Problem) {
    let lacking = labels.indices.filter { labels[$0].isEmpty }
    guard let first = lacking.first, 2 * lacking.count < labels.count,
      labels.allSatisfy({ $0.count < 2 })
    else { return }
    throw Problem(
      .wrongFormat, subject: file, location: "row \(numbers[first])",
      problem:
        "the row has no label, as \(lacking.count == 1 ? "only this one" : "\(lacking.count) rows"), and the others have one",
      remedy:
        "write its label in front of it, as in: label index:value index:value ...; or remove the row"
    )
  }

  /// The labels of all rows: a number for each row, or if they have several or none, 0 or 1 for each that occurs; nil if no row has
  /// one.
  private static func targets(
    _ labels: [[Double]], _ file: String
  ) throws(Problem) -> (array: NumericArray?, note: String?) {
    if labels.allSatisfy({ $0.count == 1 }) {
      return (NumericArray([labels.count], labels.flatMap { $0 }), nil)
    }
    let kinds = Set(labels.joined()).sorted()
    guard !kinds.isEmpty else { return (nil, nil) }
    guard labels.count * kinds.count <= valueLimit else {
      throw Problem(
        .tooLarge, subject: file, location: "labels",
        problem:
          "\(labels.count) rows with \(kinds.count) different labels exceed the limit of \(valueLimit) values",
        remedy: "keep the rows of fewer labels")
    }
    let columns = Dictionary(uniqueKeysWithValues: zip(kinds, 0...))
    var values = [Double](repeating: 0, count: labels.count * kinds.count)
    for (row, own) in labels.enumerated() {
      for label in own { values[row * kinds.count + (columns[label] ?? 0)] = 1 }
    }
    let names = kinds.prefix(10).map { NumericArray.text($0) }.joined(separator: ", ")
    return (
      NumericArray([labels.count, kinds.count], values),
      "rows have several labels or none: each of the \(kinds.count) labels is a target of 0 or 1, in the order \(names)"
        + (kinds.count > 10 ? ", ..." : "")
    )
  }

  private static let namePrefix = "index "

  /// The index of the first feature of data that were read from such a file; nil for other data.
  static func firstIndex(ofFeatures names: [String]?) -> Int? {
    names?.first.flatMap { $0.hasPrefix(namePrefix) ? Int($0.dropFirst(namePrefix.count)) : nil }
  }

  /// Features with zeros for those that no row of their file has.
  static func widened(
    _ features: NumericArray, to width: Int, _ file: String
  ) throws(Problem) -> NumericArray {
    let (count, own) = (features.shape[0], features.shape[1])
    guard own <= width else {
      throw Problem(
        .inconsistent, subject: file, location: "features",
        problem: "there are \(own) features, but the training data had \(width)",
        remedy: "remove the features that the training data do not have")
    }
    let values = features.doubles()
    var wide = [Double](repeating: 0, count: count * width)
    for row in 0..<count {
      for index in 0..<own { wide[row * width + index] = values[row * own + index] }
    }
    return NumericArray([count, width], wide)
  }
}
