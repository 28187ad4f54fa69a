import Foundation
import Plots
import Testing

@Suite struct ChartTests {
  static let depths: [Double] = [2, 4, 8, 16, 32, 64, 128]

  /// The headline figure: seven depths, six arms with bands, one of them diverging.
  static var headline: Chart {
    let arms: [(String, [Double])] = [
      ("plain", [0.07, 0.074, 0.09, 0.16, 0.33, 0.73, 1.0]),
      ("residual", [0.07, 0.066, 0.065, 0.052, 0.05, 0.059, 0.076]),
      ("zero-init", [0.071, 0.067, 0.062, 0.055, 0.052, 0.059, 0.07]),
      ("highway", [0.08, 0.078, 0.08, 0.075, 0.079, 0.085, 0.11]),
      ("orthogonal tanh", [0.09, 0.085, 0.088, 0.1, 0.14, 0.215, 0.3]),
      ("unscaled", [0.07, 0.075, 0.11, 0.6, 8, .infinity, .nan]),
    ]
    return Chart(
      title: "Loss & depth: \"plain\" < residual?", subtitle: "MNIST, width 64",
      x: Axis("depth", scale: .log2, ticks: depths), y: Axis("training loss", scale: .log10),
      series: arms.map { name, values in
        Series(
          name,
          zip(depths, values).map { Series.Point($0, $1, lower: $1 * 0.9, upper: $1 * 1.1) })
      },
      caption: Caption("Medians of five seeds.", source: "pilot", command: "research depth --quick")
    )
  }

  @Test func writesWhatItIsToldIntoTheDocument() {
    let document = DrawnDocument(Self.headline.svg())
    #expect(document.title == Self.headline.title)
    #expect(document.elements("desc").first?.text.contains("Series plain: 0.07 at 2") == true)
    #expect(document.elements("desc").first?.text.contains("diverged at 64, 128") == true)
    for text in [
      Self.headline.title, "MNIST, width 64", "depth", "training loss", "2", "128", "0.1", "1",
      "10", "diverged", "plain", "unscaled", "Medians of five seeds.", "Source: pilot",
      "research depth --quick",
    ] {
      #expect(document.texts.contains(text), "\(text)")
    }
    #expect(
      document.elements("title").contains { $0.text.contains("plain, depth 16: 0.16 (0.144 to") })
  }

  @Test func dependsOnNothingElse() {
    let svg = Self.headline.svg()
    #expect(svg == Self.headline.svg())
    for word in ["<script", "href", "url(", "@import", "<image"] {
      #expect(!svg.contains(word), "\(word)")
    }
    #expect(svg.contains("role=\"img\"") && svg.contains("aria-labelledby="))
  }

  @Test func givesEachFigureItsOwnIdentifiers() {
    var other = Self.headline
    other.subtitle = "glyphs"
    func identifiers(_ chart: Chart) -> Set<String> {
      Set(DrawnDocument(chart.svg()).elements.compactMap { $0.attributes["id"] })
    }
    #expect(identifiers(Self.headline).isDisjoint(with: identifiers(other)))
    #expect(identifiers(other).count == 2)
  }

  @Test func writesItsData() {
    let chart = Chart(
      title: "t", x: Axis("x"), y: Axis("y"),
      series: [
        Series(
          "a, \"b\"", [.init(1, 0.5, lower: 0.25, upper: 0.75), .init(2, nil), .diverged(at: 3)])
      ])
    #expect(
      chart.csv() == #"""
        series,x,y,lower,upper,state
        "a, ""b""",1.0,0.5,0.25,0.75,measured
        "a, ""b""",2.0,,,,missing
        "a, ""b""",3.0,,,,diverged

        """#)
    #expect(FigureGrid([chart]).csv() == chart.csv())
    let two = FigureGrid([chart, chart]).csv().split(separator: "\n")
    #expect(two.first == "panel,series,x,y,lower,upper,state" && two.count == 7)
    #expect(two[1].hasPrefix("(a),\"a,") && two[4].hasPrefix("(b),\"a,"))
  }

  @Test func saysWhenThereIsNothing() {
    for series in [[], [Series("a", [])], [Series("a", [.init(1, nil)])]] {
      let chart = Chart(title: "t", x: Axis("x"), y: Axis("y"), series: series)
      #expect(DrawnDocument(chart.svg()).texts.contains("no data"))
    }
    #expect(!DrawnDocument(Self.headline.svg()).texts.contains("no data"))
  }

  @Test func saysWhatItLeavesOut() {
    let chart = Chart(
      title: "t", x: Axis("x", scale: .log2), y: Axis("y"),
      series: [Series("a", x: [0, 1, 2], y: [1, 2, 3])])
    let texts = DrawnDocument(chart.svg()).texts.joined(separator: " ")
    #expect(texts.contains("Not shown: 1 point of a"))
  }

  @Test func refusesUnequalLengths() async {
    await #expect(processExitsWith: .failure) { _ = Series("s", x: [1, 2], y: [1]) }
  }

  // MARK: Anything at all

  private struct Source {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }

    mutating func value() -> Double {
      let special: [Double] = [
        0, -0.0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e-300, 1e300, 1 + 1e-15, 1e15, 0.5,
      ]
      let index = below(3 * special.count)
      return index < special.count ? special[index] : Double(below(2000) - 500) / 37
    }

    mutating func axis(_ name: String) -> Axis {
      let scale = [Axis.Scale.linear, .log10, .log2][below(3)]
      let low = Double(1 + below(5))
      return Axis(
        name, scale: scale, range: below(3) == 0 ? low...low * Double(2 + below(1000)) : nil,
        ticks: below(3) == 0 ? (0..<below(9)).map { _ in value() } : nil,
        format: below(2) == 0 ? .number : .percent)
    }

    mutating func chart() -> Chart {
      let styles: [Series.Style] = [.line, .points, .lineAndPoints, .reference]
      let names = ["", "a", "<b> & 'c'", "深さ", "a rather long name of a series in a chart"]
      let series = (0..<below(13)).map { _ in
        Series(
          names[below(names.count)],
          (0..<below(12)).map { _ in
            Series.Point(
              value(), below(4) == 0 ? nil : value(), lower: below(2) == 0 ? nil : value(),
              upper: below(2) == 0 ? nil : value())
          }, style: styles[below(4)],
          interval: [Series.Interval.band, .whiskers, nil][below(3)],
          slot: below(4) == 0 ? below(20) : nil)
      }
      let remarks: [Annotation] = [
        .verticalLine(at: value(), "vertical"), .horizontalLine(at: value(), "horizontal \u{1}"),
        .text(x: value(), y: value(), "a text that is long enough to be broken into lines"),
        .region(-1...Double(below(50)), "region"),
      ]
      return Chart(
        title: names[below(5)], subtitle: names[below(5)], x: axis("x"), y: axis("y"),
        series: series, annotations: Array(remarks.prefix(below(5))),
        caption: below(2) == 0 ? Caption(names[below(5)], command: names[below(5)]) : nil,
        width: [0, 240, 500, .nan][below(4)], plotHeight: [0, 100, 300, .infinity][below(4)])
    }
  }

  @Test(arguments: 0..<8) func drawsAnything(_ part: Int) {
    var source = Source(state: UInt64(part) &* 977 &+ 5)
    for _ in 0..<20 {
      let chart = source.chart()
      let svg = chart.svg()
      _ = DrawnDocument(svg)
      #expect(svg == chart.svg())
      for layout in FigureGrid([chart]).layouts() { ChartLayoutTests.check(layout) }
    }
  }
}
