import Findings

/// How a file of separated values is written: told from its first records, unless it was given.
struct CSVDialect {
  let separator: UInt8
  let hasHeader: Bool
  /// The names of the columns; without a header `column 1`, `column 2` and so on.
  let columnNames: [String]
  /// Whether header and rows end with a separator, behind which nothing stands.
  let endsWithSeparator: Bool

  /// In this order where several would do: a semicolon, tab or bar seldom stands in a file that
  /// commas separate, while a comma may stand in the numbers of one that semicolons separate.
  private static let candidates = ["\t", ";", "|", ",", " "].map {
    UInt8(ascii: $0 as Unicode.Scalar)
  }
  private static let sampleSize = 1 << 17
  private static let sampleCount = 100

  /// The first records of a file under one separator.
  private struct Sample {
    var records: [[String]] = []
    var comment: [UInt8] = []

    /// The number of fields that most records have, and the share of those that have it.
    var width: (count: Int, share: Double) {
      var frequencies: [Int: Int] = [:]
      for record in records { frequencies[record.count, default: 0] += 1 }
      guard let most = frequencies.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
        return (0, 0)
      }
      return (most.key, Double(most.value) / Double(records.count))
    }
  }

  init(_ source: ByteSource, _ options: CSVTable.Options) throws(Problem) {
    // A sample of the decompressed content, so that each candidate reads it from its start.
    var reader = try ByteReader(source)
    let start = try reader.read(Self.sampleSize)
    let isWhole = start.count < Self.sampleSize
    let sampled = ByteSource(start, named: source.file)
    let separator = options.separator ?? Self.separator(sampled, isWhole: isWhole)
    let sample = try Self.sample(sampled, separator, isWhole: isWhole)
    guard let first = sample.records.first else {
      throw Problem(
        .wrongFormat, subject: source.file, location: "row 1", problem: "there are no rows",
        remedy: "give a file with one example per line")
    }
    self.separator = separator
    hasHeader = options.hasHeader ?? Self.looksLikeHeader(sample.records)
    let comment = Self.names(inComment: sample.comment, separator)
    let names =
      hasHeader
      ? first : comment.count == first.count ? comment : (1...first.count).map { "column \($0)" }
    // Without a header the last column might as well be one of labels that are missing.
    endsWithSeparator =
      hasHeader && names.count > 2 && sample.records.allSatisfy { $0.last?.isEmpty == true }
    columnNames = endsWithSeparator ? names.dropLast() : names
  }

  private static func sample(
    _ source: ByteSource, _ separator: UInt8, isWhole: Bool
  ) throws(Problem) -> Sample {
    var reader = try CSVRecordReader(source, separator: separator)
    var sample = Sample()
    do throws(Problem) {
      while sample.records.count < sampleCount, try reader.next() {
        sample.records.append(
          (0..<reader.fieldCount).map { String(decoding: reader.field($0), as: UTF8.self) })
      }
    } catch  where !isWhole && sample.records.count > 0 {
      // The sample ends within a quote; the file does not.
    }
    sample.comment = reader.comment
    // The last record of a part of the file may be half of one.
    if !isWhole, sample.records.count > 1, sample.records.count < sampleCount {
      sample.records.removeLast()
    }
    return sample
  }

  private static func separator(_ source: ByteSource, isWhole: Bool) -> UInt8 {
    var best = (separator: UInt8(ascii: ","), share: 0.0)
    for candidate in candidates {
      // A candidate that makes the quotes wrong is none; if all do, the comma's error is reported.
      guard let sample = try? sample(source, candidate, isWhole: isWhole) else { continue }
      let (count, share) = sample.width
      if count > 1, share > best.share { best = (candidate, share) }
      if count > 1, share >= 0.9 { break }
    }
    return best.separator
  }

  /// Whether some column holds a text in the first record and numbers in all others, or the first record
  /// counts the columns.
  private static func looksLikeHeader(_ records: [[String]]) -> Bool {
    let first = records[0]
    if countsColumns(records) { return true }
    let isText = first.map { number($0) == nil && !CSVTable.isMissing(Array($0.utf8)[...]) }
    guard records.count > 1 else { return !isText.isEmpty && isText.allSatisfy { $0 } }
    return first.indices.contains { column in
      guard isText[column] else { return false }
      let below = records.dropFirst().compactMap { $0.count > column ? $0[column] : nil }
      let present = below.filter { !CSVTable.isMissing(Array($0.utf8)[...]) }
      return !present.isEmpty && present.allSatisfy { number($0) != nil }
    }
  }

  /// Whether the first record is 0, 1, 2, ...: what pandas writes over columns without names, behind an
  /// empty field where it also writes its index. Of few columns it is a header only where another record
  /// writes numbers in another way.
  private static func countsColumns(_ records: [[String]]) -> Bool {
    let hasIndex = records[0].first == ""
    let names = records[0].dropFirst(hasIndex ? 1 : 0)
    guard records.count > 1, !names.isEmpty,
      zip(names, 0...).allSatisfy({ $0.0 == "\($0.1)" })
    else { return false }
    let (few, many) = (3, 8)
    if hasIndex || names.count >= many { return true }
    return names.count >= few
      && names.indices.contains { column in
        records.dropFirst().allSatisfy { $0.count > column && $0[column].contains(".") }
      }
  }

  private static func number(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return DecimalNumber.value(bytes, 0, bytes.count)
  }

  /// The names in a line such as `# x y class`, as NumPy writes a header.
  private static func names(inComment comment: [UInt8], _ separator: UInt8) -> [String] {
    let parts = comment.split(
      separator: separator, omittingEmptySubsequences: separator == UInt8(ascii: " "))
    return parts.map { part in
      let text = String(decoding: part, as: UTF8.self)
      return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
