/// Dates and durations, a few cells of which may be something else.
extension ColumnAnalysis {
  /// So many different values are those of measurements, and not of a few codes.
  static let manyValues = 10
  /// So many texts show whether a column may hold dates.
  private static let sampleCount = 50

  /// Whether the cells that cannot be read like the others are so few that they count as missing: remarks by the author of the table,
  /// errors of typing, damage.
  ///
  /// - Parameters:
  ///   - words: Their different texts.
  ///   - count: How many cells there are of these.
  ///   - readable: How many of the others.
  ///   - areMany: Whether the others have many different values.
  static func areFew(
    _ words: [String], count: Int, among readable: Int, areMany: Bool
  ) -> Bool {
    words.count <= 2 && count * 10 <= readable && readable >= 10
      || count * 20 <= readable && readable >= 40
      || words.count <= 3 && count * 2 <= readable && areMany
        && !words.contains { $0.contains(where: \.isNumber) }
  }

  /// Dates, if nearly all cells are some.
  ///
  /// - Parameters:
  ///   - texts: The different texts of the column, without marks for missing values.
  ///   - counts: How many cells hold each.
  static func dates(
    _ column: DataTable.Column, _ texts: [String], _ counts: [Int], _ hints: Hints
  ) -> (kind: Kind, strange: [String])? {
    let orders =
      hints.isDayFirst.map { [$0] } ?? (hints.hasDecimalCommas ? [true, false] : [false, true])
    let numbers = column.cells.filter { !$0.isNaN }
    let strangeNumbers = numbers.filter { compactMoment(of: $0) == nil }
    // Of other numbers of that size, 4 in 100 are dates.
    guard numbers.isEmpty || strangeNumbers.count * 10 <= numbers.count + texts.count else {
      return nil
    }
    var best: (style: DateStyle, strange: [Int])?
    for isDayFirst in orders {
      let style = DateStyle(isDayFirst: isDayFirst)
      let sample = texts.prefix(sampleCount)
      guard 2 * sample.count(where: { style.moment(of: $0) != nil }) >= sample.count else {
        continue
      }
      let strange = texts.indices.filter { style.moment(of: texts[$0]) == nil }
      if strange.count < best?.strange.count ?? .max { best = (style, strange) }
      if strange.isEmpty { break }
    }
    guard let (style, strange) = best else { return nil }
    let words =
      strange.map { texts[$0] } + Set(strangeNumbers).sorted().map { NumericArray.text($0) }
    guard !words.isEmpty else { return (.date(style), []) }
    // If the day was said to be first, and only the other order fits, that is to be told.
    let other = DateStyle(isDayFirst: !style.isDayFirst)
    if hints.isDayFirst != nil, texts.allSatisfy({ other.moment(of: $0) != nil }) { return nil }
    let count = strange.reduce(strangeNumbers.count) { $0 + counts[$1] }
    let readable = numbers.count + counts.reduce(0, +) - count
    let distinct = texts.count - strange.count + Set(numbers.prefix(distinctLimit)).count
    guard
      readable > 0 && strange.allSatisfy({ MissingMark.isMissingNumber(texts[$0]) })
        && strangeNumbers.isEmpty
        || areFew(words, count: count, among: readable, areMany: distinct > manyValues)
    else { return nil }
    return (.date(style), words)
  }

  /// Whole numbers such as 20200131, nearly all of them dates of the calendar.
  static func compactDates(
    _ column: DataTable.Column, _ texts: [String], _ counts: [Int], _ hints: Hints
  ) -> (kind: Kind, strange: [String])? {
    let numbers = column.cells.lazy.filter { !$0.isNaN }
    guard let first = numbers.first(where: { $0 != 0 }), (19_000_000.0..<21_010_000).contains(first)
    else { return nil }
    let count = numbers.count { compactMoment(of: $0) != nil }
    guard count >= 5 || count > 0 && column.name.lowercased().contains("dat") else { return nil }
    return dates(column, texts, counts, hints)
  }

  /// Durations, if nearly all texts are some.
  static func durations(
    _ name: String, _ texts: [String], _ counts: [Int], _ hints: Hints
  ) -> (kind: Kind, strange: [String])? {
    let sample = texts.prefix(sampleCount)
    guard 2 * sample.count(where: DurationStyle.isDuration) >= sample.count else { return nil }
    let strange = texts.indices.filter { !DurationStyle.isDuration(texts[$0]) }
    let words = strange.map { texts[$0] }
    let count = strange.reduce(0) { $0 + counts[$1] }
    let readable = texts.filter(DurationStyle.isDuration)
    guard
      strange.isEmpty || words.allSatisfy({ MissingMark.isMissingNumber($0) })
        || areFew(
          words, count: count, among: counts.reduce(0, +) - count,
          areMany: readable.count > manyValues),
      let duration = DurationStyle(readable, in: name, hasDates: hints.hasDates)
    else { return nil }
    var style = NumberStyle()
    style.duration = duration
    return (.number(style), words)
  }

  /// Whether a column holds dates, or its name says that it holds a part of one.
  static func holdsDates(_ column: DataTable.Column) -> Bool {
    let words = NameWords.of(column.name)
    if words.contains(where: ["date", "datum", "day", "weekday", "month", "tag"].contains) {
      return true
    }
    let texts = column.texts.lazy.filter { !MissingMark.isMark($0) }.prefix(20)
    guard !texts.isEmpty else {
      return !column.cells.isEmpty && compactDates(column, [], [], Hints()) != nil
    }
    return [false, true].contains { isDayFirst in
      let dates = texts.count { text in
        DateStyle(isDayFirst: isDayFirst).moment(of: text).map { $0.month > 0 } ?? false
      }
      return dates * 10 >= texts.count * 9
    }
  }

  /// The date given by a number of eight digits.
  static func compactMoment(of number: Double) -> DateStyle.Moment? {
    guard number == number.rounded(), (19_000_101.0...21_001_231).contains(number) else {
      return nil
    }
    let digits = Int(number)
    let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100)
    guard DateStyle.exists(year: year, month, day: day) else { return nil }
    return DateStyle.Moment(year: year, month: month, day: day)
  }
}
