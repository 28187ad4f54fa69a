/// A remark with its position in the plot.
package struct PlacedAnnotation: Sendable {
  package let annotation: Annotation
  package let block: TextBlock
  /// The space that the text takes.
  package let box: Box
  /// Which end of the text is fixed, so that it stays next to its rule in any font.
  package let anchor: TextAnchor
  /// The line across the plot that belongs to it.
  package let rule: [PlanePoint]
  /// The tinted region that belongs to it.
  package let region: Box?
  /// The line from the text to its point, if they are not next to each other.
  package let leader: [PlanePoint]
}

/// Finds space for remarks among the lines of a chart.
///
/// Each remark has a list of possible positions, the usual one first. It takes the one that covers the
/// least: other remarks count most, data less, and a later position in the list a little.
package enum AnnotationPlacement {
  /// A position for a text: where it is, and which of its ends is fixed there.
  private struct Position {
    let box: Box
    var anchor = TextAnchor.start
  }

  /// What a remark draws besides its text, and where the text may be.
  private struct Parts {
    var rule: [PlanePoint] = []
    var region: Box?
    var target: PlanePoint?
    var positions: [Position] = []
  }

  /// Places the remarks that lie inside the axes' ranges, in their order.
  ///
  /// - Parameter labels: the space of labels inside the plot.
  package static func place(
    _ annotations: [Annotation], plot: Box, x: AxisMap, y: AxisMap,
    avoiding series: [SeriesGeometry], and labels: [Box]
  ) -> [PlacedAnnotation] {
    let blocks = annotations.map {
      TextBlock($0.label, width: min(170, plot.width * 0.6), size: 11, colour: Ink.secondary)
    }
    let allParts = zip(annotations, blocks).map {
      parts(of: $0, $1, plot: plot, x: x, y: y)
    }
    let rules = allParts.map { Box(around: $0?.rule ?? []) }
    let data = annotations.isEmpty ? [] : samples(series)
    var taken = labels
    var placed: [PlacedAnnotation] = []
    for (index, block) in blocks.enumerated() {
      guard let parts = allParts[index] else { continue }
      let others = rules.indices.filter { $0 != index }.compactMap { rules[$0] }
      let position = best(parts.positions, block, plot, taken: taken + others, data: data)
      if !block.lines.isEmpty { taken.append(position.box) }
      placed.append(
        PlacedAnnotation(
          annotation: annotations[index], block: block, box: position.box, anchor: position.anchor,
          rule: parts.rule, region: parts.region,
          leader: parts.target.map { leader(from: position.box, to: $0) } ?? []))
    }
    return placed
  }

  /// The parts of a remark; nil for one that lies outside the axes.
  private static func parts(
    of annotation: Annotation, _ block: TextBlock, plot: Box, x: AxisMap, y: AxisMap
  ) -> Parts? {
    func across(_ value: Double) -> Double { plot.x + x.fraction(value) * plot.width }
    func up(_ value: Double) -> Double { plot.maxY - y.fraction(value) * plot.height }
    switch annotation {
    case .verticalLine(let value, _):
      guard x.canShow(value), x.contains(value) else { return nil }
      let at = across(value)
      return Parts(
        rule: [PlanePoint(at, plot.y), PlanePoint(at, plot.maxY)],
        positions: nextToVertical(at, block, plot))
    case .horizontalLine(let value, _):
      guard y.canShow(value), y.contains(value) else { return nil }
      let at = up(value)
      return Parts(
        rule: [PlanePoint(plot.x, at), PlanePoint(plot.maxX, at)],
        positions: nextToHorizontal(at, block, plot))
    case .region(let range, _):
      guard x.canShow(range.upperBound), range.upperBound > x.low, range.lowerBound < x.high
      else { return nil }
      let left = max(across(range.lowerBound), plot.x)
      let right = min(across(range.upperBound), plot.maxX)
      return Parts(
        region: Box(x: left, y: plot.y, width: right - left, height: plot.height),
        positions: inside(left: left, right: right, block, plot))
    case .text(let atX, let atY, _):
      guard x.canShow(atX), y.canShow(atY) else { return nil }
      let point = PlanePoint(across(atX), up(atY))
      return plot.contains(point) ? Parts(target: point, positions: around(point, block)) : nil
    }
  }

  // MARK: Positions

  private static func nextToVertical(_ at: Double, _ block: TextBlock, _ plot: Box) -> [Position] {
    rows(block, plot).flatMap { y in
      [
        Position(box: block.box(x: at + 5, y: y)),
        Position(box: block.box(x: at - 5 - block.width, y: y), anchor: .end),
      ]
    }
  }

  private static func nextToHorizontal(_ at: Double, _ block: TextBlock, _ plot: Box) -> [Position]
  {
    let room = max(plot.width - block.width - 10, 0)
    return stride(from: 0, through: 1, by: 0.1).flatMap { part in
      [at - block.height - 1, at + 2].map { y in
        Position(box: block.box(x: plot.x + 5 + part * room, y: y))
      }
    }
  }

  private static func inside(
    left: Double, right: Double, _ block: TextBlock, _ plot: Box
  ) -> [Position] {
    let x = min(max((left + right - block.width) / 2, plot.x + 2), plot.maxX - block.width - 2)
    return rows(block, plot).map { Position(box: block.box(x: x, y: $0), anchor: .middle) }
  }

  /// The heights that a text may have inside the plot, from top to bottom.
  private static func rows(_ block: TextBlock, _ plot: Box) -> StrideThrough<Double> {
    stride(from: plot.y + 3, through: max(plot.y + 3, plot.maxY - block.height - 3), by: 12)
  }

  private static func around(_ point: PlanePoint, _ block: TextBlock) -> [Position] {
    let (w, h) = (block.width, block.height)
    var positions: [Position] = []
    for distance: Double in [9, 24, 44] {
      let right = (point.x + distance, TextAnchor.start)
      let centre = (point.x - w / 2, TextAnchor.middle)
      let left = (point.x - distance - w, TextAnchor.end)
      let above = point.y - distance - h
      let below = point.y + distance
      for (x, anchor) in [right, centre, left] {
        positions.append(Position(box: block.box(x: x, y: above), anchor: anchor))
      }
      for (x, anchor) in [right, left] {
        positions.append(Position(box: block.box(x: x, y: point.y - h / 2), anchor: anchor))
      }
      for (x, anchor) in [right, centre, left] {
        positions.append(Position(box: block.box(x: x, y: below), anchor: anchor))
      }
    }
    return positions
  }

  private static func best(
    _ positions: [Position], _ block: TextBlock, _ plot: Box, taken: [Box], data: [PlanePoint]
  ) -> Position {
    var best = Position(box: block.box(x: plot.x, y: plot.y))
    var least = Double.infinity
    for (rank, position) in positions.enumerated() {
      let box = position.box
      let outside = box.width * box.height - box.overlap(plot)
      let covered = taken.reduce(0) { $0 + $1.expanded(by: 3).overlap(box) }
      let wide = box.expanded(by: 2)
      let hidden = data.count { wide.contains($0) }
      let cost = 10 * outside + 10 * covered + 8 * Double(hidden) + 0.5 * Double(rank)
      if cost < least { (best, least) = (position, cost) }
    }
    return best
  }

  /// A short line from a text's nearest edge to the point, unless they nearly touch.
  private static func leader(from box: Box, to point: PlanePoint) -> [PlanePoint] {
    let nearest = PlanePoint(
      min(max(point.x, box.x), box.maxX), min(max(point.y, box.y), box.maxY))
    let dx = point.x - nearest.x
    let dy = point.y - nearest.y
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 8 else { return [] }
    let stop = (length - 5) / length
    return [nearest, PlanePoint(nearest.x + dx * stop, nearest.y + dy * stop)]
  }

  /// Points along everything that is drawn for the data, a few pixels apart.
  package static func samples(_ series: [SeriesGeometry]) -> [PlanePoint] {
    var points: [PlanePoint] = []
    for geometry in series {
      points += geometry.markers.map(\.centre) + geometry.dots + geometry.edgeMarks.map(\.centre)
      for whisker in geometry.whiskers {
        points += stride(from: whisker.top, through: whisker.bottom, by: 5)
          .map { PlanePoint(whisker.x, $0) }
      }
      for line in geometry.lines {
        for (start, end) in zip(line, line.dropFirst()) {
          let steps = max(1, Int(max(abs(end.x - start.x), abs(end.y - start.y)) / 4))
          points += (0...steps).map { step in
            let t = Double(step) / Double(steps)
            return PlanePoint(start.x + t * (end.x - start.x), start.y + t * (end.y - start.y))
          }
        }
      }
    }
    return points
  }
}
