/// The cells of a column of percentages that have no percent sign.
struct PlainPercents {
  /// How many there are, apart from zeros.
  let count: Int
  /// The first of them, as it is written.
  let first: Double?
  /// Whether the range of the others shows that they are percentages as well: none would be in it as a share, and all are near it
  /// when divided by 100.
  let areClear: Bool

  init(_ column: DataTable.Column, _ style: NumberStyle) {
    var style = style
    style.hasPlainPercents = nil
    let isShare = column.texts.map { $0.contains("%") }
    var shares = (least: Double.infinity, most: -Double.infinity)
    for (text, isShare) in zip(column.texts, isShare) where isShare {
      guard let value = style.content(of: text) else { continue }
      shares = (min(shares.least, value), max(shares.most, value))
    }
    guard shares.least < shares.most else {
      (count, first, areClear) = (0, nil, false)
      return
    }
    let numbers = column.numbers(style)
    let plain = column.cells.indices.filter { row in
      !numbers[row].isNaN && numbers[row] != 0
        && DataTable.Column.textIndex(of: column.cells[row]).map { !isShare[$0] } ?? true
    }
    count = plain.count
    first = plain.first.map { numbers[$0] }
    let span = shares.most - shares.least
    areClear =
      !plain.isEmpty
      && plain.allSatisfy { row in
        !(shares.least...shares.most).contains(numbers[row])
          && (shares.least - span...shares.most + span).contains(numbers[row] / 100)
      }
  }
}
