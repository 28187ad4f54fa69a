/// A square picture on which strokes are drawn with soft edges.
struct GlyphCanvas {
  static let side = Glyphs.side

  /// Ink per pixel, 0...1, row-major.
  private(set) var ink = [Double](repeating: 0, count: GlyphCanvas.side * GlyphCanvas.side)

  /// Draws a straight stroke with round ends; where strokes overlap, the darker one stays.
  ///
  /// Coordinates and `radius` are in pixels; pixel (row, column) has its center at
  /// (column + 0.5, row + 0.5). Ink falls from full to none over `softness` pixels across the edge.
  mutating func drawSegment(
    from start: GlyphPoint, to end: GlyphPoint, radius: Double, softness: Double, strength: Double
  ) {
    let reach = radius + softness / 2
    guard let rows = Self.pixels(min(start.y, end.y) - reach, max(start.y, end.y) + reach),
      let columns = Self.pixels(min(start.x, end.x) - reach, max(start.x, end.x) + reach)
    else { return }
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let squaredLength = dx * dx + dy * dy
    for row in rows {
      for column in columns {
        let (x, y) = (Double(column) + 0.5 - start.x, Double(row) + 0.5 - start.y)
        // The nearest point of the segment, as a fraction of its length.
        let along = squaredLength > 0 ? max(0, min(1, (x * dx + y * dy) / squaredLength)) : 0
        let (offX, offY) = (x - along * dx, y - along * dy)
        let distance = (offX * offX + offY * offY).squareRoot()
        let coverage = max(0, min(1, (reach - distance) / softness))
        let position = row * Self.side + column
        ink[position] = max(ink[position], coverage * strength)
      }
    }
  }

  /// The pixels whose centers can lie between two coordinates, or nil when all are outside.
  private static func pixels(_ low: Double, _ high: Double) -> ClosedRange<Int>? {
    let first = max(0, Int(low.rounded(.down)))
    let last = min(side - 1, Int(high.rounded(.down)))
    return first <= last ? first...last : nil
  }
}
