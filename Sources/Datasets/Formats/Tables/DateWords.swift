/// The words of dates: months and days in English, German, French, Spanish, Italian and Portuguese, and the characters of East Asia.
enum DateWords {
  private static let english = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  /// The names in other languages, and the abbreviations that are not their first letters.
  private static let names: [[String]] = [
    ["januar", "jänner", "janvier", "enero", "gennaio", "janeiro"],
    ["februar", "feber", "février", "febrero", "febbraio", "fevereiro"],
    ["märz", "maerz", "mrz", "mars", "marzo", "março", "marco"],
    ["april", "avril", "abril", "aprile"],
    ["mai", "mayo", "maggio", "maio"],
    ["juni", "juin", "junio", "giugno", "junho"],
    ["juli", "juillet", "julio", "luglio", "julho"],
    ["august", "août", "aout", "agosto"],
    ["september", "septembre", "septiembre", "setiembre", "settembre", "setembro"],
    ["oktober", "octobre", "octubre", "ottobre", "outubro"],
    ["november", "novembre", "noviembre", "novembro"],
    ["dezember", "décembre", "decembre", "diciembre", "dicembre", "dezembro"],
  ]
  /// Days, as whole words: mardi and martes begin like a month.
  private static let days: Set<String> = [
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "lunes", "martes",
    "miércoles", "miercoles", "jueves", "viernes", "sábado", "sabado", "domingo", "lunedì",
    "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica", "segunda", "terça",
    "quarta", "quinta", "sexta", "feira",
  ]
  private static let fillers: Set<String> = ["de", "del", "of", "den", "der", "le", "il", "the"]

  /// The number of a month by its name or an abbreviation of at least three letters.
  ///
  /// - Parameter isWhole: Whether a day and a year are next to it: without them, gen and set may be other words.
  static func month(_ text: String, inWholeDate isWhole: Bool) -> Int? {
    let word = text.lowercased()
    guard word.count >= 3, word.allSatisfy(\.isLetter) else { return nil }
    if let index = names.firstIndex(where: { $0.contains(word) })
      ?? english.firstIndex(where: { word.hasPrefix($0) })
    {
      return index + 1
    }
    guard isWhole else { return nil }
    return names.firstIndex { $0.contains { $0.hasPrefix(word) } }.map { $0 + 1 }
  }

  /// Whether a word says nothing about a date: the name of a day, or a word such as de.
  static func isPassedOver(_ text: String) -> Bool {
    let word = text.lowercased()
    return days.contains(word) || fillers.contains(word)
      || ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains { word.hasPrefix($0) }
  }

  /// A date such as 05JAN2015, as SAS writes it, with hyphens around its month; any other text as it is.
  static func divided(_ text: String) -> String {
    let day = text.prefix { $0.isASCII && $0.isNumber }
    let rest = text[day.endIndex...]
    let word = rest.prefix(3)
    let after = rest.dropFirst(3)
    guard (1...2).contains(day.count), month(String(word), inWholeDate: true) != nil,
      [2, 4].contains(after.prefix(while: { $0.isASCII && $0.isNumber }).count)
    else { return text }
    return "\(day)-\(word)-\(after)"
  }

  /// A date such as 2020年3月1日 or 2020년 3월 1일 with hyphens between its numbers; any other text as it is.
  static func withoutCharacters(_ text: String) -> String {
    for (year, month, day) in [("年", "月", "日"), ("년", "월", "일")]
      as [(Character, Character, Character)]
    where text.contains(year) {
      var date = ""
      for character in text {
        switch character {
        case year, month:
          while date.last == " " { date.removeLast() }
          date.append("-")
        case day: date.append(" ")
        case " " where date.last == "-": break
        default: date.append(character)
        }
      }
      while let last = date.last, last == " " || last == "-" { date.removeLast() }
      return date
    }
    return text
  }
}
