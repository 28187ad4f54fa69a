import Findings

/// How a file of separated values is written: inferred from its first records, unless it was given.
struct CSVDialect {
  let separator: UInt8
  let hasHeader: Bool
  /// The names of the columns; without a header `column 1`, `column 2` and so on.
  let columnNames: [String]
  /// Whether these are in a comment.
  let hasNamesInComment: Bool
  /// Whether header and rows end with a separator that nothing follows.
  let endsWithSeparator: Bool
  /// Whether single quotes enclose the names of the columns, and so texts.
  let isSingleQuoted: Bool
  /// Whether names are not in UTF-8.
  let isConverted: Bool
  /// How many records before the header or the first row do not belong to the table: titles.
  let skippedCount: Int

  /// In this order if several would do: a semicolon, tab or bar is rare in a file that
  /// commas separate, while a comma may be in the numbers of one that semicolons separate.
  private static let candidates = ["\t", ";", "|", ",", " "].map {
    UInt8(ascii: $0 as Unicode.Scalar)
  }
  private static let sampleSize = 1 << 17
  private static let sampleCount = 100
  /// At most this many lines of titles are passed over.
  private static let titleLimit = 10

  /// The first records of a file under one separator.
  private struct Sample {
    var records: [[String]] = []
    var comment: [UInt8] = []
    var isConverted = false

    /// The number of fields that most records have, and the share of those that have it.
    var width: (count: Int, share: Double) {
      var frequencies: [Int: Int] = [:]
      for record in records { frequencies[record.count, default: 0] += 1 }
      guard let most = frequencies.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
        return (0, 0)
      }
      return (most.key, Double(most.value) / Double(records.count))
    }

    /// The share of the records with a field that holds letters and another separator.
    var mixedShare: Double {
      let count = records.count { record in
        record.contains { field in
          field.contains { ",;\t|".contains($0) } && field.contains(where: \.isLetter)
        }
      }
      return Double(count) / Double(max(1, records.count))
    }

    /// Whether a field holds several numbers with blanks between them, which are not groups of thousands in one number.
    var holdsSeveralNumbers: Bool {
      records.contains { record in
        record.contains { field in
          let parts = field.split(separator: " ")
          guard parts.count > 1, parts.allSatisfy({ CSVDialect.isNumber(String($0)) }) else {
            return false
          }
          return parts.dropLast().contains { $0.contains(".") }
            || parts.dropFirst().contains { $0.prefix { $0 != "." }.count != 3 }
        }
      }
    }

    /// The share of the cells below the first record that are numbers, dates, answers or missing.
    var typedShare: Double {
      let cells = records.dropFirst(records.count > 1 ? 1 : 0).prefix(30).flatMap { $0 }
      return Double(cells.count { CSVDialect.isTyped($0) }) / Double(max(1, cells.count))
    }
  }

  init(_ source: ByteSource, _ options: TableOptions) throws(Problem) {
    // A sample of the decompressed content, so that each candidate reads it from its start.
    var reader = try ByteReader(source)
    let start = try reader.read(Self.sampleSize)
    let isWhole = start.count < Self.sampleSize
    let sampled = ByteSource(start, named: source.file)
    let separator =
      options.separator ?? CSVRecordReader.declaredSeparator(start)
      ?? Self.separator(sampled, isWhole: isWhole)
    let sample = try Self.sample(sampled, separator, isWhole: isWhole)
    guard !sample.records.isEmpty else {
      throw Problem(
        .wrongFormat, subject: source.file, location: "row 1", problem: "there are no rows",
        remedy: "give a file with one example per line")
    }
    let titles = Self.titleCount(sample)
    let records = Array(sample.records[titles...])
    let first = records[0]
    self.separator = separator
    skippedCount = titles
    // Where the names are known, a single row that does not hold them is data.
    let mayBeOther = options.expectedNames.isEmpty || records.count > 1
    hasHeader =
      options.hasHeader
      ?? (Self.holdsNames(first, options.expectedNames)
        || mayBeOther && Self.looksLikeHeader(records))
    let comment = Self.names(inComment: sample.comment, separator)
    hasNamesInComment = !hasHeader && comment.count == first.count
    var names =
      hasHeader ? first : hasNamesInComment ? comment : (1...first.count).map { "column \($0)" }
    // Without a header the last column might also be a column of missing labels.
    endsWithSeparator =
      hasHeader && names.count > 2 && records.allSatisfy { $0.last?.isEmpty == true }
    if endsWithSeparator { names.removeLast() }
    // R writes names of rows, all different, without a name for their column; loggers write a separator after the last value.
    let below = records.dropFirst()
    if hasHeader, !below.isEmpty, below.allSatisfy({ $0.count == first.count + 1 }),
      !below.allSatisfy({ $0.last?.isEmpty == true }),
      Set(below.compactMap(\.first)).count == below.count
    {
      names.insert("", at: 0)
    }
    isSingleQuoted =
      hasHeader
      && names.allSatisfy { $0.hasPrefix("'") && $0.hasSuffix("'") && $0.utf8.count > 2 }
    columnNames = isSingleQuoted ? names.map { String($0.dropFirst().dropLast()) } : names
    isConverted = sample.isConverted
  }

  /// Records before a table of several columns that belong to no column: titles, and names with their values.
  private static func titleCount(_ sample: Sample) -> Int {
    let (width, share) = sample.width
    guard width > 2, share >= 0.5 else { return 0 }
    let records = sample.records
    if describesFile(records, width) { return 1 }
    let run = records.prefix { isTitle($0, width) }
    guard let last = run.last, run.count < records.count, run.count <= titleLimit else { return 0 }
    // R writes headers that lack the name of the first column.
    if run.count == 1, last.count == width - 1, !last.contains("") { return 0 }
    // An exported sheet fills the lines of its titles with empty fields; without a header below, they may be rows.
    let header = records[run.count]
    guard run.contains(where: { $0.count == width }),
      2 * header.count(where: { !isTyped($0) }) <= width
    else { return run.count }
    return run.prefix { $0.count < width }.count
  }

  /// Whether the first record tells of a logger and its program, with more fields than the table below, and not of the columns.
  private static func describesFile(_ records: [[String]], _ width: Int) -> Bool {
    guard records.count > 3, records[0].count > width, records[0].contains(where: isTyped),
      records.dropFirst().allSatisfy({ $0.count == width })
    else { return false }
    let names = records[1]
    return Set(names).count == names.count && !names.contains { $0.isEmpty || isTyped($0) }
  }

  /// Whether a record may be a title: a single text, or one followed by its value.
  private static func isTitle(_ record: [String], _ width: Int) -> Bool {
    let present = record.prefix { !$0.isEmpty }
    let all = record.count { !$0.isEmpty }
    guard all < width, record.count <= width else { return false }
    guard all > 1 else {
      return record.count < width || all == 0
        || !(record.first { !$0.isEmpty }.map(isTyped) ?? false)
    }
    return all == 2 && present.count == 2 && !isTyped(record[0])
  }

  private static func sample(
    _ source: ByteSource, _ separator: UInt8, isWhole: Bool
  ) throws(Problem) -> Sample {
    var reader = try CSVRecordReader(source, separator: separator)
    var sample = Sample()
    do throws(Problem) {
      while sample.records.count < sampleCount, try reader.next() {
        var record: [String] = []
        for index in 0..<reader.fieldCount {
          record.append(CellText.string(reader.field(index), isConverted: &sample.isConverted))
        }
        sample.records.append(record)
      }
    } catch  where !isWhole && sample.records.count > 0 {
      // The sample ends within a quote; the file does not.
    }
    sample.comment = reader.comment
    // The last record of a part of the file may be incomplete.
    if !isWhole, sample.records.count > 1, sample.records.count < sampleCount {
      sample.records.removeLast()
    }
    return sample
  }

  /// The candidate under which most records have the same number of fields and most fields are meaningful.
  private static func separator(_ source: ByteSource, isWhole: Bool) -> UInt8 {
    var best = (separator: UInt8(ascii: ","), quality: 0.0)
    for candidate in candidates {
      // A candidate under which quotes are wrong is ruled out; if all do, the comma's error is reported.
      guard let sample = try? sample(source, candidate, isWhole: isWhole) else { continue }
      let (count, share) = sample.width
      guard count > 1 else { continue }
      // Blanks within texts are not separators if another separator is left in the fields.
      let mixed = candidate == UInt8(ascii: " ") ? sample.mixedShare : 0
      let quality = share + sample.typedShare / 2 - mixed
      if quality > best.quality + 1e-9 { best = (candidate, quality) }
    }
    let (tab, blank) = (UInt8(ascii: "\t"), UInt8(ascii: " "))
    // Some columns are followed by tabs and others by blanks.
    if best.separator == tab, let byTabs = try? sample(source, tab, isWhole: isWhole),
      byTabs.holdsSeveralNumbers, let byBoth = try? sample(source, blank, isWhole: isWhole),
      byBoth.width.share == 1, byBoth.width.count > byTabs.width.count
    {
      return blank
    }
    return best.separator
  }

  // MARK: Headers

  fileprivate static func isNumber(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return DecimalNumber.value(bytes, 0, bytes.count) != nil
  }

  /// Whether a cell is certainly a value and not the name of a column.
  fileprivate static func isTyped(_ text: String) -> Bool {
    if MissingMark.isMark(text) || isNumber(text) { return true }
    // A point and a comma belong to one number only if one of them separates thousands: 0.3,1 is two numbers.
    if text.contains("."), text.contains(",") {
      let pieces = text.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "," }
      guard pieces.dropFirst().dropLast().allSatisfy({ $0.count == 3 }) else { return false }
    }
    // Digits with the punctuation of numbers and dates, perhaps with a currency or percent sign.
    var digits = 0
    for scalar in text.unicodeScalars {
      if ("0"..."9").contains(scalar) {
        digits += 1
      } else if !"+-−.,:/ eE$€£¥%()'’\u{A0}\u{202F}TZAPM°".unicodeScalars.contains(scalar) {
        return false
      }
    }
    return digits > 0
  }

  /// Whether most cells of a record are the names of different columns that the table is expected to have. Numbers, which may also be
  /// values, are names only if all cells are, in that order, or if they are more than three and all of the names but one.
  private static func holdsNames(_ record: [String], _ expected: [String]) -> Bool {
    guard !expected.isEmpty else { return false }
    let known = Dictionary(
      zip(expected.map(NameSpelling.common), 0...), uniquingKeysWith: { first, _ in first })
    let present = record.filter { !$0.isEmpty }
    let found = present.compactMap { known[NameSpelling.common($0)] }
    guard !found.isEmpty, Set(found).count == found.count else { return false }
    if present.contains(where: isTyped) {
      if found.count > 3, found.count >= expected.count - 1 { return true }
      return found.count == present.count && zip(found, found.dropFirst()).allSatisfy { $0 < $1 }
    }
    return 2 * found.count > present.count
  }

  /// Whether the first record names the columns: some column holds a text in it and values in the other records, or it counts the
  /// columns, or cells below it are of a kind that it is not, or none of its texts occurs again in columns whose texts repeat.
  private static func looksLikeHeader(_ records: [[String]]) -> Bool {
    let first = records[0]
    if countsColumns(records) || namesNumbers(records) { return true }
    // A column without a name and values does not count.
    let isText = first.indices.map { column in
      !isTyped(first[column])
        || first[column].isEmpty
          && (records.allSatisfy { $0.count <= column || $0[column].isEmpty }
            || records.count > 4
              && records.dropFirst().allSatisfy { $0.count > column && !$0[column].isEmpty })
    }
    guard records.count > 1 else { return !isText.isEmpty && isText.allSatisfy { $0 } }
    var (repeating, recurring) = (0, 0)
    for column in first.indices where isText[column] {
      let below = records.dropFirst().compactMap { $0.count > column ? $0[column] : nil }
      let present = below.filter { !MissingMark.isMark($0) }
      guard !present.isEmpty else { continue }
      let typed = present.count { isTyped($0) }
      if typed == present.count || present.count >= 10 && typed * 10 >= present.count * 9 {
        return true
      }
      if areValues(present, below: first[column]) { return true }
      let different = Set(present)
      if present.count >= 4, different.count * 2 <= present.count {
        repeating += 1
        if different.contains(first[column]) { recurring += 1 }
      }
    }
    let names = first.filter { !$0.isEmpty }
    guard recurring == 0, Set(names).count == names.count else { return false }
    // Consecutive years are names of columns, next to texts or alone.
    let years = first.indices.filter { !isText[$0] }.compactMap { Int(first[$0]) }
      .filter { (1000...3000).contains($0) }
    let steps = Set(zip(years.dropFirst(), years).map { $0 - $1 })
    if years.count > 1, years.count == isText.count(where: { !$0 }), steps == [1] || steps == [-1],
      first.indices.contains(where: { column in
        // Rows that consist of years have no other numbers below.
        !isText[column]
          && records.dropFirst().contains { record in
            guard record.count > column, let value = Double(record[column]) else { return false }
            return !(1000...3000).contains(value) || value != value.rounded()
          }
      })
    {
      return true
    }
    return repeating > 0
      && first.indices.allSatisfy { isText[$0] || isYear(first[$0], above: records, column: $0) }
  }

  /// Whether the first record has something else than a number above every column of numbers, of which there are several: dates, hours, ranges
  /// or percentages, as columns of a table in the wide form are called.
  private static func namesNumbers(_ records: [[String]]) -> Bool {
    let first = records[0]
    guard records.count > 3 else { return false }
    let numeric = first.indices.filter { column in
      let below = records.dropFirst().compactMap { $0.count > column ? $0[column] : nil }
        .filter { !MissingMark.isMark($0) }
      return below.count > 2 && below.allSatisfy(isNumber)
    }
    return numeric.count > 1
      && numeric.allSatisfy {
        !first[$0].isEmpty && !MissingMark.isMark(first[$0]) && !isNumber(first[$0])
      }
  }

  /// Whether the cells of a column are numbers with a unit, dates, durations or answers, and the first record's is neither.
  private static func areValues(_ cells: [String], below first: String) -> Bool {
    guard cells.count > 1, !first.isEmpty, !MissingMark.isMissingNumber(first),
      NumberStyle.rest(of: first) == nil, !isMoment(first), CellText.answer(first) == nil
    else { return false }
    let most = (9 * cells.count + 9) / 10
    if cells.count(where: isMoment) >= most { return true }
    let answers = cells.filter { CellText.answer($0) != nil }
    // One letter may be the code of a category that the first record has another of.
    let areWords = answers.contains { $0.count > 1 }
    if answers.count >= most, cells.count >= (areWords ? 3 : 10) { return true }
    let units = cells.compactMap { text in
      NumberStyle.rest(of: text).map { isTyped(text) ? "" : $0.lowercased() }
    }
    // Addresses begin with numbers too, but what follows these differs.
    let kinds = Set(units)
    return units.count >= most
      && kinds.allSatisfy { $0.isEmpty || CellText.isUnit($0) }
      && kinds.count <= max(1, min(4, units.count / 4))
  }

  /// Whether a text is a date or a duration.
  private static func isMoment(_ text: String) -> Bool {
    DurationStyle.isWritten(text) || DateStyle().moment(of: text) != nil
      || DateStyle(isDayFirst: true).moment(of: text) != nil
  }

  /// Whether a number of the first record may be the name of a column, as years are: a whole number above numbers that are not
  /// whole.
  private static func isYear(
    _ text: String, above records: [[String]], column: Int
  ) -> Bool {
    guard let number = Int(text), (1000...3000).contains(number) else { return false }
    let below = records.dropFirst().compactMap { $0.count > column ? $0[column] : nil }
    return below.count >= 4 && below.count { $0.contains(".") } * 10 >= below.count * 9
  }

  /// Whether the first record is 0, 1, 2, ... or 1, 2, 3, ...: what pandas writes above columns without names, after an empty field
  /// if it also writes its index. With few columns, it is a header only if another record writes numbers differently.
  private static func countsColumns(_ records: [[String]]) -> Bool {
    let hasIndex = records[0].first == ""
    let names = records[0].dropFirst(hasIndex ? 1 : 0)
    guard records.count > 1, !names.isEmpty,
      let first = names.first.flatMap({ Int($0) }), first == 0 || first == 1,
      zip(names, first...).allSatisfy({ $0.0 == "\($0.1)" })
    else { return false }
    let (few, many) = (3, 8)
    if hasIndex || names.count >= many && first == 0 { return true }
    return names.count >= few
      && names.indices.contains { column in
        records.dropFirst().allSatisfy { $0.count > column && $0[column].contains(".") }
          || records.dropFirst().allSatisfy { $0.count > column && !isTyped($0[column]) }
      }
  }

  /// The names in a line such as `# x y class`, as NumPy writes a header.
  private static func names(inComment comment: [UInt8], _ separator: UInt8) -> [String] {
    let parts = comment.split(
      separator: separator, omittingEmptySubsequences: separator == UInt8(ascii: " "))
    return parts.map { part in
      let text = CellText.string(part)
      return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
