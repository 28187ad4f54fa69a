/// A number that is written where a column has no value: -999 and its like, far below all that is measured.
struct MissingCode {
  /// The number.
  let value: Double
  /// How many cells hold it as a plain number.
  let count: Int

  /// The numbers that people write.
  private static let codes = [-99.0, -999, -9999, -99999, -999999, -999.9, -9999.9, -32768]

  /// The code of a column; `nil` where it has none.
  ///
  /// All other values have to be at least ten times nearer to 0 on the negative side, and most cells have to have one: then no
  /// measurement lies there by chance.
  ///
  /// - Complexity: O(cells).
  init?(_ column: DataTable.Column, _ style: NumberStyle) {
    var counts = [Int](repeating: 0, count: Self.codes.count)
    var (least, others) = (Double.infinity, 0)
    // A code with decimals, as -999.000, is a text; such texts count as missing by themselves, and tell the code as well.
    var numbers = [Int](repeating: 0, count: Self.codes.count)
    for (value, cell) in zip(column.numbers(style), column.cells) where !value.isNaN {
      if let index = Self.codes.firstIndex(of: value) {
        counts[index] += 1
        if !cell.isNaN { numbers[index] += 1 }
      } else {
        least = min(least, value)
        others += 1
      }
    }
    let found = counts.indices.filter { counts[$0] > 0 }
    guard found.count == 1, let index = found.first, others >= 10, counts[index] <= others,
      least > Self.codes[index] / 10
    else { return nil }
    // A single -99 may be a measurement.
    guard counts[index] > 1 || Self.codes[index] <= -999 else { return nil }
    (value, count) = (Self.codes[index], numbers[index])
  }
}
