import Console
import Findings
import Testing

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("\u{1B}[2Jgone", "\\x1b[2Jgone"), ("a\rb", "a\\x0db"), ("\u{7F}\u{9B}31m", "\\x7f\\x9b31m"),
    ("\u{202E}gpj.exe", "\\u{202e}gpj.exe"), ("\r\n", "\\x0d\n"),
  ])
  func controlCharactersAreWrittenAsNumbers(text: String, shown: String) {
    #expect(PrintableText.of(text) == shown)
  }

  @Test func otherTextStaysAsItIs() {
    for text in ["", "a\tb\nc", "größer 深い 🙂 é", "e\u{301}"] {
      #expect(PrintableText.of(text) == text)
    }
  }

  @Test func errorsAreShownInTheSameWay() {
    let problem = Problem(
      subject: "a\u{1B}[31m.npz", problem: "it is damaged", remedy: "make it again")
    #expect(!ErrorReport.text(problem, program: "plumb").contains("\u{1B}"))
    #expect(ErrorReport.text(problem, program: "plumb").contains("a\\x1b[31m.npz"))
  }
}
