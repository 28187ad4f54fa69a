/// Which column of a table holds the labels, and why.
struct LabelChoice {
  let index: Int
  /// Why, as the end of a sentence: "as its name says".
  let reason: String
  /// Whether nothing but its position speaks for it.
  var isByPosition: Bool { reason == Self.lastReason }

  private static let lastReason = "the last"

  /// Names that say it.
  private static let words: Set<String> = [
    "label", "labels", "class", "classes", "target", "targets", "outcome", "species", "diagnosis",
    "survived", "y", "response", "class_label", "classlabel", "target_class", "default", "churn",
    "is_fraud", "fraud", "category_label", "klasse", "classe", "ziel", "isfraud", "attrition",
    "readmitted", "target_value", "y_true", "y_label", "ground_truth", "ergebnis", "clase",
    "étiquette",
    "etiqueta", "resultat", "fault_class", "default payment next month", "alive", "hazardous",
    "purchased",
    "exited", "defaulted", "is_canceled", "canceled", "converted", "clicked", "spam", "is_spam",
  ]
  /// Names that say it of a column of names at an end of the table.
  private static let weakWords: Set<String> = [
    "type", "kind", "variety", "group", "category", "status", "genre", "cultivar", "result",
    "grade",
    "decision", "sentiment", "answer", "sort", "art", "typ", "gruppe", "activity", "family", "name",
  ]
  /// Parts of names of values that are predicted.
  private static let valueWords = [
    "price", "cost", "value", "amount", "sales", "salary", "income", "revenue", "score", "rating",
    "yield", "mpg", "count", "demand", "load", "consumption", "age", "rings", "output", "strength",
    "preis", "progression", "charges", "target", "profit", "cnt", "medv", "quality", "wage",
    "total",
    "rent", "fare", "fee", "turnover", "spend", "payment", "expense",
    "close", "emission", "temp", "power", "energy", "happiness", "grade", "gpa", "points", "time",
  ]

  /// Words in names of values that are hardly ever known beforehand.
  private static let strongValueWords: Set<String> = [
    "price", "saleprice", "salary", "rent", "sales", "medv", "revenue", "profit", "wage",
  ]

  /// The choice among these columns; nil where none is left.
  ///
  /// - Parameter candidates: The indices of columns that hold values and are not left out, in order.
  init?(_ table: DataTable, _ analyses: [ColumnAnalysis], among candidates: [Int]) {
    guard let first = candidates.first, let end = candidates.last else { return nil }
    // Not a date, nor remarks, nor what most rows lack.
    let last = candidates.last { Self.mayBeLabel(analyses[$0], rows: table.rowCount) } ?? end
    if let column = table.labelColumn, candidates.contains(column) {
      (index, reason) = (column, "as the format says")
      return
    }
    let names = table.columns.map { Self.normalized($0.name) }
    if table.hasHeader {
      let hasX = candidates.contains { names[$0] == "x" }
      let named = candidates.filter {
        Self.words.contains(names[$0]) && (names[$0] != "y" || $0 == last || !hasX)
      }
      if named.count == 1 {
        (index, reason) = (named[0], "as its name says")
        return
      }
      let weak = [first, last].filter { Self.weakWords.contains(names[$0]) && analyses[$0].isNames }
      if first != last, weak.count == 1, !analyses[last].isNames || weak[0] == last,
        weak[0] == last || !Self.namesAnAmount(names[last])
      {
        (index, reason) = (weak[0], "as its name says")
        return
      }
    }
    if table.hasHeader, !analyses[last].isNames, !Self.namesAnAmount(names[last]),
      let value = Self.onlyStrongValue(candidates, table, analyses)
    {
      (index, reason) = (value, "as its name says")
      return
    }
    if Self.isFirst(first, last, candidates, analyses, names, table.hasHeader) {
      (index, reason) = (
        first,
        analyses[first].isNames
          ? "the only column of names" : "the first, whose numbers are those of classes"
      )
      return
    }
    let named = candidates.filter { analyses[$0].isNames }
    if !analyses[last].isNames, named.count == 1, !table.hasHeader, candidates.count > 2,
      !Self.isSpecial(last, candidates, analyses, names)
    {
      (index, reason) = (named[0], "the only column of names")
      return
    }
    (index, reason) = (last, Self.lastReason)
  }

  /// Whether the last column, of which nothing else is known, may hold the labels.
  private static func mayBeLabel(_ analysis: ColumnAnalysis, rows: Int) -> Bool {
    switch analysis.kind {
    case .date, .empty: return false
    case .category where rows >= 10 && 2 * analysis.distinctCount > analysis.presentCount:
      return false
    default: return 2 * analysis.missingCount <= rows
    }
  }

  /// Whether a column's name is one that amounts have, such as price or quality.
  static func namesAnAmount(_ name: String) -> Bool {
    let name = normalized(name)
    return valueWords.contains { name.contains($0) }
  }

  /// The only column of numbers whose name has a word for what is predicted.
  private static func onlyStrongValue(
    _ candidates: [Int], _ table: DataTable, _ analyses: [ColumnAnalysis]
  ) -> Int? {
    let found = candidates.filter { index in
      guard case .number = analyses[index].kind else { return false }
      let words = table.columns[index].name.lowercased().split { !$0.isLetter }.map(String.init)
      return words.contains(where: strongValueWords.contains)
        || strongValueWords.contains(words.joined())
    }
    return found.count == 1 ? found[0] : nil
  }

  private static func normalized(_ name: String) -> String {
    name.lowercased().filter { !$0.isWhitespace || $0 == "_" }
  }

  /// Whether the first column holds the classes, as in many tables of the UCI archive.
  private static func isFirst(
    _ first: Int, _ last: Int, _ candidates: [Int], _ analyses: [ColumnAnalysis], _ names: [String],
    _ hasHeader: Bool
  ) -> Bool {
    guard candidates.count > 2, !analyses[last].isNames,
      !isSpecial(last, candidates, analyses, names)
    else { return false }
    let others = candidates.dropFirst()
    if analyses[first].isNames { return !others.contains { analyses[$0].isNames } }
    let analysis = analyses[first]
    guard analysis.isClassLike, analysis.minimum <= 1,
      Double(analysis.distinctCount) == analysis.maximum - analysis.minimum + 1,
      analysis.distinctCount >= 2, analysis.presentCount >= 5 * analysis.distinctCount
    else { return false }
    // Under a name that does not say it, no other column may look so.
    let similar = others.count { analyses[$0].isClassLike }
    return hasHeader ? similar == 0 && analysis.distinctCount <= 10 : similar * 2 < others.count
  }

  /// Whether the last column is of another sort than the others, as what is predicted mostly is.
  private static func isSpecial(
    _ last: Int, _ candidates: [Int], _ analyses: [ColumnAnalysis], _ names: [String]
  ) -> Bool {
    let others = candidates.dropLast().filter {
      if case .number = analyses[$0].kind { true } else { false }
    }
    guard case .number = analyses[last].kind else { return analyses[last].kind == .boolean }
    if namesAnAmount(names[last]) { return true }
    let classLike = others.count { analyses[$0].isClassLike }
    if analyses[last].isClassLike { return classLike * 2 < others.count || others.isEmpty }
    let size = { (index: Int) in max(abs(analyses[index].minimum), abs(analyses[index].maximum)) }
    return size(last) > 20 * (others.map(size).max() ?? .infinity)
  }
}
