import Console
import Testing

@Suite struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("plain", 5), ("η = 1/√L", 8), ("é", 1), ("e\u{301}", 1), ("深さ", 4), ("ｘ", 2),
    ("한글", 4), ("🧪", 2), ("👩‍🔬", 2), ("\u{200B}", 0), ("─▏█", 3), ("95 % ± 2", 8),
  ])
  func countsColumns(_ text: String, _ columns: Int) { #expect(DisplayWidth.of(text) == columns) }

  @Test func cutsAtAColumn() {
    #expect(DisplayWidth.prefix("深さ", columns: 3) == "深")
    #expect(DisplayWidth.prefix("abc", columns: 0) == "")
    #expect(DisplayWidth.prefix("abc", columns: 9) == "abc")
  }
}
