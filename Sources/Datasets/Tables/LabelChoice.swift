/// Which column of a table holds the labels, and why.
///
/// A name that says so decides; if none or several do, the values and the position decide, and the other candidates are reported.
struct LabelChoice {
  let index: Int
  /// Why, as the end of a sentence: "as its name says".
  let reason: String
  /// Other columns that may hold the labels, the likeliest first.
  private(set) var alternatives: [Int] = []
  private static let lastReason = "the last"
  private static let lastAmountReason = "the last numeric column, since values were requested"
  private static let nameReason = "as its name says"
  private static let besideNumbersReason = "the last column whose name is not a number"

  // MARK: Words

  /// Words that mark any column as the label, alone or in a longer name: `target_value`, `y_true`.
  private static let plainWords: Set<String> = [
    "label", "labels", "target", "targets", "truth", "true",
  ]
  /// Words that mark a column as the label if they are its whole name, and columns of classes also as part of a longer name:
  /// `fault_class`, `is_fraud`.
  private static let classWords: Set<String> = [
    "class", "classes", "outcome", "species", "diagnosis", "survived", "response", "churn",
    "churned", "fraud", "default", "defaulted", "klasse", "classe", "clase", "ziel", "ergebnis",
    "isfraud", "attrition", "readmitted", "étiquette", "etiqueta", "resultat", "resultado", "alive",
    "hazardous", "purchased", "exited", "canceled", "cancelled", "converted", "clicked", "spam",
    "classlabel", "died", "death", "deceased", "mortality", "cible", "objetivo",
  ]
  /// Those that also name features and measurements, such as a credit in default: in the middle of a table they count less than
  /// any other name of a label.
  private static let weakWords: Set<String> = ["default", "defaulted", "result", "results"]
  private static let wholeWords = plainWords.union(classWords).union(weakWords)
  /// Words for what happened or not, in names of columns of two classes.
  private static let eventWords: Set<String> = [
    "left", "failed", "failure", "fail", "passed", "pass", "won", "returned", "approved",
    "admitted", "subscribed", "delayed", "responded", "accepted", "rejected", "event", "disease",
    "malignant", "toxic", "anomaly", "attack", "bankrupt", "bankruptcy", "booked", "deposit",
    "promoted", "rain", "recurrence", "relapse",
  ]
  /// Words for the output of another program, which is not a label.
  private static let answerWords: Set<String> = [
    "pred", "predicted", "prediction", "predictions", "probability", "prob", "proba", "confidence",
  ]
  /// Parts of names of values that are usually predicted.
  private static let valueWords = [
    "price", "cost", "value", "amount", "sales", "salary", "income", "revenue", "score", "rating",
    "yield", "mpg", "count", "demand", "load", "consumption", "age", "rings", "output", "strength",
    "preis", "progression", "charges", "target", "profit", "cnt", "medv", "quality", "wage",
    "total", "rent", "fare", "fee", "turnover", "spend", "payment", "expense",
    "close", "emission", "temp", "power", "energy", "happiness", "grade", "gpa", "points", "time",
  ]
  /// Words in names of values that are rarely known beforehand.
  private static let strongValueWords: Set<String> = [
    "price", "saleprice", "salary", "rent", "sales", "medv", "revenue", "profit", "wage", "mpg",
  ]
  /// The words that decide even if a column of names comes last.
  private static let strongestValueWords: Set<String> = [
    "price", "saleprice", "preis", "kaufpreis", "medv", "mpg",
  ]

  // MARK: The choice

  /// The choice among these columns; nil if none is left.
  ///
  /// - Parameters:
  ///   - candidates: The indices of columns that hold values and are not left out, in order.
  ///   - ofAmounts: Whether columns of numbers take precedence over all others.
  init?(
    _ table: DataTable, _ analyses: [ColumnAnalysis], among candidates: [Int],
    ofAmounts: Bool = false
  ) {
    let amounts =
      ofAmounts
      ? candidates.filter {
        Self.mayBeAmounts(
          analyses[$0], name: table.columns[$0].name, isLast: $0 == candidates.last)
      } : []
    let candidates = amounts.isEmpty ? candidates : amounts
    guard let first = candidates.first, let end = candidates.last else { return nil }
    if let column = table.labelColumn, candidates.contains(column) {
      (index, reason) = (column, "as the format says")
      return
    }
    // Not a date, nor a column of remarks, nor one that most rows lack.
    let last = candidates.last { Self.mayBeLabel(analyses[$0], rows: table.rowCount) } ?? end
    let columns = Columns(
      table: table, analyses: analyses, candidates: candidates, first: first, last: last,
      areAmounts: !amounts.isEmpty)
    let found = columns.choice
    index = found.index
    reason =
      found.reason == Self.lastReason && index < table.columns.count - 1
      ? candidates.count == 1 ? "the only column left" : "the last that may hold labels"
      : found.reason
    alternatives = Array(columns.alternatives(to: found).prefix(3))
  }

  /// The columns among which the choice is made.
  private struct Columns {
    let table: DataTable
    let analyses: [ColumnAnalysis]
    let candidates: [Int]
    let first: Int, last: Int
    let areAmounts: Bool
    let names: [String]

    init(
      table: DataTable, analyses: [ColumnAnalysis], candidates: [Int], first: Int, last: Int,
      areAmounts: Bool
    ) {
      (self.table, self.analyses, self.candidates) = (table, analyses, candidates)
      (self.first, self.last, self.areAmounts) = (first, last, areAmounts)
      names = table.columns.map { LabelChoice.normalized($0.name) }
    }

    var choice: (index: Int, reason: String) {
      if table.hasHeader {
        let best = named.map(\.rank).max() ?? 0
        let ranked = named.filter { $0.rank == best }.map(\.index)
        if ranked.count == 1, best > 1 || !isBinary(last) || ranked[0] == last {
          return (ranked[0], LabelChoice.nameReason)
        }
        let plain = ranked.filter { LabelChoice.plainWords.contains(names[$0]) }
        let ends = [last, first].filter(ranked.contains)
        if best > 1, let index = ends.first ?? plain.last ?? ranked.last {
          return (ends == [first] ? plain.last ?? first : index, LabelChoice.nameReason)
        }
        if !isBinary(last), !LabelChoice.namesAnAmount(names[last]), let value = onlyStrongValue,
          !analyses[last].isNames || isStrongest(value), !isGrade(last)
        {
          return (value, LabelChoice.nameReason)
        }
      }
      if analyses[last].blankMeaning != nil { return (last, LabelChoice.lastReason) }
      if let named = besideNumbers { return (named, LabelChoice.besideNumbersReason) }
      if areAmounts { return (last, LabelChoice.lastAmountReason) }
      if isFirst {
        return (
          first,
          analyses[first].isNames
            ? "the only column of names" : "the first, whose numbers look like classes"
        )
      }
      let classes = candidates.filter { analyses[$0].isNames && isFew($0) }
      // A column of a few classes among measurements; with few rows, nothing can be said.
      if candidates.count > 2, classes.count == 1, table.rowCount >= 20,
        case .number = analyses[last].kind,
        // An answer between measurements is one more of them.
        classes[0] == first || analyses[classes[0]].kind != .boolean,
        !isFew(last), !isSpecial
      {
        return (classes[0], "the only column of names")
      }
      return (last, LabelChoice.lastReason)
    }

    /// The last column with a name, where the others that end the table are called by numbers, as the wavelengths of a spectrum are; years
    /// are not meant.
    private var besideNumbers: Int? {
      guard table.hasHeader else { return nil }
      let numbers = candidates.map { Double(table.columns[$0].name.prefix { $0 != " " }) }
      guard let end = numbers.last, end != nil, numbers.count(where: { $0 != nil }) >= 8,
        !numbers.allSatisfy({ $0.map { (1900...2100).contains($0) } ?? true })
      else { return nil }
      return zip(candidates, numbers).filter {
        $1 == nil && LabelChoice.mayBeLabel(analyses[$0], rows: table.rowCount)
      }.last?.0
    }

    /// The columns whose names suggest the label, with how clearly they do: 4 by the whole name, 3 as y, 2 by a part of the name, 1
    /// by a word for an event.
    private var named: [(index: Int, rank: Int)] {
      candidates.compactMap { index in
        let rank = rank(index)
        return rank == 0 || names[index] == "y" && index != last && hasX
          || isWeak(index) && self.rank(last) > 0 ? nil : (index, rank)
      }
    }

    private var hasX: Bool { candidates.contains { names[$0] == "x" } }

    /// Whether y, as the last name, is as clear as class or outcome between the others.
    private func isClearY(_ index: Int) -> Bool {
      index == last && !hasX
        && !candidates.contains { LabelChoice.plainWords.contains(names[$0]) }
    }

    /// Whether the whole name of a column between the others may also be that of a feature.
    private func isWeak(_ index: Int) -> Bool {
      LabelChoice.weakWords.contains(names[index]) && index != last
        && (index != first || !isFew(index))
    }

    private func rank(_ index: Int) -> Int {
      let words = NameWords.of(table.columns[index].name)
      guard !words.contains(where: LabelChoice.answerWords.contains), analyses[index].kind != .empty
      else { return 0 }
      if case .date = analyses[index].kind { return 0 }
      if names[index] == "y" { return isClearY(index) ? 4 : 3 }
      if isWeak(index) { return isFew(index) ? 2 : 0 }
      if LabelChoice.wholeWords.contains(names[index]) { return 4 }
      if words.contains(where: LabelChoice.plainWords.contains) { return 2 }
      guard isFew(index) else { return 0 }
      if isBinary(index) || index == last, words.contains(where: LabelChoice.classWords.contains) {
        return 2
      }
      // The class of a vehicle may be a feature of its price.
      if let word = words.last, LabelChoice.classWords.contains(word),
        !LabelChoice.namesAnAmount(names[last])
      {
        return 2
      }
      return isBinary(index) && words.contains(where: LabelChoice.eventWords.contains) ? 1 : 0
    }

    /// The other candidates.
    func alternatives(to choice: (index: Int, reason: String)) -> [Int] {
      var found = named.sorted { ($1.rank, $0.index) < ($0.rank, $1.index) }.map(\.index)
      let isSure =
        choice.reason == LabelChoice.nameReason && rank(choice.index) > 1
        || choice.index == last && LabelChoice.namesAnAmount(names[last]) && !analyses[last].isNames
      if !isSure {
        if choice.index != last { found.append(last) }
        if let value = onlyStrongValue { found.append(value) }
        // A column of a few classes before measurements, as in many tables of the UCI archive.
        if choice.index != first, isFew(first), !isFew(last) { found.append(first) }
        if !table.hasHeader, choice.index != first, isWhole(first), !isWhole(last) {
          found.append(first)
        }
        let few = candidates.filter { isFew($0) }
        if few.count == 1, choice.index != few[0] { found.append(few[0]) }
      }
      var seen: Set<Int> = [choice.index]
      found = found.filter { seen.insert($0).inserted }
      // Nothing but its position speaks for the last column: another of the same sort may be meant as well.
      if found.isEmpty, !isSure, choice.reason == LabelChoice.lastReason,
        let other = candidates.last(where: { isLike($0, choice.index) })
      {
        // Without names, the first is likelier than any between.
        found = [table.hasHeader || first == choice.index ? other : first]
      }
      return found
    }

    /// Whether another column holds amounts as one does, or a few classes as one does.
    private func isLike(_ index: Int, _ other: Int) -> Bool {
      guard index != other, analyses[index].presentCount == table.rowCount,
        !holdsLists(index)
      else { return false }
      if isFew(other) { return isFew(index) }
      guard case .number = analyses[other].kind, case .number = analyses[index].kind else {
        return false
      }
      return !isFew(index)
    }

    /// Whether most texts of a column enumerate several answers.
    private func holdsLists(_ index: Int) -> Bool {
      let texts = table.columns[index].texts
      return texts.count > 2
        && 2 * texts.count { $0.contains(";") || $0.contains(", ") } > texts.count
    }

    private func isWhole(_ index: Int) -> Bool {
      if case .number = analyses[index].kind { analyses[index].isWhole } else { false }
    }

    /// Whether a column holds names or numbers of a few classes.
    private func isFew(_ index: Int) -> Bool {
      let analysis = analyses[index]
      return analysis.isNames && analysis.distinctCount <= 20
        || analysis.isClassLike && analysis.distinctCount <= 10
          && analysis.presentCount >= 3 * analysis.distinctCount
        || isBinary(index)
    }

    private func isBinary(_ index: Int) -> Bool {
      let analysis = analyses[index]
      switch analysis.kind {
      case .boolean: return true
      case .category:
        return analysis.distinctCount == 2 && analysis.isNames
          || index == last && analysis.blankMeaning != nil
      case .number:
        return analysis.isWhole && analysis.distinctCount == 2 && abs(analysis.minimum) <= 2
          && abs(analysis.maximum) <= 2
      case .date, .empty: return false
      }
    }

    private func isStrongest(_ index: Int) -> Bool {
      let words = NameWords.of(table.columns[index].name)
      return words.contains(where: LabelChoice.strongestValueWords.contains)
        || words.count > 2 && words.last == "value"
    }

    /// The only column of numbers whose name contains a word for something usually predicted.
    private var onlyStrongValue: Int? {
      let found = candidates.filter { index in
        guard case .number = analyses[index].kind, !isBinary(index) else { return false }
        let words = NameWords.of(table.columns[index].name)
        return words.contains(where: LabelChoice.strongValueWords.contains)
          || LabelChoice.strongValueWords.contains(words.joined())
          || words.count > 1 && words.last == "value"
      }
      return found.count == 1 ? found[0] : nil
    }

    /// Whether the first column holds the classes, as in many tables of the UCI archive.
    private var isFirst: Bool {
      guard candidates.count > 2, !analyses[last].isNames, !isSpecial else { return false }
      let others = candidates.dropFirst()
      if analyses[first].isNames { return !others.contains { analyses[$0].isNames } }
      // Under a name that does not say so, it may be any number.
      return !table.hasHeader && countsClasses(first)
        && others.count { analyses[$0].isClassLike } * 2 < others.count
    }

    /// Whether the numbers are those of classes, none of which is missing or rare: 0, 1, 2 or 1, 2, 3.
    private func countsClasses(_ index: Int) -> Bool {
      let analysis = analyses[index]
      return analysis.isClassLike && analysis.minimum <= 1
        && Double(analysis.distinctCount) == analysis.maximum - analysis.minimum + 1
        && analysis.distinctCount >= 2 && analysis.presentCount >= 5 * analysis.distinctCount
    }

    /// Whether a column, and no other, counts a few classes or stars.
    private func isGrade(_ index: Int) -> Bool {
      countsClasses(index) && analyses[index].distinctCount <= 10
        && !candidates.contains { $0 != index && analyses[$0].isClassLike }
    }

    /// Whether the last column is of a different sort than the others, as labels usually are.
    private var isSpecial: Bool {
      let others = candidates.filter { index in
        if index != last, case .number = analyses[index].kind { true } else { false }
      }
      guard case .number = analyses[last].kind else { return analyses[last].kind == .boolean }
      if LabelChoice.namesAnAmount(names[last]) { return true }
      let classLike = others.count { analyses[$0].isClassLike }
      if analyses[last].isClassLike { return classLike * 2 < others.count || others.isEmpty }
      let size = { (index: Int) in
        max(abs(analyses[index].minimum), abs(analyses[index].maximum))
      }
      return size(last) > 20 * (others.map(size).max() ?? .infinity)
    }
  }

  /// Whether the last column, about which nothing else is known, may hold the labels.
  private static func mayBeLabel(_ analysis: ColumnAnalysis, rows: Int) -> Bool {
    switch analysis.kind {
    case .date, .empty: return false
    // A gap means no where the only value is yes.
    case .category where analysis.blankMeaning != nil: return true
    case .category where rows >= 10 && 2 * analysis.distinctCount > analysis.presentCount:
      return false
    default: return 2 * analysis.missingCount <= rows
    }
  }

  /// Whether a column's name suggests an amount, such as price or quality.
  static func namesAnAmount(_ name: String) -> Bool {
    let name = normalized(name)
    return valueWords.contains { name.contains($0) }
  }

  /// Whether a column may hold amounts: numbers, and more than two different ones unless its name says that it is the label.
  private static func mayBeAmounts(_ analysis: ColumnAnalysis, name: String, isLast: Bool) -> Bool {
    guard case .number = analysis.kind else { return false }
    let words = NameWords.of(name)
    return analysis.distinctCount > 2
      || isLabelName(name) && (isLast || !classWords.contains(normalized(name)))
      || isLast && words.contains { plainWords.contains($0) || classWords.contains($0) }
  }

  /// Whether a name says that a column holds the labels, whatever is in it.
  static func isLabelName(_ name: String) -> Bool {
    plainWords.union(classWords).union(["y"]).contains(normalized(name))
  }

  /// Whether two names share a word that marks columns as labels, as `label_politics` and `label_sport` do.
  static func areLabelNames(_ a: String, _ b: String) -> Bool {
    let words = Set(NameWords.of(a)).intersection(NameWords.of(b))
    return !words.isDisjoint(with: plainWords)
  }

  private static func normalized(_ name: String) -> String {
    name.lowercased().filter { !$0.isWhitespace }
  }
}
