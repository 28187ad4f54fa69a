import Console
import Testing

@Suite struct TableTests {
  private var table: Table {
    var table = Table("arm", "depth", "error", title: "Depth")
    table.add("plain", "2", "2.0%")
    table.add("residual", "128", "–")
    return table
  }

  @Test func alignsColumns() {
    #expect(
      table.text() == """
        Depth
        arm       depth  error
        ────────  ─────  ─────
        plain         2   2.0%
        residual    128      –

        """)
  }

  @Test func measuresWideCharacters() {
    var table = Table("name", Table.Column("value", .right))
    table.add("深さ", "1")
    table.add("e\u{301}té", "22")
    table.addRule()
    table.add("🧪", "x")
    let lines = table.text().split(separator: "\n").map(String.init)
    #expect(Set(lines.map { DisplayWidth.of($0) }) == [11])
    #expect(lines[4] == lines[1])
  }

  @Test func keepsCellsInOneLine() {
    var table = Table("a|b")
    table.add("x\ny\tz\u{1B}")
    #expect(table.text().split(separator: "\n").count == 3)
    #expect(!table.text().contains("\u{1B}"))
  }

  @Test func leavesNoBlankAtTheEnd() {
    var table = Table("a", "long header")
    table.add("x", "")
    for line in table.text().split(separator: "\n") { #expect(!line.hasSuffix(" ")) }
  }

  @Test func breaksCellsBetweenWordsWhereTheTerminalIsNarrow() {
    var table = Table(Table.Column("study", .left), Table.Column("claim", .left), "long header")
    table.add("depth", "plain training error rises with depth", "12")
    table.add("other", "short", "3")
    #expect(
      table.text(columns: 34) == """
        study  claim           long header
        ─────  ──────────────  ───────────
        depth  plain training           12
               error rises
               with depth
        other  short                     3

        """)
    #expect(table.text(columns: 200).split(separator: "\n").count == 4)
    // No word is cut: what is too wide stays.
    #expect(table.text(columns: 5).contains("training"))
    for line in table.text(columns: 34).split(separator: "\n") {
      #expect(DisplayWidth.of(String(line)) <= 34)
    }
  }

  @Test func showsAnEmptyTable() {
    #expect(Table("a", "b").text() == "a  b\n─  ─\n")
  }

  @Test func refusesRowsOfAnotherLength() async {
    await #expect(processExitsWith: .failure) {
      var table = Table("a", "b")
      table.add("only one")
    }
  }
}
