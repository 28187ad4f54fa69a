import Plots
import Testing

@Suite struct GeometryTests {
  private let box = Box(x: 0, y: 0, width: 10, height: 10)

  private func points(_ pairs: (Double, Double)...) -> [PlanePoint] {
    pairs.map { PlanePoint($0.0, $0.1) }
  }

  @Test func measuresOverlap() {
    #expect(box.overlap(Box(x: 5, y: 8, width: 10, height: 10)) == 10)
    #expect(box.overlap(Box(x: 10, y: 0, width: 5, height: 5)) == 0)
    #expect(box.overlap(Box(x: 20, y: 20, width: 1, height: 1)) == 0)
    #expect(Box(around: points((1, 5), (3, 2))) == Box(x: 1, y: 2, width: 2, height: 3))
    #expect(Box(around: []) == nil)
  }

  @Test func keepsLinesThatAreInside() {
    let line = points((1, 1), (5, 9), (9, 1))
    #expect(Clipping.polyline(line, to: box) == [line])
    #expect(Clipping.polyline([], to: box).isEmpty)
    #expect(Clipping.polyline(points((1, 1)), to: box).isEmpty)
  }

  @Test func cutsLinesIntoParts() {
    let line = points((-5, 5), (5, 5), (5, 20), (8, 20), (8, 5))
    #expect(
      Clipping.polyline(line, to: box) == [
        points((0, 5), (5, 5), (5, 10)), points((8, 10), (8, 5)),
      ])
    #expect(Clipping.polyline(points((-5, 5), (15, 5)), to: box) == [points((0, 5), (10, 5))])
    #expect(Clipping.polyline(points((-5, 12), (15, 12)), to: box).isEmpty)
    #expect(Clipping.polyline(points((-5, 8), (3, 16)), to: box).isEmpty)
  }

  @Test func survivesRepeatedAndFarPoints() {
    let line = points((5, 5), (5, 5), (6, 6))
    let parts = Clipping.polyline(line, to: box)
    #expect(parts.count == 1 && parts[0].first == line[0] && parts[0].last == line[2])
    let far = Clipping.polyline(points((5, 5), (5, -1e12)), to: box)
    #expect(far == [points((5, 5), (5, 0))])
  }

  @Test func cutsPolygons() {
    let square = points((5, 5), (15, 5), (15, 15), (5, 15))
    let cut = Set(Clipping.polygon(square, to: box))
    #expect(cut == Set(points((5, 5), (10, 5), (10, 10), (5, 10))))
    #expect(Clipping.polygon(points((20, 20), (30, 20), (30, 30)), to: box).isEmpty)
    let around = points((-9, -9), (19, -9), (19, 19), (-9, 19))
    #expect(
      Set(Clipping.polygon(around, to: box)) == Set(points((0, 0), (10, 0), (10, 10), (0, 10))))
    #expect(Clipping.polygon([], to: box).isEmpty)
  }
}
