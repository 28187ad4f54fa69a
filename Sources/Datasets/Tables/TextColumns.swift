import Console
import Findings

extension PreparableTable {
  /// What to do about a table whose columns of texts are all left out: names that repeat can be encoded, and of free text the words
  /// can be counted.
  func remedyForTexts(_ preparation: TablePreparation) -> String {
    if let most = preparation.columns.compactMap(\.namesAboveLimit).max() {
      return
        "encode the names, each as a feature: \(Setting.oneHotLimit) \(most); or give columns of numbers"
    }
    let texts = preparation.columns.first { column in
      column.use == .dropped && isFreeText(table.columns[column.index])
    }
    guard let texts else { return "give columns of numbers, or of names that repeat" }
    guard let line = countingLine(texts, preparation) else {
      return
        "turn the texts into numbers, such as how often each of the most frequent words occurs in them"
    }
    return line
  }

  /// Whether the texts of a column consist of several words.
  private func isFreeText(_ column: DataTable.Column) -> Bool {
    let texts = column.texts.filter { !MissingMark.isMark($0) }.prefix(200)
    let words = texts.reduce(0) { $0 + $1.split(separator: " ").count }
    return !texts.isEmpty && words >= 3 * texts.count
  }

  /// The line that makes a table of the numbers of the most frequent words; nil if the table is not a plain one.
  private func countingLine(
    _ texts: TablePreparation.Column, _ preparation: TablePreparation
  ) -> String? {
    guard let label = preparation.labels.first, preparation.labels.count == 1,
      let separator = table.separator, separator != 0x20, table.hasHeader, table.lines.first == 2
    else { return nil }
    let mark = separator == 0x09 ? "\\t" : String(UnicodeScalar(separator))
    let access = TextAccess(table.file)
    // Words are found in characters, not in bytes.
    func characters(_ opening: String, _ encoding: String) -> String {
      opening.replacing(
        "encoding=\"latin1\"", with: "encoding=\"\(encoding)\", errors=\"surrogateescape\"")
    }
    let output = FilePaths.unused("data.csv")
    let script =
      "k, l = \(texts.index), \(label.index); "
      + "r = list(csv.reader(\(characters(access.python, "utf-8-sig")), delimiter=\"\(mark)\")); "
      + "r = [x for x in r if len(x) == len(r[0])]; "
      + "t = [re.findall(r\"\\w+\", x[k].lower()) for x in r[1:]]; "
      + "v = [w for w, n in c.Counter(w for x in t for w in set(x)).most_common(100) if 1 < n < len(t)]; "
      + "o = [v + [r[0][l]]] + [[x.count(w) for w in v] + [y[l]] for x, y in zip(t, r[1:])]; "
      + "csv.writer(\(characters(access.python(writing: output), "utf8"))).writerows(o)"
    let reference = FilePaths.quoted(TablePreparation.reference(label.name, label.index))
    return
      "turn the texts into numbers, for example how often each of the 100 most frequent words occurs, and give \(output) with "
      + "\(Setting.labelColumn) \(reference) instead: "
      + PythonConversion.line("csv, re, collections as c", script)
      .replacing("FILE", with: access.argument)
  }
}
