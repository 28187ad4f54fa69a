import Foundation

/// A quantity over the plane of a chart, as filled contours: a loss along two directions.
///
/// The areas between levels share one hue and get darker with each level, so that their order is visible in gray and to
/// color-blind readers; each level's line carries its value.
///
/// ```swift
/// Chart(
///   title: "Loss around the minimum", x: Axis("α", range: -1...1), y: Axis("β", range: -1...1), series: [],
///   field: ContourField(x: steps, y: steps, values: losses, levels: [0.1, 0.3, 1, 3], scale: .log10))
/// ```
public struct ContourField: Sendable, Hashable {
  /// The positions of columns and rows, ascending.
  public let x: [Double], y: [Double]
  /// The quantity, one row for each `y`; values that are not finite count as above every level.
  public let values: [[Double]]
  /// The levels, ascending.
  public let levels: [Double]
  /// How the quantity is interpolated between positions.
  public let scale: Axis.Scale

  /// A quantity on a grid.
  ///
  /// - Precondition: At least two columns and two rows, and a value for each grid point.
  public init(
    x: [Double], y: [Double], values: [[Double]], levels: [Double], scale: Axis.Scale = .linear
  ) {
    guard x.count > 1, y.count > 1, values.count == y.count,
      values.allSatisfy({ $0.count == x.count })
    else {
      fatalError(
        "\(x.count) columns and \(y.count) rows do not match \(values.count) rows of values")
    }
    (self.x, self.y, self.values, self.scale) = (x, y, values, scale)
    self.levels = levels.sorted()
  }

  /// The region at or above a level in one cell, as a polygon, and the level's line through it, in positions of the chart.
  package struct Piece: Sendable, Hashable {
    package var area: [PlanePoint] = []
    package var line: [PlanePoint] = []
  }

  /// The pieces of all cells that are partly at or above a level.
  package func pieces(above level: Double) -> [Piece] {
    func mapped(_ value: Double) -> Double {
      // Far above every level, and as far below for what a logarithmic scale cannot show.
      guard value.isFinite else { return 1e9 }
      if scale == .linear { return value }
      return value > 0 ? log(value) : -1e9
    }
    let height = mapped(level)
    let heights = values.map { $0.map { mapped($0) - height } }
    return (0..<y.count - 1).flatMap { row in
      (0..<x.count - 1).compactMap { column in
        let corners = [
          (row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column),
        ].map { (point: PlanePoint(x[$0.1], y[$0.0]), height: heights[$0.0][$0.1]) }
        var piece = Piece()
        for (index, corner) in corners.enumerated() {
          let next = corners[(index + 1) % 4]
          if corner.height >= 0 { piece.area.append(corner.point) }
          guard (corner.height >= 0) != (next.height >= 0) else { continue }
          let share = corner.height / (corner.height - next.height)
          let crossing = PlanePoint(
            corner.point.x + share * (next.point.x - corner.point.x),
            corner.point.y + share * (next.point.y - corner.point.y))
          piece.area.append(crossing)
          piece.line.append(crossing)
        }
        return piece.area.isEmpty ? nil : piece
      }
    }
  }

  /// The color of the area above this many of the levels: from near white to dark blue.
  package static func colour(_ rank: Int, of count: Int) -> String {
    let share = count > 0 ? Double(rank) / Double(count) : 0
    let (low, high) = ([246.0, 249, 252], [22.0, 66, 120])
    let parts = zip(low, high).map { UInt8(($0 + share * ($1 - $0)).rounded()) }
    return "#" + parts.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The data, one line for each grid point.
  var csv: String {
    let lines = zip(y, values).flatMap { y, row in
      zip(x, row).map { "\($0),\(y),\($1.isFinite ? "\($1)" : "")\n" }
    }
    return "x,y,value\n" + lines.joined()
  }

  /// The field in words.
  var description: String {
    let all = values.joined().filter(\.isFinite)
    guard let least = all.min(), let greatest = all.max() else { return "Contours: no data." }
    return "Contours: from \(NumberText.significant(least)) to \(NumberText.significant(greatest))."
  }
}

extension ChartRenderer {
  /// Areas, lines and their values.
  static func writeField(_ layout: ChartLayout, _ writer: inout SVGWriter) {
    guard let field = layout.plan.chart.field else { return }
    let (plan, plot) = (layout.plan, layout.plot)
    func position(_ point: PlanePoint) -> PlanePoint {
      PlanePoint(
        plot.x + plan.x.fraction(point.x) * plot.width,
        plot.maxY - plan.y.fraction(point.y) * plot.height)
    }
    func outline(_ points: [PlanePoint], closed: Bool) -> String {
      let inside =
        closed
        ? Clipping.polygon(points.map(position), to: plot)
        : Clipping.polyline(points.map(position), to: plot).first ?? []
      return inside.count > 1 ? SVGWriter.outline(inside, closed: closed) : ""
    }
    let ground = field.pieces(above: -.infinity)
    var labels: [(position: PlanePoint, text: String)] = []
    for (rank, level) in ([-Double.infinity] + field.levels).enumerated() {
      let pieces = rank == 0 ? ground : field.pieces(above: level)
      let colour = AttributeValue.text(ContourField.colour(rank, of: field.levels.count))
      // A stroke of the same color, so that no seams show between cells.
      writer.element(
        "path",
        [
          "d": .text(pieces.map { outline($0.area, closed: true) }.joined()), "fill": colour,
          "stroke": colour, "stroke-width": 0.6,
        ])
      guard rank > 0 else { continue }
      let lines = pieces.flatMap { piece in
        stride(from: 0, to: piece.line.count - 1, by: 2).map {
          [piece.line[$0], piece.line[$0 + 1]]
        }
      }
      writer.path(
        lines.map { outline($0, closed: false) }.joined(),
        tooltip: Ticks.label(level, .number),
        [("fill", "none"), ("stroke", "#ffffff"), ("stroke-width", 0.9)])
      let middles = lines.map { line in
        position(PlanePoint((line[0].x + line[1].x) / 2, (line[0].y + line[1].y) / 2))
      }
      func room(_ point: PlanePoint) -> Double {
        let edges = min(
          (point.x - plot.x) / 1.5, (plot.maxX - point.x) / 1.5, point.y - plot.y,
          plot.maxY - point.y)
        return labels.reduce(2 * edges) { least, label in
          min(least, hypot(point.x - label.position.x, 2 * (point.y - label.position.y)))
        }
      }
      if let best = middles.max(by: { room($0) < room($1) }), room(best) > 30 {
        labels.append((best, Ticks.label(level, .number)))
      }
    }
    for label in labels {
      let block = TextBlock(label.text, width: 80, size: 11)
      block.write(
        to: &writer, x: label.position.x, y: label.position.y - block.height / 2, anchor: .middle,
        halo: true)
    }
  }
}
