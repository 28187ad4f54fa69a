import Experiments
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
}
