/// How the numbers of a column are written: with which decimal mark, with a currency, a percent sign or a unit.
struct NumberStyle: Sendable, Hashable, Codable {
  /// Whether a comma precedes the decimals, and points separate thousands.
  var hasDecimalComma = false
  /// What follows every number, such as `cm`.
  var unit = ""
  /// Whether points of plain numbers separate thousands: 1.234 is 1234.
  var hasPointsBetweenThousands = false
  /// The numbers that are written for a missing value, such as -999; `nil` if gaps are empty.
  var missingCodes: [Double]?
  /// What may follow a number and is left out, such as the b of a break in a series.
  var marks: [String]?
  /// How durations are written, if the column holds those: its numbers are seconds.
  var duration: DurationStyle?
  /// Whether numbers may be written as fractions: 3/4, 1 1/2, ½.
  var hasFractions: Bool?
  /// Whether cells without a percent sign are percentages too, as the range of the others shows.
  var hasPlainPercents: Bool?

  private enum CodingKeys: String, CodingKey {
    case unit, marks, duration
    case hasDecimalComma = "decimal_comma"
    case hasPointsBetweenThousands = "points_between_thousands"
    case missingCodes = "missing_codes"
    case hasFractions = "fractions"
    case hasPlainPercents = "plain_percents"
  }

  private static let currencies: Set<Character> = [
    "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "฿", "₫", "₪", "¢",
  ]
  private static let currencyCodes = [
    "us$", "usd", "eur", "gbp", "chf", "jpy", "inr", "cny", "rs.", "rs", "r$", "kr.", "kr", "zł",
    "pln", "sek", "nok", "dkk", "aud", "cad", "brl", "kč", "sfr.", "sfr", "fr.", "fr",
  ]
  private static let dashes: Set<Character> = ["-", "–", "—", "−"]
  /// What laboratories write before a limit of detection, which is read as the value.
  static let bounds: Set<Character> = ["<", ">", "≤", "≥", "~", "≈"]
  private static let spaces: Set<Character> = [
    " ", "\u{A0}", "\u{202F}", "\u{2009}", "\t", "\u{200B}", "\u{FEFF}",
  ]
  private static let factors: [String: Double] = [
    "k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "mrd": 1e9,
  ]

  /// Whether a comma would precede decimals, as where points separate thousands.
  private var expectsCommas: Bool { hasDecimalComma || hasPointsBetweenThousands }

  /// The value of a plain number of the column; NaN for that of a gap.
  ///
  /// - Parameter mayBeThousands: Whether it is written like 1.234, so that its point may separate thousands.
  func value(of number: Double, mayBeThousands: @autoclosure () -> Bool) -> Double {
    if missingCodes?.contains(number) == true { return .nan }
    let value = hasPointsBetweenThousands && mayBeThousands() ? (number * 1000).rounded() : number
    return hasPlainPercents == true ? Self.hundredth(of: value) : value
  }

  /// The value of the text of a cell, or nil if it is none. A point that cannot separate thousands is before decimals, whatever
  /// the others are: 20.5 €.
  func content(of text: String) -> Double? {
    if let value = value(of: text) { return value }
    guard expectsCommas, text.contains("."), !text.contains(",") else { return nil }
    var other = self
    (other.hasDecimalComma, other.hasPointsBetweenThousands) = (false, false)
    return other.value(of: text)
  }

  /// The value of a text, or nil if it is not a number in this style.
  func value(of text: String) -> Double? {
    if let duration { return duration.seconds(of: text) }
    if hasFractions == true, let value = Self.fraction(text) { return value }
    if let value = Degrees.value(of: text) { return value }
    guard text.utf8.count <= 64, var parts = Self.parts(of: text) else { return nil }
    // The mark before a dash that means no cents is the decimal mark, so that 1.250,- is 1250.
    if let mark = parts.dashed, mark != (expectsCommas ? "," : "."),
      parts.number.contains(expectsCommas ? "," : ".")
    {
      return nil
    }
    if !unit.isEmpty, parts.rest.lowercased() == unit.lowercased() { parts.rest = "" }
    if marks?.contains(parts.rest) == true { parts.rest = "" }
    var factor = parts.factor
    if !parts.rest.isEmpty {
      guard let scale = Self.factors[parts.rest.lowercased()] else { return nil }
      factor *= scale
    }
    if hasPlainPercents == true, !text.contains("%") { factor /= 100 }
    let value = plain(parts.number).map {
      abs(factor) == 0.01 ? Self.hundredth(of: factor < 0 ? -$0 : $0) : $0 * factor
    }
    return value.map { missingCodes?.contains($0) == true } == true ? nil : value
  }

  /// A hundredth as it would be written: that of 0.35 is 0.0035, and not the number next to it that a division gives.
  private static func hundredth(of number: Double) -> Double {
    let text = "\(number)"
    return text.contains("e") ? number / 100 : Double(text + "e-2") ?? number / 100
  }

  private static let fractionSigns: [Character: Double] = [
    "½": 1 / 2, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 1 / 4, "¾": 3 / 4, "⅛": 1 / 8, "⅜": 3 / 8, "⅝": 5 / 8,
    "⅞": 7 / 8,
  ]

  /// The value of a common fraction, perhaps after a whole number: 3/4, 1 1/2, 2-3/8, 1½; nil for any other text, such as a share of
  /// more than 1 or one of parts that rulers and recipes do not have.
  static func fraction(_ text: String) -> Double? {
    guard text.utf8.count <= 12 else { return nil }
    var rest = Substring(text)
    var sign = 1.0
    if let first = rest.first, first == "-" || first == "−" {
      sign = -1
      rest.removeFirst()
    }
    func whole(_ text: Substring) -> Double? {
      text.allSatisfy { $0.isASCII && $0.isNumber } ? Double(text) : nil
    }
    if let last = rest.last, let part = fractionSigns[last] {
      rest.removeLast()
      while rest.last == " " { rest.removeLast() }
      if rest.isEmpty { return sign * part }
      return whole(rest).map { sign * ($0 + part) }
    }
    let words = rest.split { $0 == " " || $0 == "-" }
    guard (1...2).contains(words.count), let ratio = words.last else { return nil }
    let parts = ratio.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let upper = whole(parts[0]), let lower = whole(parts[1]),
      [2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64].contains(lower), upper > 0, upper < lower
    else { return nil }
    guard words.count == 2 else { return sign * upper / lower }
    return whole(words[0]).map { sign * ($0 + upper / lower) }
  }

  /// What follows the number in a text, perhaps a unit; nil if there is no number.
  static func rest(of text: String) -> String? { parts(of: text)?.rest }

  /// A measurement without its error: 35.1 of 35.1 ± 0.3, and 35.1 cm of 35.1 ± 0.3 cm.
  private static func withoutError(_ text: Substring) -> Substring {
    guard let sign = text.firstRange(of: "±") ?? text.firstRange(of: "+/-"),
      sign.lowerBound > text.startIndex
    else { return text }
    let error = text[sign.upperBound...].drop { spaces.contains($0) }
    let after = error.drop { $0.isASCII && $0.isNumber || $0 == "." || $0 == "," }
    guard after.startIndex > error.startIndex else { return text }
    return Substring(text[..<sign.lowerBound] + after)
  }

  /// Digits with their marks, the text after them, sign and percent as a factor, and the mark before a dash that means no cents.
  private static func parts(
    of text: String
  ) -> (number: String, rest: String, factor: Double, dashed: Character?)? {
    var content = Substring(text)
    var factor = 1.0
    func trim() {
      while let first = content.first, spaces.contains(first) { content.removeFirst() }
      while let last = content.last, spaces.contains(last) { content.removeLast() }
    }
    trim()
    content = withoutError(content)
    if content.first == "(", content.last == ")" {
      content = content.dropFirst().dropLast()
      factor = -1
    }
    // Signs and currencies before the number, in any order.
    var isAtStart = true
    while isAtStart, let first = content.first {
      if first == "-" || first == "−" || first == "+" {
        if first != "+" { factor = -factor }
        content.removeFirst()
      } else if first == "%" {
        factor /= 100
        content.removeFirst()
      } else if currencies.contains(first) || spaces.contains(first) || bounds.contains(first) {
        content.removeFirst()
      } else if let code = currencyCodes.first(where: { content.lowercased().hasPrefix($0) }) {
        content = content.dropFirst(code.count)
      } else {
        isAtStart = false
      }
    }
    trim()
    var end = content.startIndex
    while end < content.endIndex {
      let character = content[end]
      guard
        character.isASCII && character.isNumber || ".,'’".contains(character)
          || spaces.contains(character)
      else { break }
      end = content.index(after: end)
    }
    // An exponent belongs to the number.
    if end < content.endIndex, "eEdD".contains(content[end]) {
      let tail = content[content.index(after: end)...]
      let digits = tail.drop { $0 == "-" || $0 == "+" }
      if !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) {
        end = content.endIndex
      }
    }
    var number = content[..<end]
    var rest = content[end...]
    while let last = number.last, spaces.contains(last) { number.removeLast() }
    guard number.contains(where: \.isNumber) else { return nil }
    var dashed: Character?
    let dash = rest.prefix { dashes.contains($0) }
    if let mark = number.last, mark == "." || mark == ",", (1...3).contains(dash.count) {
      dashed = mark
      number.removeLast()
      rest = rest.dropFirst(dash.count).drop { spaces.contains($0) }
    }
    while let last = rest.last, currencies.contains(last) || spaces.contains(last) {
      rest.removeLast()
    }
    if let code = currencyCodes.first(where: { rest.lowercased() == $0 }) {
      rest = rest.dropFirst(code.count)
    }
    // SAP writes the sign after the number.
    if rest == "-" || rest == "−" {
      factor = -factor
      rest = ""
    }
    // A degree of latitude or longitude: those of the south and the west are negative.
    if rest.first == "°" {
      let direction = rest.dropFirst().drop { spaces.contains($0) }
      if direction.count == 1, let letter = direction.first, "NSEWnsew".contains(letter) {
        if "SWsw".contains(letter) { factor = -factor }
        rest = rest.prefix(1)
      }
    }
    if rest.hasPrefix("%") {
      factor /= 100
      rest = rest.dropFirst()
    }
    return (String(number), String(rest), factor, dashed)
  }

  /// The number in digits with marks between them.
  private func plain(_ text: String) -> Double? {
    let decimal: Character = expectsCommas ? "," : "."
    let groups: Set<Character> =
      Self.spaces.union(["'", "’", expectsCommas ? "." : ","])
    let pieces = text.split(separator: decimal, omittingEmptySubsequences: false)
    guard pieces.count <= 2, let whole = pieces.first else { return nil }
    var digits = ""
    let marks = Set(whole.filter { groups.contains($0) })
    guard marks.count <= 1 else { return nil }
    if let mark = marks.first {
      let parts = whole.split(separator: mark, omittingEmptySubsequences: false)
      // Thousands; in India the higher groups have two digits.
      guard let first = parts.first, let last = parts.last, !first.isEmpty, first.count <= 3,
        first.first != "0",
        last.count == 3, parts.dropFirst().dropLast().allSatisfy({ $0.count == 3 || $0.count == 2 })
      else { return nil }
      digits = parts.joined()
    } else {
      digits = String(whole)
    }
    if pieces.count == 2 { digits += "." + pieces[1] }
    // Fortran writes 1.5D+01.
    let bytes = digits.utf8.map { $0 == 0x44 || $0 == 0x64 ? 0x65 : $0 }
    return DecimalNumber.value(bytes, 0, bytes.count).flatMap { $0.isFinite ? $0 : nil }
  }
}

extension DataTable.Column {
  /// The numbers in the cells, read in a style; NaN for cells that are not numbers.
  ///
  /// - Complexity: O(cells).
  func numbers(_ style: NumberStyle) -> [Double] {
    let values = texts.map { style.content(of: $0) ?? .nan }
    return cells.indices.map { row in
      Self.textIndex(of: cells[row]).map { values[$0] }
        ?? style.value(of: cells[row], mayBeThousands: mayBeThousands(at: row))
    }
  }

  /// The first row whose number has a decimal point although the style expects commas: its point cannot separate thousands.
  func firstDecimalPoint(_ style: NumberStyle) -> Int? {
    guard style.hasDecimalComma || style.hasPointsBetweenThousands else { return nil }
    let areDecimals = texts.map { style.value(of: $0) == nil && style.content(of: $0) != nil }
    guard pointCount > 0 || areDecimals.contains(true) else { return nil }
    return cells.indices.first { row in
      Self.textIndex(of: cells[row]).map { areDecimals[$0] }
        ?? (cells[row] != cells[row].rounded() && !mayBeThousands(at: row))
    }
  }
}
