/// How the durations of a column are written, which become seconds: 1:23:45, 59:30.2, 2 days 03:04:05, 2h 50m.
enum DurationStyle: String, Sendable, Hashable, Codable {
  /// What two numbers mean: hours and minutes, or minutes and seconds.
  case hours, minutes

  /// What is found in a text.
  private struct Parts {
    var days: Double?
    var isNegative = false
    /// Hours, minutes and seconds, or two of them.
    var numbers: [Double] = []
    var hasFraction = false
  }

  private static let dayWords: Set<String> = ["day", "days", "d", "tag", "tage", "jour", "jours"]

  /// The numbers of a duration; nil for any other text.
  private static func parts(of text: String) -> Parts? {
    guard (3...40).contains(text.utf8.count), text.contains(":") else { return nil }
    var parts = Parts()
    var words = text.split { $0 == " " || $0 == "\u{A0}" || $0 == "," && text.contains("day") }
    if let first = words.first, first.first == "-" || first.first == "+" {
      parts.isNegative = first.first == "-"
      words[0] = first.dropFirst()
    }
    if words.count == 3, let days = Int(words[0]), dayWords.contains(words[1].lowercased()) {
      parts.days = Double(days)
      words.removeFirst(2)
      // Python writes -1 days +23:59:59.
      if words[0].first == "+" { words[0] = words[0].dropFirst() }
    }
    guard words.count == 1 else { return nil }
    let pieces = words[0].split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(pieces.count) else { return nil }
    for (index, piece) in pieces.enumerated() {
      let isLast = index == pieces.count - 1
      let digits = piece.prefix { $0.isASCII && $0.isNumber }
      guard (1...4).contains(digits.count), let whole = Double(digits) else { return nil }
      // All but the first are below 60, and have two digits.
      guard index == 0 || digits.count == 2 && whole < 60 else { return nil }
      var value = whole
      if digits.count < piece.count {
        let fraction = piece.dropFirst(digits.count + 1)
        guard isLast, ".,".contains(piece[digits.endIndex]), (1...9).contains(fraction.count),
          fraction.allSatisfy({ $0.isASCII && $0.isNumber }), let part = Double("0." + fraction)
        else { return nil }
        value += part
        parts.hasFraction = true
      }
      parts.numbers.append(value)
    }
    return parts
  }

  /// The seconds of a duration; nil if a text is none.
  func seconds(of text: String) -> Double? {
    if let words = DurationWords(text) { return words.seconds }
    guard let parts = Self.parts(of: text) else { return nil }
    let numbers = parts.numbers
    var seconds =
      numbers.count == 3
      ? 3600 * numbers[0] + 60 * numbers[1] + numbers[2]
      : (self == .hours ? 3600 : 60) * numbers[0] + (self == .hours ? 60 : 1) * numbers[1]
    // The days of -1 days 23:59:59 are negative, and its time is not.
    if let days = parts.days { return (parts.isNegative ? -days : days) * 86_400 + seconds }
    if parts.isNegative { seconds = -seconds }
    return seconds
  }

  /// Whether a text is written like a duration or a time of day.
  static func isWritten(_ text: String) -> Bool {
    parts(of: text) != nil || (DurationWords(text)?.units.count ?? 0) > 1
  }

  /// The same; a single amount of time may be one among others.
  static func isDuration(_ text: String) -> Bool {
    parts(of: text) != nil || DurationWords(text) != nil
  }

  private static let durationWords: Set<String> = [
    "duration", "durations", "dauer", "laufzeit", "fahrzeit", "spielzeit", "elapsed", "length",
    "run", "race", "lap", "laps", "finish", "split", "travel", "net", "gun", "chip", "pace",
    "runtime", "playtime", "durée", "duree", "duración", "duracion", "durata", "wait", "waiting",
    "delay", "response", "processing", "interval", "uptime", "downtime", "swim", "bike", "ride",
    "best", "record", "rest", "lasted", "took", "timedelta",
  ]
  private static let clockWords: Set<String> = [
    "time", "times", "clock", "hour", "hours", "uhr", "uhrzeit", "zeit", "zeitpunkt", "heure",
    "hora", "ora", "orario", "horaire", "timestamp", "when", "start", "end", "begin", "departure",
    "arrival", "opening", "closing", "beginn", "ende", "abfahrt", "ankunft",
  ]
  private static let hourWords: Set<String> = [
    "hour", "hours", "hrs", "h", "hhmm", "stunden", "heures", "horas", "ore",
  ]

  /// The style of a column of durations; nil if it holds anything else, or times of day.
  ///
  /// Certain are values that no clock shows, and names that say so. What a clock could show is a time of day if the name says so, if
  /// there are dates in the table, or if there are no seconds; otherwise it is a duration.
  ///
  /// - Parameters:
  ///   - texts: The different texts of the column, without marks for missing values.
  ///   - name: Its name.
  ///   - hasDates: Whether another column of the table holds dates.
  init?(_ texts: [String], in name: String, hasDates: Bool) {
    var isCertain = false
    var (hasTwo, hasThree, hasFractionOfTwo) = (false, false, false)
    // A single unit is that of numbers.
    var units: Set<DurationWords.Unit> = []
    for text in texts {
      if let words = DurationWords(text) {
        units.formUnion(words.units)
        isCertain = isCertain || words.units.count > 1
        continue
      }
      guard let parts = Self.parts(of: text) else { return nil }
      if parts.numbers.count == 2 { hasTwo = true } else { hasThree = true }
      if parts.days != nil || parts.isNegative || parts.numbers[0] > 24 { isCertain = true }
      if parts.numbers.count == 2, parts.hasFraction { hasFractionOfTwo = true }
    }
    guard hasTwo || hasThree || isCertain && units.count > 1 else { return nil }
    let words = NameWords.of(name)
    let saysDuration = words.contains(where: Self.durationWords.contains)
    let saysClock = words.contains(where: Self.clockWords.contains)
    guard
      isCertain || hasFractionOfTwo || hasTwo && hasThree || saysDuration
        || hasThree && !saysClock && !hasDates
    else { return nil }
    let areHours =
      !hasThree && !hasFractionOfTwo && words.contains(where: Self.hourWords.contains)
    self = areHours ? .hours : .minutes
  }
}
