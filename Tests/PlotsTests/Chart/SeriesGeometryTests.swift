import Plots
import Testing

@Suite struct SeriesGeometryTests {
  private let plot = Box(x: 0, y: 0, width: 100, height: 100)

  private func geometry(
    _ points: [Series.Point], _ style: Series.Style = .lineAndPoints, scale: Axis.Scale = .linear,
    interval: Series.Interval? = nil, low: Double = 0, high: Double = 10
  ) -> SeriesGeometry {
    SeriesGeometry(
      Series("s", points, style: style, interval: interval), rank: 0, plot: plot,
      x: AxisMap(scale: .linear, low: 0, high: 10), y: AxisMap(scale: scale, low: low, high: high),
      divergedY: -11, zeroY: 111)
  }

  private func points(_ values: [Double?]) -> [Series.Point] {
    values.enumerated().map { Series.Point(Double($0.offset), $0.element) }
  }

  @Test func placesPoints() {
    let geometry = geometry(points([0, 10, 5]))
    #expect(geometry.lines == [[PlanePoint(0, 100), PlanePoint(10, 0), PlanePoint(20, 50)]])
    #expect(geometry.markers.map(\.centre) == geometry.lines[0])
    #expect(geometry.end == PlanePoint(20, 50))
  }

  @Test func breaksAtGaps() {
    let geometry = geometry(points([1, 2, nil, 3, nil, 4, 5]))
    #expect(geometry.lines.map(\.count) == [2, 2])
    #expect(geometry.dots == [PlanePoint(30, 70)])
    #expect(geometry.markers.count == 5)
    #expect(geometry.edgeMarks.isEmpty)
  }

  @Test func marksDivergedCellsAboveThePlot() {
    let geometry = geometry(points([1, 2, .nan, .infinity, -.infinity]))
    #expect(geometry.edgeMarks.map(\.kind) == [.diverged, .diverged, .diverged])
    #expect(geometry.edgeMarks.map(\.centre) == [20, 30, 40].map { PlanePoint($0, -11) })
    #expect(geometry.lines.count == 1)
    #expect(geometry.end == PlanePoint(40, -11))
    #expect(Series.Point.diverged(at: 3).isDiverged)
  }

  @Test func marksZerosBelowALogarithmicAxis() {
    let geometry = geometry(
      points([1, 0, -1]), scale: .log10, low: 0.1)
    #expect(geometry.edgeMarks.map(\.kind) == [.zero, .zero])
    #expect(geometry.edgeMarks.allSatisfy { $0.centre.y == 111 })
  }

  @Test func marksWhatIsBeyondTheRange() {
    let geometry = geometry(points([5, 20, 5, -7, 5]))
    #expect(geometry.edgeMarks.map(\.kind) == [.above, .below])
    #expect(geometry.lines.count == 3)
    #expect(geometry.lines.joined().allSatisfy { plot.contains($0) })
    #expect(geometry.end == PlanePoint(40, 50))
    let leaving = self.geometry(points([5, 20]), .line)
    #expect(leaving.edgeMarks.isEmpty && leaving.end == leaving.lines[0].last)
  }

  @Test func drawsBandsAndWhiskers() {
    let measured = (0..<3).map { Series.Point(Double($0), 5, lower: 4, upper: 6) }
    let band = geometry(measured)
    #expect(band.bands.count == 1 && band.bandEdges.count == 2 && band.whiskers.isEmpty)
    let whiskers = geometry(measured, .points)
    #expect(whiskers.bands.isEmpty && whiskers.whiskers.count == 3)
    #expect(whiskers.whiskers[0].top == 40 && whiskers.whiskers[0].bottom == 60)
    #expect(geometry(measured, interval: .whiskers).whiskers.count == 3)
    #expect(geometry([measured[0]]).whiskers.count == 1)
  }

  @Test func cutsIntervalsAtThePlot() throws {
    let wide = [
      Series.Point(1, 5, lower: -.infinity, upper: .infinity),
      Series.Point(2, 5, lower: .nan, upper: 6), Series.Point(3, 5, lower: 5, upper: 5),
    ]
    let geometry = geometry(wide, .points)
    let whisker = try #require(geometry.whiskers.first)
    #expect(geometry.whiskers.count == 1)
    #expect(whisker.top == 0 && whisker.bottom == 100 && !whisker.capsTop && !whisker.capsBottom)
    let band = self.geometry(
      [wide[0], wide[0]].enumerated().map {
        Series.Point(Double($0.offset), 5, lower: $0.element.lower, upper: $0.element.upper)
      })
    #expect(band.bands.joined().allSatisfy { plot.contains($0) })
  }

  @Test func reducesDenseLines() {
    let values = (0..<100_000).map { Series.Point(Double($0) / 10_000, Double($0 * 7919 % 11)) }
    let geometry = geometry(values, .line)
    #expect(geometry.lines.joined().count <= 405)
    // The least and the greatest value of a column survive.
    #expect(geometry.lines.joined().contains { $0.y == 0 })
    #expect(geometry.lines.joined().contains { $0.y == 100 })
    #expect(geometry.end?.x ?? 0 > 99.9)
    #expect((3...6).contains(geometry.signs.count))
  }

  @Test func showsNothingOfNothing() {
    let geometry = geometry([])
    #expect(geometry.end == nil && geometry.lines.isEmpty && geometry.markers.isEmpty)
    #expect(self.geometry(points([nil, nil])).end == nil)
  }
}
