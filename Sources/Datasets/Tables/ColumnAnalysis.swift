import Foundation

/// What the cells of a column are, inferred from all of them.
struct ColumnAnalysis {
  /// The sort of values a column holds.
  enum Kind: Hashable {
    case number(NumberStyle)
    /// Two words of which the second means yes.
    case boolean
    case date(DateStyle)
    case category
    /// No value at all.
    case empty
  }

  /// How the table writes its numbers, which differs between countries.
  struct Hints {
    /// Whether decimal commas occur in the table, or are to be expected.
    var hasDecimalCommas = false
    /// Whether a column of the table has them for certain, and whether one has decimal points.
    var showsDecimalCommas = false, showsDecimalPoints = false
    /// Whether a column of the table has points that can only separate thousands.
    var showsThousands = false
    var isForcedCategory = false
    /// Whether the decimal mark was given, so that nothing else is tried.
    var isForced = false
    /// Whether a column of the table holds dates, so that times next to it are those of a clock.
    var hasDates = false
    /// Whether the day is before the month, if that was given.
    var isDayFirst: Bool?
    /// Whether numbers that stand for missing values are looked for.
    var findsMissingCodes = true
    /// Numbers that stand for missing values because the user said so.
    var missingNumbers: [Double] = []
    /// Whether most columns write zeros before their numbers, so that such numbers are not codes.
    var areNumbersPadded = false
  }

  let kind: Kind
  /// How many cells have no value.
  let missingCount: Int
  /// How many cells have a value.
  let presentCount: Int
  /// How many different values there are, up to ``distinctLimit``.
  let distinctCount: Int
  /// Whether all values are whole numbers.
  let isWhole: Bool
  /// The smallest and the largest number; infinite if there is none.
  let minimum: Double, maximum: Double
  /// Texts among numbers that are treated as missing, although they are not a usual mark.
  let strangeTexts: [String]
  /// What a cell without a value means where the only value is yes, or 1: no, or 0; nil for any other column.
  let blankMeaning: String?
  /// A number that may stand for missing values, and is treated as one.
  let suspect: MissingCode.Suspect?

  static let distinctLimit = 1000
  /// Whether all texts with values of a column need decimal commas, so that the table must use them.
  static func needsDecimalCommas(_ column: DataTable.Column) -> Bool {
    let texts = column.texts.filter { !MissingMark.isMissingNumber($0) }
    guard texts.contains(where: { $0.contains(",") }) else { return false }
    let (comma, point) = (style(of: texts, true), style(of: texts, false))
    return texts.allSatisfy { comma.value(of: $0) != nil }
      && !texts.allSatisfy { point.value(of: $0) != nil }
  }

  init(_ column: DataTable.Column, _ hints: Hints) {
    var counts = [Int](repeating: 0, count: column.texts.count)
    var numberCount = 0
    for cell in column.cells {
      if let index = DataTable.Column.textIndex(of: cell) {
        counts[index] += 1
      } else {
        numberCount += 1
      }
    }
    var (kind, strange) = Self.kind(column, counts, numberCount, hints)
    var codeCount = 0
    var suspect: MissingCode.Suspect?
    if case .number(var style) = kind, style.duration == nil {
      let code = MissingCode(column, style)
      suspect = hints.findsMissingCodes ? code.suspect : nil
      // A known code is not suspected again.
      if let value = suspect?.value, hints.missingNumbers.contains(value) { suspect = nil }
      var codes = hints.missingNumbers
      if hints.findsMissingCodes { codes += code.values.filter { !codes.contains($0) } }
      if !codes.isEmpty {
        style.missingCodes = codes
        codeCount = column.cells.count { !$0.isNaN && codes.contains($0) }
        kind = .number(style)
      }
    }
    self.suspect = suspect
    let missing: (Int) -> Bool = { index in
      switch kind {
      case .number(let style): style.content(of: column.texts[index]) == nil
      case .date(let style): style.moment(of: column.texts[index]) == nil
      default: MissingMark.isMark(column.texts[index])
      }
    }
    if case .date = kind {
      codeCount = column.cells.count { !$0.isNaN && Self.compactMoment(of: $0) == nil }
    }
    let missingTexts = Set(column.texts.indices.filter(missing))
    missingCount = missingTexts.reduce(codeCount) { $0 + counts[$1] }
    presentCount = column.cells.count - missingCount
    var distinct: Set<Double> = []
    var (whole, least, most) = (true, Double.infinity, -Double.infinity)
    if case .number(let style) = kind {
      for value in column.numbers(style) where !value.isNaN {
        if value != value.rounded() { whole = false }
        (least, most) = (min(least, value), max(most, value))
        if distinct.count < Self.distinctLimit { distinct.insert(value) }
      }
      distinctCount = distinct.count
    } else {
      for cell in column.cells where !cell.isNaN && distinct.count < Self.distinctLimit {
        distinct.insert(cell)
      }
      distinctCount = column.texts.count - missingTexts.count + distinct.count
      whole = false
    }
    if presentCount == 0 { (kind, strange) = (.empty, []) }
    // A single number or answer, or none, is a mark: which rows have it is all that the column says.
    if missingCount > 0, presentCount > 1,
      Set(missingTexts.map { column.texts[$0] }).allSatisfy(MissingMark.isMark),
      codeCount == 0
    {
      if case .number(let style) = kind, distinctCount == 1, style.unit.isEmpty {
        (kind, whole) = (.category, false)
      }
      if kind == .boolean,
        Set(column.texts.filter { !MissingMark.isMark($0) }.map { $0.lowercased() }).count == 1
      {
        kind = .category
      }
    }
    self.kind = kind
    blankMeaning =
      kind == .category && missingCount > 0 && presentCount > 1
      ? Self.blankMeaning(column, distinctCount) : nil
    strangeTexts = strange
    (isWhole, minimum, maximum) = (whole, least, most)
  }

  /// What a gap means in a column whose only value is yes, true or 1, in the case of that word.
  private static func blankMeaning(_ column: DataTable.Column, _ distinctCount: Int) -> String? {
    guard distinctCount == 1 else { return nil }
    guard let text = column.texts.first(where: { !MissingMark.isMark($0) }) else {
      return column.cells.contains(1) ? "0" : nil
    }
    guard let answer = CellText.answers.first(where: { $0.yes == text.lowercased() }) else {
      return nil
    }
    if text == text.lowercased() { return answer.no }
    return text == text.uppercased() ? answer.no.uppercased() : answer.no.capitalized
  }

  // MARK: Kinds

  private static func kind(
    _ column: DataTable.Column, _ counts: [Int], _ numberCount: Int, _ hints: Hints
  ) -> (kind: Kind, strange: [String]) {
    let values = column.texts.indices.filter { !MissingMark.isMark(column.texts[$0]) }
    let texts = values.map { column.texts[$0] }
    if hints.isForcedCategory {
      return (numberCount > 0 || !texts.isEmpty ? .category : .empty, [])
    }
    let textCounts = values.map { counts[$0] }
    if numberCount > 0, let found = compactDates(column, texts, textCounts, hints) { return found }
    if texts.isEmpty {
      guard numberCount > 0 else { return (.empty, []) }
      if column.holdsPaddedCodes, !hints.areNumbersPadded { return (.category, []) }
      var style = NumberStyle()
      style.hasPointsBetweenThousands = arePointsBetweenThousands(column, hints)
      return (.number(style), [])
    }
    if texts.allSatisfy({ NumberStyle.fraction($0) != nil }) {
      var style = NumberStyle()
      style.hasFractions = true
      return (.number(style), [])
    }
    if numberCount == 0 || texts.count < 100
      || texts.contains(where: { $0.contains(where: \.isNumber) }),
      let found = number(column, texts, textCounts, numberCount, hints)
    {
      return found
    }
    if numberCount == 0, let found = durations(column.name, texts, textCounts, hints) {
      return found
    }
    if let found = dates(column, texts, textCounts, hints) { return found }
    if texts.count <= 4, texts.allSatisfy({ CellText.answer($0) != nil }), numberCount == 0 {
      let answers = Set(texts.map { $0.lowercased() })
      if CellText.answers.contains(where: { answers.isSubset(of: [$0.no, $0.yes]) }) {
        return (.boolean, [])
      }
    }
    return (.category, [])
  }

  /// Numbers, if nearly all texts are numbers.
  private static func number(
    _ column: DataTable.Column, _ texts: [String], _ counts: [Int], _ numberCount: Int,
    _ hints: Hints
  ) -> (kind: Kind, strange: [String])? {
    // 153.000 says nothing by itself: the other cells of the column decide.
    let areThousands = arePointsBetweenThousands(column, hints)
    let arePlain = texts.allSatisfy { text in
      let bytes = Array(text.utf8)
      return DecimalNumber.value(bytes, 0, bytes.count) != nil
    }
    // Certain points elsewhere tell more than semicolons between the columns.
    let showsPointsOnly = hints.showsDecimalPoints && !hints.showsDecimalCommas
    let expectsCommas =
      areThousands || hints.hasDecimalCommas && !arePlain && !showsPointsOnly
    let tried =
      expectsCommas || hints.isForced && hints.hasDecimalCommas ? [true, false] : [false, true]
    for hasDecimalComma in hints.isForced ? [hints.hasDecimalCommas] : tried {
      var style = style(of: texts, hasDecimalComma, counts, numberCount, in: column.name)
      style.hasPointsBetweenThousands =
        hasDecimalComma
        && (column.pointCount == 0 || areThousands || column.mayHavePointsBetweenThousands
          || texts.contains { $0.contains(".") && $0.contains(",") })
      let strange = texts.indices.filter { style.value(of: texts[$0]) == nil }
      let strangeCount = strange.reduce(0) { $0 + counts[$1] }
      let parsedCount = numberCount + counts.reduce(0, +) - strangeCount
      guard parsedCount > 0 else { continue }
      let words = strange.map { texts[$0] }
      let areWords = words.allSatisfy { MissingMark.isMissingNumber($0) }
      let areRare = areFew(
        words, count: strangeCount, among: parsedCount, areMany: hasManyNumbers(column, texts))
      if areWords || areRare && !words.contains(where: isInfinite) {
        style.hasPlainPercents = PlainPercents(column, style).areClear ? true : nil
        return (.number(style), areWords ? [] : words.filter { style.content(of: $0) == nil })
      }
    }
    return nil
  }

  /// Whether the numbers are measurements, of which there are many, rather than coded answers.
  private static func hasManyNumbers(_ column: DataTable.Column, _ texts: [String]) -> Bool {
    var distinct: Set<Double> = []
    for cell in column.cells where !cell.isNaN {
      distinct.insert(cell)
      if distinct.count > manyValues { return true }
    }
    return distinct.count + texts.count { $0.contains(where: \.isNumber) } > manyValues
  }

  /// Words for numbers that are not finite.
  static func isInfinite(_ text: String) -> Bool {
    let unsigned = text.lowercased().drop { $0 == "-" || $0 == "+" }
    return unsigned == "inf" || unsigned == "infinity" || Double(unsigned).map(\.isInfinite) == true
  }

  /// The style of these texts with this decimal mark: with the unit that follows them, or the marks that follow some.
  ///
  /// - Parameters:
  ///   - counts: How many cells hold each text; empty for one each.
  ///   - numberCount: How many cells hold a plain number.
  ///   - name: The name of the column.
  private static func style(
    of texts: [String], _ hasDecimalComma: Bool, _ counts: [Int] = [], _ numberCount: Int = 0,
    in name: String = ""
  ) -> NumberStyle {
    var style = NumberStyle()
    style.hasDecimalComma = hasDecimalComma
    var (units, plain): ([String: Int], Int) = ([:], numberCount)
    for (index, text) in texts.enumerated() {
      guard let rest = NumberStyle.rest(of: text) else { continue }
      let count = counts.isEmpty ? 1 : counts[index]
      if rest.isEmpty { plain += count } else { units[rest, default: 0] += count }
      if units.count > markLimit { return style }
    }
    let total = units.values.reduce(0, +)
    let spellings = Set(units.keys.map { $0.lowercased() })
    if spellings.count == 1, let unit = spellings.first, CellText.isUnit(unit),
      !UnitOrCode.areCodes(texts, endingIn: units.keys.first ?? unit, in: name)
    {
      // 1o for 10 is a typo, and so is a unit that only one cell of many has.
      if plain == 0 || total > 1 && !(unit.count == 1 && "ol".contains(unit) && total < plain) {
        // As most cells spell it.
        style.unit = units.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? unit
      }
    } else if !units.isEmpty,
      units.keys.allSatisfy(isSymbol) || total <= plain && units.keys.allSatisfy(isFlag)
    {
      style.marks = units.keys.sorted()
    }
    return style
  }

  /// At most this many different marks may follow the numbers of a column.
  private static let markLimit = 12

  /// Whether the text after a number is a footnote mark or shows its significance.
  private static func isSymbol(_ rest: String) -> Bool {
    rest.allSatisfy { "*†‡§#^ ".contains($0) }
  }

  /// Whether the text after a number may say where it comes from, as Eurostat's letters do.
  private static func isFlag(_ rest: String) -> Bool {
    isSymbol(rest) || rest.count <= 2 && rest.allSatisfy { ("a"..."z").contains($0) }
  }

  /// Whether points of plain numbers separate thousands.
  private static func arePointsBetweenThousands(_ column: DataTable.Column, _ hints: Hints) -> Bool
  {
    guard column.mayHavePointsBetweenThousands else { return false }
    if hasGroups(column) || hints.showsDecimalCommas { return true }
    if hints.showsThousands, !hints.showsDecimalPoints { return true }
    guard hints.hasDecimalCommas, !hints.showsDecimalPoints else { return false }
    // Semicolons alone do not distinguish 1.234 from 1234: thousands are often round, and come with smaller numbers without a
    // point.
    let small = column.cells.count { !$0.isNaN && $0 == $0.rounded() && $0 != 0 && abs($0) < 1000 }
    return column.roundThousandCount * 2 >= column.pointCount || small > 0
  }

  /// Whether a text is like 1.038.000, which shows that the points of the others separate thousands.
  private static func hasGroups(_ column: DataTable.Column) -> Bool {
    column.texts.contains { text in
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count > 2 && parts.dropFirst().allSatisfy { $0.count == 3 }
        && parts.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber || $0 == "-" } }
    }
  }

  /// Whether the points of a column of numbers certainly separate thousands.
  static func showsThousands(_ column: DataTable.Column) -> Bool {
    guard hasGroups(column), column.pointCount == column.threeDigitCount else { return false }
    let texts = column.texts.filter { !MissingMark.isMissingNumber($0) }
    let style = style(of: texts, true)
    return texts.allSatisfy { style.value(of: $0) != nil }
  }

  /// Whether the plain numbers of a column certainly have decimal points.
  static func showsDecimalPoints(_ column: DataTable.Column) -> Bool {
    column.pointCount > column.threeDigitCount || column.belowOneCount > 0
  }
}

extension ColumnAnalysis {
  /// Whether the values look like numbers of classes: a few different whole numbers.
  var isClassLike: Bool {
    guard case .number = kind else { return false }
    return isWhole && distinctCount <= 30 && minimum >= 0
  }

  /// Whether the column holds names, each of which occurs repeatedly.
  var isNames: Bool {
    kind == .boolean
      || kind == .category && distinctCount >= 2 && distinctCount * 3 <= presentCount + 3
  }
}

extension DataTable.Column {
  /// Whether every point of plain numbers is before three digits.
  var mayHavePointsBetweenThousands: Bool {
    pointCount > 0 && pointCount == threeDigitCount && belowOneCount == 0
      && cells.allSatisfy {
        $0.isNaN || $0 == 0 || abs($0) >= 1 && abs($0) < 1000 || $0 == $0.rounded()
      }
  }
}
