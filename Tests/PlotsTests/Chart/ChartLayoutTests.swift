import Plots
import Testing

@Suite struct ChartLayoutTests {
  /// What must hold in every chart: labels next to the plot, and inside it, stay apart.
  static func check(_ layout: ChartLayout, sourceLocation: SourceLocation = #_sourceLocation) {
    for first in layout.labels.indices {
      for second in layout.labels.indices where second > first {
        // Rounding may let neighbours touch.
        let overlap = layout.labels[first].box.expanded(by: -1e-6)
          .overlap(layout.labels[second].box)
        #expect(overlap == 0, sourceLocation: sourceLocation)
      }
    }
    let page = Box(x: 0, y: 0, width: layout.plan.width, height: layout.height)
    for label in layout.labels where layout.plot.width > 40 {
      #expect(page.contains(label.box), "\(label.box)", sourceLocation: sourceLocation)
      #expect(
        label.box.overlap(layout.plot) == 0 || !label.isBeside, sourceLocation: sourceLocation)
    }
    let ticks = layout.xTicks.compactMap { tick in
      tick.label.map {
        Box(
          x: layout.plot.x + layout.plan.x.fraction(tick.value) * layout.plot.width
            - ChartPlan.tickWidth($0) / 2, y: 0, width: ChartPlan.tickWidth($0), height: 10)
      }
    }
    for (left, right) in zip(ticks, ticks.dropFirst()) {
      #expect(left.overlap(right) == 0, sourceLocation: sourceLocation)
    }
    for geometry in layout.series {
      let room = layout.plot.expanded(by: 1e-6)
      #expect(geometry.lines.joined().allSatisfy(room.contains), sourceLocation: sourceLocation)
      #expect(geometry.bands.joined().allSatisfy(room.contains), sourceLocation: sourceLocation)
    }
  }

  private func layout(_ chart: Chart) -> ChartLayout { FigureGrid([chart]).layouts()[0] }

  private func chart(_ series: [Series], annotations: [Annotation] = []) -> Chart {
    Chart(title: "t", x: Axis("x"), y: Axis("y"), series: series, annotations: annotations)
  }

  @Test func placesTheHeadlineFigure() throws {
    let layout = layout(ChartTests.headline)
    Self.check(layout)
    #expect(layout.xTicks.compactMap(\.label) == ["2", "4", "8", "16", "32", "64", "128"])
    let plain = try #require(layout.labels.first { $0.series == 0 })
    #expect(plain.leader.isEmpty)
    // Residual and zero-init end close together: both give way, and leaders show where from.
    #expect(layout.labels.count { !$0.leader.isEmpty } >= 2)
    let unscaled = try #require(layout.labels.first { $0.series == 5 })
    #expect(abs(unscaled.box.midY - layout.divergedY) < 1)
  }

  @Test func keepsTheOrderOfTheEnds() {
    let layout = layout(
      chart((0..<12).map { k in Series("\(k)", x: [0, 1], y: [0, Double(k) * 0.001]) }))
    Self.check(layout)
    let down = layout.labels.sorted { $0.box.y < $1.box.y }.map(\.series)
    #expect(down == (0..<12).reversed())
    // Leaders of ordered ends do not cross: they all start and end in the same order.
    let starts = layout.labels.sorted { $0.box.y < $1.box.y }.compactMap { $0.leader.first?.y }
    #expect(starts == starts.sorted())
  }

  @Test func growsForManyLabels() {
    let series = (0..<60).map { Series("series \($0)", x: [0, 1], y: [0, 1]) }
    let layout = layout(chart(series))
    Self.check(layout)
    #expect(layout.plot.height >= 60 * 16)
  }

  @Test func labelsEarlyEndsInside() throws {
    let early = Series("stopped", x: [0, 1, 2], y: [0, 0.1, 0.2])
    let late = Series("went on", x: [0, 5, 10], y: [5, 6, 7])
    let layout = layout(chart([early, late]))
    Self.check(layout)
    let label = try #require(layout.labels.first { $0.series == 0 })
    #expect(!label.isBeside && layout.plot.contains(label.box))
    #expect(label.leader.isEmpty)
  }

  @Test func separatesMarksAtOnePlace() {
    let series = (0..<3).map { Series("\($0)", [.init(1, 1), .diverged(at: 2)]) }
    let marks = layout(chart(series)).series.flatMap(\.edgeMarks).map(\.centre.x).sorted()
    #expect(marks.count == 3)
    for (left, right) in zip(marks, marks.dropFirst()) { #expect(right - left > 7) }
  }

  @Test func keepsRemarksOffTheData() throws {
    let line = Series("line", x: [0, 10], y: [0, 10], style: .line)
    let layout = layout(
      chart(
        [line],
        annotations: [
          .text(x: 5, y: 5, "the middle"), .verticalLine(at: 2, "early"),
          .horizontalLine(at: 8, "high"), .region(6...9, "late"), .verticalLine(at: 99, "outside"),
        ]))
    // The line at 99 widens the axis, so all five are there.
    #expect(layout.annotations.count == 5)
    let data = AnnotationPlacement.samples(layout.series)
    for (index, remark) in layout.annotations.enumerated() {
      #expect(layout.plot.contains(remark.box), "\(remark.annotation)")
      #expect(!data.contains(where: remark.box.contains), "\(remark.annotation)")
      for other in layout.annotations.dropFirst(index + 1) {
        #expect(remark.box.overlap(other.box) == 0)
      }
    }
  }

  @Test func leavesRemarksOutsideTheRangeOut() {
    var chart = chart(
      [Series("a", x: [0, 1], y: [0, 1])], annotations: [.verticalLine(at: 5, "no")])
    chart.x.range = 0...1
    #expect(layout(chart).annotations.isEmpty)
    #expect(!DrawnDocument(chart.svg()).texts.contains("no"))
  }

  @Test func thinsExplicitTicks() {
    var chart = chart([Series("a", x: [0, 100], y: [0, 1])])
    chart.x.ticks = (0...100).map(Double.init)
    let layout = layout(chart)
    Self.check(layout)
    #expect(layout.xTicks.count == 101)
    #expect((10...40).contains(layout.xTicks.count { $0.isMajor }))
  }
}
