import Findings

/// The text of LIBSVM: a label, then `index:value` for each feature that is not 0, indices counted from 1, or from 0 in some files.
///
/// Source: C.-C. Chang and C.-J. Lin, "LIBSVM: a library for support vector machines", 2011.
enum LibsvmFormat: DataFormat {
  static let name = "LIBSVM"
  static let meaning =
    "a label, then index:value for each feature that is not 0"
  static let endings = [".libsvm", ".svm"]

  /// Missing features are 0, so that a large index must not require more memory than this many values.
  private static let valueLimit = 1 << 27

  static func recognizes(_ input: DataInput) -> Bool {
    guard input.content == .text else { return false }
    var lines = CellText.string(input.start[...]).split(whereSeparator: \.isNewline)
    // The last line of a part of the file may be incomplete.
    if lines.count > 1 { lines.removeLast() }
    guard !lines.isEmpty else { return false }
    var pairCount = 0
    for line in lines {
      let fields = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard let label = fields.first else { continue }
      guard Double(label) != nil, fields.dropFirst().allSatisfy({ pair($0) != nil }) else {
        return false
      }
      pairCount += fields.count - 1
    }
    return pairCount > 0
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
    var labels: [Double] = []
    var rows: [[(index: Int, value: Double)]] = []
    var (width, number, first) = (0, 0, options.firstIndex ?? 1)
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let fields = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard let start = fields.first else { continue }
      var row: [(index: Int, value: Double)] = []
      for field in fields.dropFirst() {
        guard let pair = pair(field), pair.index >= 0 || field.hasPrefix("qid:") else {
          throw Problem(
            .wrongFormat, subject: input.path, location: "row \(number)",
            problem:
              "\"\(field.prefix(40))\" is not an index (starting at 0 or 1) and a finite value separated by a colon",
            remedy: "write each row as: label index:value index:value ...")
        }
        guard pair.index >= 0 else { continue }
        row.append(pair)
        first = min(first, pair.index)
        width = max(width, pair.index)
      }
      guard let label = Double(start), label.isFinite else {
        throw Problem(
          .wrongFormat, subject: input.path, location: "row \(number)",
          problem: "the label \"\(start.prefix(40))\" is not a number",
          remedy: "give one number in front of each row")
      }
      labels.append(label)
      rows.append(row)
    }
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
    let targets = NumericArray([labels.count], labels)
    return DataContent(
      arrays: [
        .init(name: "X", read: { () throws(Problem) in features }),
        .init(name: "Y", read: { () throws(Problem) in targets }),
      ], featureNames: (first..<first + width).map { "\(namePrefix)\($0)" }, meaning: .arrays)
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
