import Plots
import Testing

@Suite struct FigureGridTests {
  private func chart(_ title: String, _ labels: [String], y: [Double] = [1, 2]) -> Chart {
    Chart(
      title: title, x: Axis("x"), y: Axis("y"),
      series: labels.map { Series($0, x: [1, 2], y: y) })
  }

  @Test func givesALabelOneAppearance() {
    let grid = FigureGrid([
      chart("loss", ["plain", "residual"]), chart("error", ["residual", "new", "plain"]),
    ])
    let looks = grid.layouts().map(\.plan.appearances)
    #expect(looks[0][0] == looks[1][2])
    #expect(looks[0][1] == looks[1][0])
    #expect(Set(looks[1]).count == 3)
  }

  @Test func respectsSlots() {
    var first = chart("a", ["p", "q", "r"])
    first.series[2].slot = 0
    let looks = FigureGrid([first, chart("b", ["r", "p"])]).layouts().map(\.plan.appearances)
    #expect(looks[0][2] == SeriesAppearance(slot: 0))
    #expect(looks[1][0] == SeriesAppearance(slot: 0))
    #expect(Set(looks[0]).count == 3)
    #expect(looks[0][0] == looks[1][1])
  }

  @Test func tellsSeriesOfOneNameApart() {
    let looks = FigureGrid([chart("a", ["p", "p", ""])]).layouts()[0].plan.appearances
    #expect(Set(looks).count == 3)
  }

  @Test func drawsReferencesInGrey() {
    var first = chart("a", ["measured", "predicted"])
    first.series[1].style = .reference
    let looks = FigureGrid([first]).layouts()[0].plan.appearances
    #expect(looks[0] == SeriesAppearance(slot: 0))
    #expect(looks[1] == SeriesAppearance(reference: 0))
    #expect(!looks[1].dashes.isEmpty)
  }

  @Test func alignsPanels() {
    var tall = chart("b", ["q"], y: [100_000, 2])
    tall.subtitle = "a subtitle that makes the header of this panel higher than the others"
    tall.plotHeight = 400
    let layouts = FigureGrid([chart("a", ["p"]), tall, chart("c", ["r"])], columns: 2).layouts()
    #expect(layouts[0].plot.y == layouts[1].plot.y)
    #expect(layouts[0].plot.height == layouts[1].plot.height)
    #expect(layouts[0].plot.x == layouts[2].plot.x)
    #expect(layouts[0].plot.maxX == layouts[2].plot.maxX)
    #expect(layouts[2].plot.height < 400)
  }

  @Test func lettersPanelsAndFitsTheWidth() {
    let grid = FigureGrid(
      [chart("a", ["p"]), chart("b", ["p"])], title: "Both", caption: Caption("Under all."),
      width: 900)
    let document = DrawnDocument(grid.svg())
    #expect(document.elements("svg").first?.attributes["width"] == "900")
    #expect(document.title == "Both")
    #expect(document.texts.contains("(a) a") && document.texts.contains("(b) b"))
    #expect(document.texts.contains("Under all."))
    #expect(grid.svg() == grid.svg())
    #expect(!DrawnDocument(chart("a", ["p"]).svg()).texts.contains { $0.hasPrefix("(a)") })
  }

  @Test func drawsNoPanels() {
    #expect(DrawnDocument(FigureGrid([]).svg()).texts == ["no data"])
  }

  @Test(arguments: [
    ("icml-column", 1, "82.55mm"), ("neurips-text", 2, "139.7mm"), ("90", 1, "90mm"),
  ])
  func aFigureIsFittedToAPaper(width: String, columns: Int, size: String) throws {
    let chart = Chart(
      title: "t", x: Axis("x"), y: Axis("y"), series: [Series("one", x: [1, 2], y: [3, 4])])
    let paper = try #require(PaperWidth(parsing: width))
    let figure = FigureGrid([chart, chart, chart]).fitted(to: paper)
    #expect(figure.columns == columns)
    let svg = figure.svg()
    #expect(svg.contains("width=\"\(size)\""), "\(svg.prefix(300))")
    // A label of 12 units is 8 points on paper.
    let units = try #require(svg.firstMatch(of: #/viewBox="0 0 ([0-9.]+) /#)?.1)
    #expect(abs(try #require(Double(units)) * 8 / 12 / 72 * 25.4 - paper.millimetres) < 0.1)
  }

  @Test(arguments: ["", "0", "39", "1001", "nan", "icml", "-80"])
  func widthsThatAreNone(text: String) { #expect(PaperWidth(parsing: text) == nil) }
}
