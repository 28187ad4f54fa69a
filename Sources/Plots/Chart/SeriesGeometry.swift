/// The positions of the parts of one series, in pixels, clipped to the plot.
package struct SeriesGeometry: Sendable {
  /// A mark for a value that lies outside the plot.
  package struct EdgeMark: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
      /// Not finite: in the row above the plot.
      case diverged
      /// Not above 0 on a logarithmic axis: in the row below the plot.
      case zero
      /// Beyond a fixed range, at its upper or lower end.
      case above, below
    }
    package let kind: Kind
    package var centre: PlanePoint
    package let point: Series.Point
  }

  package struct Whisker: Sendable, Hashable {
    package let x: Double
    package let top: Double
    package let bottom: Double
    /// Whether the ends lie inside the plot and are drawn with a cap.
    package let capsTop: Bool
    package let capsBottom: Bool
  }

  package private(set) var lines: [[PlanePoint]] = []
  package private(set) var markers: [(centre: PlanePoint, point: Series.Point)] = []
  /// Points that a line would not show, since both of their neighbors are missing.
  package private(set) var dots: [PlanePoint] = []
  /// A few points along a dense line at which a marker identifies it.
  package private(set) var signs: [PlanePoint] = []
  package private(set) var bands: [[PlanePoint]] = []
  package private(set) var bandEdges: [[PlanePoint]] = []
  package private(set) var whiskers: [Whisker] = []
  package private(set) var edgeMarks: [EdgeMark] = []
  /// Where the series is last visible; nil if none of it is.
  package private(set) var end: PlanePoint?
  /// The edge mark at which the series ends, if it ends at one.
  package private(set) var endMark: Int?

  private let plot: Box
  private let x: AxisMap
  private let y: AxisMap
  /// Where the next sign of a dense line is due, and how far apart signs are.
  private var nextSign: Double
  private let signDistance: Double

  /// Whether a series has too many points for dashes and for a marker at each.
  package static func isDense(_ series: Series) -> Bool {
    series.style != .points && series.points.count > 120
  }

  /// - Parameters:
  ///   - rank: which of the chart's series this is, so that signs do not cover each other.
  ///   - divergedY: center of the row for diverged cells.
  ///   - zeroY: center of the row for values that a logarithmic axis cannot show.
  package init(
    _ series: Series, rank: Int, plot: Box, x: AxisMap, y: AxisMap, divergedY: Double,
    zeroY: Double
  ) {
    (self.plot, self.x, self.y) = (plot, x, y)
    signDistance = plot.width / 5
    let phase = (0.35 + 0.618 * Double(rank)).truncatingRemainder(dividingBy: 1)
    nextSign = plot.x + phase * signDistance
    var run: [Series.Point] = []
    for point in series.points {
      guard x.canShow(point.x), let value = point.y else {
        finish(&run, series)
        continue
      }
      if y.canShow(value) {
        run.append(point)
        continue
      }
      finish(&run, series)
      if x.contains(point.x) {
        let isDiverged = point.isDiverged
        addEdge(isDiverged ? .diverged : .zero, point, at: isDiverged ? divergedY : zeroY)
      }
    }
    finish(&run, series)
  }

  /// Moves an edge mark sideways, and with it the end of the series if the mark is its end.
  package mutating func move(mark index: Int, by shift: Double) {
    edgeMarks[index].centre.x += shift
    if endMark == index { end = edgeMarks[index].centre }
  }

  private mutating func addEdge(_ kind: EdgeMark.Kind, _ point: Series.Point, at height: Double) {
    let centre = PlanePoint(position(point.x, 1).x, height)
    endMark = edgeMarks.count
    end = centre
    edgeMarks.append(EdgeMark(kind: kind, centre: centre, point: point))
  }

  private func position(_ x: Double, _ y: Double) -> PlanePoint {
    PlanePoint(
      plot.x + self.x.fraction(x) * plot.width, plot.maxY - self.y.fraction(y) * plot.height)
  }

  /// Adds what is drawn for a run of points without a gap, and empties the run.
  private mutating func finish(_ run: inout [Series.Point], _ series: Series) {
    defer { run = [] }
    guard let last = run.last, let lastY = last.y else { return }
    let positions = run.map { position($0.x, $0.y ?? 0) }
    if series.style != .points {
      let parts = Clipping.polyline(reduced(positions), to: plot)
      lines += parts
      if run.count == 1, plot.contains(positions[0]) { dots.append(positions[0]) }
      if let end = parts.last?.last { (self.end, endMark) = (end, nil) }
      if series.style == .line && Self.isDense(series) { addSigns(positions) }
    }
    if series.style == .points || series.style == .lineAndPoints { addMarkers(run, positions) }
    if x.contains(last.x) && y.contains(lastY) {
      (end, endMark) = (positions[positions.count - 1], nil)
    }
    addIntervals(run, series)
  }

  private mutating func addSigns(_ positions: [PlanePoint]) {
    for position in positions where position.x >= nextSign && plot.contains(position) {
      signs.append(position)
      nextSign = position.x + signDistance
    }
  }

  private mutating func addMarkers(_ run: [Series.Point], _ positions: [PlanePoint]) {
    for (point, position) in zip(run, positions) {
      guard let value = point.y, x.contains(point.x) else { continue }
      if y.contains(value) {
        markers.append((position, point))
      } else if value > y.high {
        addEdge(.above, point, at: plot.y + 5)
      } else {
        addEdge(.below, point, at: plot.maxY - 5)
      }
    }
  }

  // MARK: Intervals

  private mutating func addIntervals(_ run: [Series.Point], _ series: Series) {
    let asWhiskers = (series.interval ?? (series.style == .points ? .whiskers : .band)) == .whiskers
    var stretch: [Series.Point] = []
    for point in run + [Series.Point(0, nil)] {
      if let lower = point.lower, let upper = point.upper, !lower.isNaN, !upper.isNaN,
        point.y != nil
      {
        stretch.append(point)
        continue
      }
      if asWhiskers || stretch.count == 1 {
        for point in stretch { addWhisker(point) }
      } else if stretch.count > 1 {
        addBand(stretch)
      }
      stretch = []
    }
  }

  private mutating func addBand(_ stretch: [Series.Point]) {
    let lower = stretch.map { position($0.x, bounded(min($0.lower ?? 0, $0.upper ?? 0))) }
    let upper = stretch.map { position($0.x, bounded(max($0.lower ?? 0, $0.upper ?? 0))) }
    let area = Clipping.polygon(reduced(upper) + reduced(lower).reversed(), to: plot)
    if area.count > 2 { bands.append(area) }
    for edge in [upper, lower] { bandEdges += Clipping.polyline(reduced(edge), to: plot) }
  }

  private mutating func addWhisker(_ point: Series.Point) {
    guard x.contains(point.x), let lower = point.lower, let upper = point.upper else { return }
    let top = position(point.x, bounded(max(lower, upper)))
    let bottom = position(point.x, bounded(min(lower, upper)))
    guard top.y <= plot.maxY, bottom.y >= plot.y, bottom.y - top.y > 0 else { return }
    whiskers.append(
      Whisker(
        x: top.x, top: max(top.y, plot.y), bottom: min(bottom.y, plot.maxY),
        capsTop: top.y >= plot.y, capsBottom: bottom.y <= plot.maxY))
  }

  /// An end of an interval as a value that the axis map accepts: infinite ends lie far outside.
  private func bounded(_ value: Double) -> Double {
    min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }

  /// A line with more points than pixels, reduced to the first, smallest, largest and last of each
  /// column of pixels: the same picture from a file of bounded size.
  private func reduced(_ points: [PlanePoint]) -> [PlanePoint] {
    guard Double(points.count) > 4 * plot.width else { return points }
    var result: [PlanePoint] = []
    var start = 0
    while start < points.count {
      let column = points[start].x.rounded(.down)
      var end = start
      var least = start
      var greatest = start
      while end < points.count, points[end].x.rounded(.down) == column {
        if points[end].y < points[least].y { least = end }
        if points[end].y > points[greatest].y { greatest = end }
        end += 1
      }
      for index in Set([start, least, greatest, end - 1]).sorted() { result.append(points[index]) }
      start = end
    }
    return result
  }
}
