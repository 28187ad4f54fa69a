import Findings
import Foundation

extension TablePreparation {
  /// What happens to cells of new data without a value, and to those whose content their column did not have in training, which are
  /// treated as missing, and which columns have other numbers altogether: a sentence for each column.
  ///
  /// - Throws: ``/Findings/Problem`` if that applies to most cells of a column: then the column is written differently.
  /// - Complexity: O(cells).
  func notes(on table: DataTable) throws(Problem) -> [String] {
    var notes: [String] = []
    var gaps: [String] = []
    let rows = Array(0..<table.rowCount)
    let used = columns.filter { $0.use != .label && $0.use != .dropped }
    for (column, index) in zip(used, try columns(of: table)) {
      let cells = table.columns[index]
      guard let values = column.values(of: cells, rows: rows).first else { continue }
      let present = rows.filter { !column.isMissing(cells.text(at: $0)) }
      if missing != .drop, present.count < rows.count {
        let count = rows.count - present.count
        gaps.append(
          "\(column.name) (\(count) row\(count == 1 ? "" : "s")): \(column.filling)")
      }
      if column.use == .number, let note = column.decimalPoints(in: cells) { notes.append(note) }
      if let note = column.otherUnit(values.filter { !$0.isNaN }) { notes.append(note) }
      let strange = present.filter { values[$0].isNaN }
      guard let first = strange.first else { continue }
      if column.use != .category, 2 * strange.count > present.count {
        throw Problem(
          .inconsistent, subject: table.file, location: table.location(row: first, column: index),
          problem:
            "\"\(cells.text(at: first).prefix(40))\" is not \(column.expected), unlike the cells of the training data, and neither are "
            + "most cells of the column",
          remedy: "write the column as in the training data, or leave cells without a value empty")
      }
      var texts: [String] = []
      for row in strange where !texts.contains(cells.text(at: row)) && texts.count < 4 {
        texts.append(cells.text(at: row))
      }
      let one = strange.count == 1
      notes.append(
        "\(column.name): \(strange.count) cell\(one ? " is" : "s are") not \(column.expected)"
          + "\(one ? ", and is" : ", and are") treated as missing: "
          + texts.map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
          + (Set(strange.map { cells.text(at: $0) }).count > texts.count ? ", ..." : ""))
    }
    if !gaps.isEmpty {
      notes.append("missing values, treated as in training: " + gaps.joined(separator: "; "))
    }
    return notes
  }
}

extension TablePreparation.Column {
  fileprivate func isMissing(_ text: String) -> Bool {
    if use == .category {
      // A dash may be the name of a minus.
      return MissingMark.isMark(text) && names?.contains(NameSpelling.common(text)) != true
    }
    if let codes = numberStyle?.missingCodes, let number = Double(text), codes.contains(number) {
      return true
    }
    return MissingMark.isMissingNumber(text)
  }

  /// What became of decimal points where commas were learned, in words; nil if there is none.
  fileprivate func decimalPoints(in cells: DataTable.Column) -> String? {
    guard let style = numberStyle, let first = cells.firstDecimalPoint(style) else { return nil }
    let numbers = cells.numbers(style)
    let group = cells.cells.indices.first {
      !cells.cells[$0].isNaN && numbers[$0] != cells.cells[$0] && cells.mayBeThousands(at: $0)
    }
    return
      "\(name): \"\(cells.text(at: first))\" has a decimal point, unlike the training data, and is read as such"
      + (group.map {
        String(format: "; \"%.3f\" counts as %.0f, as in training", cells.cells[$0], numbers[$0])
      } ?? "")
  }

  /// That most of these numbers lie farther from those of training than these from each other, as in another unit; nil if they do not.
  fileprivate func otherUnit(_ numbers: [Double]) -> String? {
    guard let range, range.count == 2 else { return nil }
    let (least, greatest) = (range[0], range[1])
    let span = greatest - least
    let far = numbers.filter { $0 < least - span || $0 > greatest + span }
    guard let first = far.first, 2 * far.count > numbers.count else { return nil }
    return
      "\(name): \(far.count) of \(numbers.count) values lie far outside the range of the training data, "
      + "\(Self.text(of: least)) to \(Self.text(of: greatest)); the first is \(Self.text(of: first)): is it in the same unit?"
  }

  /// What a cell without a value counts as, in words.
  fileprivate var filling: String {
    let value =
      use == .category && fill == nil ? "each of its features is 0" : "filled with \(fillText)"
    return value + (hasIndicator ? ", and flagged by a feature" : "")
  }

  /// What a cell is expected to hold, in words.
  fileprivate var expected: String {
    switch use {
    case .number: numberStyle?.duration == nil ? "a number" : "a duration"
    case .date: "a date"
    case .boolean: "yes or no"
    case .category: "a name that occurs in the training data"
    case .label, .dropped: "a value"
    }
  }
}
