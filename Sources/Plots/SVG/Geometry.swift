/// A point of the drawing plane, in pixels; y grows downwards, as in SVG.
package struct PlanePoint: Sendable, Hashable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// An axis-parallel rectangle of the drawing plane, in pixels.
package struct Box: Sendable, Hashable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The smallest box around some points; nil for none.
  package init?(around points: [PlanePoint]) {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let top = points.map(\.y).min(), let bottom = points.map(\.y).max()
    else { return nil }
    self.init(x: left, y: top, width: right - left, height: bottom - top)
  }

  package var maxX: Double { x + width }
  package var maxY: Double { y + height }
  package var midX: Double { x + width / 2 }
  package var midY: Double { y + height / 2 }

  /// The area that both boxes cover; 0 for boxes that only touch.
  package func overlap(_ other: Box) -> Double {
    let across = min(maxX, other.maxX) - max(x, other.x)
    let down = min(maxY, other.maxY) - max(y, other.y)
    return across > 0 && down > 0 ? across * down : 0
  }

  package func contains(_ point: PlanePoint) -> Bool {
    point.x >= x && point.x <= maxX && point.y >= y && point.y <= maxY
  }

  package func contains(_ other: Box) -> Bool {
    other.x >= x && other.maxX <= maxX && other.y >= y && other.maxY <= maxY
  }

  package func expanded(by margin: Double) -> Box {
    Box(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }
}

/// Clipping by arithmetic instead of by a `clipPath`: coordinates stay near the picture however far
/// out the data are, no identifiers are needed, and the point where a line leaves is known.
package enum Clipping {
  /// The parts of an open polyline inside a box, in order.
  ///
  /// Liang and Barsky, "A new concept and method for line clipping" (1984), edge by edge.
  package static func polyline(_ points: [PlanePoint], to box: Box) -> [[PlanePoint]] {
    var parts: [[PlanePoint]] = []
    var part: [PlanePoint] = []
    func finish() {
      if part.count > 1 { parts.append(part) }
      part = []
    }
    for (start, end) in zip(points, points.dropFirst()) {
      guard let (first, last) = segment(from: start, to: end, in: box) else {
        finish()
        continue
      }
      if part.last != first {
        finish()
        part = [first]
      }
      if last != first { part.append(last) }
      if last != end { finish() }
    }
    finish()
    return parts
  }

  private static func segment(
    from start: PlanePoint, to end: PlanePoint, in box: Box
  ) -> (PlanePoint, PlanePoint)? {
    let dx = end.x - start.x
    let dy = end.y - start.y
    var enter = 0.0
    var leave = 1.0
    let edges = [
      (-dx, start.x - box.x), (dx, box.maxX - start.x),
      (-dy, start.y - box.y), (dy, box.maxY - start.y),
    ]
    for (direction, distance) in edges {
      if direction == 0 {
        if distance < 0 { return nil }
      } else if direction < 0 {
        enter = max(enter, distance / direction)
      } else {
        leave = min(leave, distance / direction)
      }
    }
    if enter > leave { return nil }
    func at(_ t: Double) -> PlanePoint {
      PlanePoint(
        min(max(start.x + t * dx, box.x), box.maxX), min(max(start.y + t * dy, box.y), box.maxY))
    }
    return (enter == 0 ? start : at(enter), leave == 1 ? end : at(leave))
  }

  /// The part of a closed polygon inside a box; empty if nothing is left.
  ///
  /// Sutherland and Hodgman, "Reentrant polygon clipping" (1974).
  package static func polygon(_ points: [PlanePoint], to box: Box) -> [PlanePoint] {
    var result = points
    func clip(_ depth: (PlanePoint) -> Double) {
      guard var previous = result.last else { return }
      var kept: [PlanePoint] = []
      for point in result {
        let before = depth(previous)
        let now = depth(point)
        if (before < 0) != (now < 0) {
          let t = before / (before - now)
          kept.append(
            PlanePoint(
              previous.x + t * (point.x - previous.x), previous.y + t * (point.y - previous.y)))
        }
        if now >= 0 { kept.append(point) }
        previous = point
      }
      result = kept
    }
    clip { $0.x - box.x }
    clip { box.maxX - $0.x }
    clip { $0.y - box.y }
    clip { box.maxY - $0.y }
    return result
  }
}
