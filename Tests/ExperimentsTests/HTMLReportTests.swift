import Experiments
import Plots
import Testing

@Suite struct HTMLReportTests {
  @Test func escapesTextAndKeepsTheFigure() {
    let text = HTMLReport(
      title: "a < b & c",
      [
        .paragraph("1 < 2 > 0 &amp;"), .code("cat <in >out && echo \"x\""),
        .table(header: ["<h>", "b"], rows: [["<script>alert(1)</script>", "&"], ["1", "2"]]),
        .figure(svg: "<svg><text>a &lt; b</text></svg>"),
      ]
    ).text
    #expect(text.contains("<title>a &lt; b &amp; c</title>"))
    #expect(text.contains("<h1>a &lt; b &amp; c</h1>"))
    #expect(text.contains("<p>1 &lt; 2 &gt; 0 &amp;amp;</p>"))
    #expect(text.contains("<pre>cat &lt;in &gt;out &amp;&amp; echo \"x\"</pre>"))
    #expect(text.contains("<th>&lt;h&gt;</th><th>b</th>"))
    #expect(text.contains("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>&amp;</td>"))
    #expect(!text.contains("<script"))
    #expect(text.contains("<figure><svg><text>a &lt; b</text></svg></figure>"))
  }

  @Test func needsNothingElse() {
    let text = HTMLReport(title: "t", [.paragraph("p")]).text
    #expect(text.hasPrefix("<!DOCTYPE html>\n") && text.hasSuffix("</html>\n"))
    for reference in ["<link", "src=", "href=", "@import", "url("] {
      #expect(!text.contains(reference), "\(reference)")
    }
  }

  /// Figures follow the page into the dark.
  @Test func figuresHaveADarkForm() throws {
    let figure = FigureGrid([Chart(title: "t", x: Axis("x"), y: Axis("y"), series: [])])
    #expect(figure.svg().contains("@media screen and (prefers-color-scheme: dark)"))
    #expect(!figure.fitted(to: try #require(PaperWidth(millimetres: 80))).svg().contains("@media"))
  }

  /// A figure that is higher than a page is cut where it is printed, or leaves the page before it empty.
  @Test(arguments: [(2, 1), (4, 1), (5, 3), (20, 10)])
  func aHighFigureIsDividedIntoRows(panels: Int, figures: Int) {
    let charts = (1...panels).map {
      Chart(title: "panel \($0)", x: Axis("x"), y: Axis("y"), series: [])
    }
    let text = HTMLReport(
      title: "t",
      [
        .figure(
          FigureGrid(charts, columns: 2, title: "all of it", caption: Caption("how it was made")))
      ]
    ).text
    #expect(text.ranges(of: "<figure class=\"wide\">").count == figures)
    #expect(text.ranges(of: "<figure class=\"narrow\">").count == figures)
    for panel in 1...panels {
      #expect(text.contains("panel \(panel)<") || text.contains("panel \(panel)</"))
    }
    #expect(text.contains("how it was made"))
  }
}
