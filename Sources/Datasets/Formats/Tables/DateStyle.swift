/// How the dates of a column are written, and what features they become.
struct DateStyle: Sendable, Hashable, Codable {
  /// A part of a date that becomes a feature.
  enum Part: String, Sendable, Hashable, Codable, CaseIterable {
    case year, month, day, hour, minute, second
  }

  /// Whether the day is before the month in 3/4/2020.
  var isDayFirst = false

  private enum CodingKeys: String, CodingKey { case isDayFirst = "day_first" }

  /// The numbers of a date; those that it does not state are 0.
  struct Moment: Hashable {
    /// Seconds are those of a time without a date, such as that of a race: in a log they are chance.
    var year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0.0

    subscript(part: Part) -> Double {
      switch part {
      case .year: Double(year)
      case .month: Double(month)
      case .day: Double(day)
      case .hour: Double(hour)
      case .minute: Double(minute)
      case .second: second
      }
    }
  }

  /// The moment that a text states; nil if it states none.
  func moment(of text: String) -> Moment? {
    guard (4...40).contains(text.utf8.count), text.contains(where: \.isNumber) else { return nil }
    if let part = Self.partOfYear(text) { return part }
    let text = DateWords.divided(DateWords.withoutCharacters(text))
    // Thu has a T too, but not before a digit.
    var words: [String] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\u{A0}" }) {
      let parts = word.split(separator: "T", omittingEmptySubsequences: false)
      words +=
        parts.count == 2 && parts[0].last?.isNumber == true && parts[1].first?.isNumber == true
        ? parts.map(String.init) : [String(word)]
    }
    // A web server writes 10/Oct/2000:13:55:36.
    if let first = words.first, let colon = first.firstIndex(of: ":"),
      first.contains("/") || first[..<colon].contains(where: \.isLetter)
    {
      words = [String(first[..<colon]), String(first[first.index(after: colon)...])]
    }
    var moment = Moment()
    var hasTime = false
    if let time = words.firstIndex(where: { $0.contains(":") }) {
      let next = words.dropFirst(time + 1).first
      guard Self.readTime(words[time], next, isAlone: words.count == 1, into: &moment) else {
        return nil
      }
      hasTime = true
      // The year may be the last word, as in Mon Jan 5 10:00:00 2020.
      let year = words.count > time + 1 ? words.last.flatMap { $0.count == 4 ? Int($0) : nil } : nil
      words.removeSubrange(time...)
      if let year { words.append("\(year)") }
    }
    guard !words.isEmpty else { return hasTime ? moment : nil }
    return readDate(words, into: &moment) ? moment : nil
  }

  /// A quarter or a week, such as 2020Q3, Q3 2020 and 2018-W01: its year, with the month and the day on which it begins.
  private static func partOfYear(_ text: String) -> Moment? {
    let content = text.uppercased().filter { !" -/".contains($0) }
    guard let mark = content.firstIndex(where: { $0 == "Q" || $0 == "W" }) else { return nil }
    let (before, after) = (content[..<mark], content[content.index(after: mark)...])
    let (year, part) = before.isEmpty ? (after.suffix(4), after.dropLast(4)) : (before, after)
    guard year.count == 4, (1...2).contains(part.count),
      let yearNumber = Int(year), (1000...3000).contains(yearNumber), let number = Int(part)
    else { return nil }
    if content[mark] == "Q" {
      guard part.count == 1, (1...4).contains(number) else { return nil }
      return Moment(year: yearNumber, month: 3 * number - 2, day: 1)
    }
    guard (1...53).contains(number) else { return nil }
    var (month, day) = (0, 7 * number - 6)
    while month < 11, day > monthLengths[month] {
      day -= monthLengths[month]
      month += 1
    }
    return Moment(year: yearNumber, month: month + 1, day: min(day, 31))
  }

  private static let monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  /// Whether the calendar has a day.
  static func exists(year: Int, _ month: Int, day: Int) -> Bool {
    guard monthLengths.indices.contains(month - 1), day > 0 else { return false }
    let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
    return day <= monthLengths[month - 1] + (month == 2 && isLeap ? 1 : 0)
  }

  private static func readTime(
    _ text: String, _ next: String?, isAlone: Bool, into moment: inout Moment
  ) -> Bool {
    var content = Substring(text)
    var half = next?.lowercased()
    for suffix in ["am", "pm"] where content.lowercased().hasSuffix(suffix) {
      content = content.dropLast(2)
      half = suffix
    }
    if content.hasSuffix("Z") { content = content.dropLast() }
    if let zone = content.firstIndex(where: { $0 == "+" || $0 == "-" }) {
      content = content[..<zone]
    }
    let parts = content.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hour = Int(parts[0]), let minute = Int(parts[1]),
      // A time alone may be a duration of more than a day.
      (0...(isAlone && parts.count == 3 ? 9999 : 24)).contains(hour), (0...59).contains(minute),
      let second = parts.count == 2 ? 0 : Double(parts[2]), (0..<61).contains(second)
    else { return false }
    if isAlone { moment.second = second }
    moment.hour = hour
    if half == "pm", hour < 12 { moment.hour += 12 }
    if half == "am", hour == 12 { moment.hour = 0 }
    moment.minute = minute
    return true
  }

  private func readDate(_ words: [String], into moment: inout Moment) -> Bool {
    let pieces = words.flatMap { word in
      word.split { "-/.,".contains($0) }.map(String.init)
    }
    // The name of a day may come first, and words such as de between the others.
    let parts = pieces.filter { $0.contains(where: \.isNumber) || !DateWords.isPassedOver($0) }
    guard (2...3).contains(parts.count) else { return false }
    let isWhole = parts.count == 3
    if let name = parts.firstIndex(where: { DateWords.month($0, inWholeDate: isWhole) != nil }) {
      let numbers = parts.indices.filter { $0 != name }.compactMap { Self.number(parts[$0]) }
      guard numbers.count == parts.count - 1,
        let month = DateWords.month(parts[name], inWholeDate: isWhole)
      else { return false }
      moment.month = month
      if numbers.count == 1 {
        // March 2020, or 12 March.
        if numbers[0] > 31 { moment.year = numbers[0] } else { moment.day = numbers[0] }
        return true
      }
      let yearFirst = numbers[0] > 31
      return set(
        &moment, year: numbers[yearFirst ? 0 : 1], month, day: numbers[yearFirst ? 1 : 0])
    }
    let numbers = parts.compactMap { Self.number($0) }
    // Numbers with only one kind of mark between them are dates, except such as 3.5 and 1,2.
    guard numbers.count == parts.count, words.count == 1 else { return false }
    let marks = Set(words[0].filter { !$0.isNumber })
    guard marks.count == 1, let mark = marks.first, mark != "," else { return false }
    if numbers.count == 2 {
      guard mark != ".", parts[0].count == 4 || parts[1].count == 4 else { return false }
      let isYearFirst = parts[0].count == 4
      moment.year = numbers[isYearFirst ? 0 : 1]
      moment.month = numbers[isYearFirst ? 1 : 0]
      return (1000...3000).contains(moment.year) && (1...12).contains(moment.month)
    }
    if parts[0].count == 4 { return set(&moment, year: numbers[0], numbers[1], day: numbers[2]) }
    guard parts[2].count == 4 || parts[2].count == 2 else { return false }
    let isDayFirst = isDayFirst || mark == "."
    return set(
      &moment, year: numbers[2], numbers[isDayFirst ? 1 : 0], day: numbers[isDayFirst ? 0 : 1])
  }

  private func set(_ moment: inout Moment, year: Int, _ month: Int, day: Int) -> Bool {
    let whole = year < 100 ? year + (year < 70 ? 2000 : 1900) : year
    guard (1000...3000).contains(whole), Self.exists(year: whole, month, day: day) else {
      return false
    }
    (moment.year, moment.month, moment.day) = (whole, month, day)
    return true
  }

  /// What follows the number of a day in some languages.
  static let ordinalEndings = ["st", "nd", "rd", "th", "er", "º", "°", "ª"]

  private static func number(_ text: String) -> Int? {
    let ending = ordinalEndings.first {
      text.lowercased().hasSuffix($0)
    }
    let digits = text.dropLast(ending?.count ?? 0)
    guard (1...4).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return nil
    }
    return Int(digits)
  }
}
