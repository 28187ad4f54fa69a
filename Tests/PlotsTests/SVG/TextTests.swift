import Plots
import Testing

@Suite struct TextTests {
  @Test func measuresByCharacter() {
    #expect(TextMetrics.width("", size: 12) == 0)
    #expect(TextMetrics.width("iiii", size: 12) < TextMetrics.width("mmmm", size: 12))
    #expect(TextMetrics.width("abc", size: 24) == 2 * TextMetrics.width("abc", size: 12))
    #expect(TextMetrics.width("abc", size: 12) < TextMetrics.width("abc", size: 12, face: .bold))
    #expect(TextMetrics.width("e\u{301}", size: 10) == TextMetrics.width("e", size: 10))
    #expect(TextMetrics.width("深", size: 10) > 10)
    #expect(TextMetrics.width("il", size: 100, face: .monospaced) == 122)
  }

  @Test func wrapsAtBlanks() {
    let text = "a caption with several words that needs more than one line"
    let lines = TextMetrics.wrap(text, width: 120, size: 11)
    #expect(lines.count > 2)
    #expect(lines.joined(separator: " ") == text)
    for line in lines { #expect(TextMetrics.width(line, size: 11) <= 120) }
  }

  @Test func breaksLongWordsAndKeepsParagraphs() {
    let lines = TextMetrics.wrap(String(repeating: "x", count: 100), width: 100, size: 10)
    #expect(lines.joined().count == 100)
    for line in lines { #expect(TextMetrics.width(line, size: 10) <= 100) }
    #expect(TextMetrics.wrap("a\nb", width: 100, size: 10) == ["a", "b"])
    #expect(TextMetrics.wrap("", width: 100, size: 10).isEmpty)
    #expect(TextMetrics.wrap("wide", width: 0, size: 10) == ["w", "i", "d", "e"])
  }

  @Test func escapesWhatXMLReserves() {
    #expect(
      SVGWriter.escaped("<a href=\"x\">'&'</a>")
        == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;")
    #expect(SVGWriter.escaped("a\u{0}b\u{1B}c\nd\te\u{FFFE}") == "a\u{FFFD}b\u{FFFD}c d e\u{FFFD}")
    #expect(SVGWriter.escaped("η² · 深さ 🧪") == "η² · 深さ 🧪")
  }
}
