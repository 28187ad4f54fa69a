import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("plumb draw")
struct DrawCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func draw(_ words: String...) throws -> CommandProcess.Outcome {
    try PlumbProcess.run(["draw"] + words, in: folder)
  }

  @Test("writes a picture of every operation")
  func picture() throws {
    let outcome = try draw(
      "--network", "6,5,5,5,3", "--residual", "--batch", "7", "--out", "graph.svg")
    #expect(outcome.status == 0, "\(outcome.error)")
    let text = try #require(folder.text("graph.svg"))
    #expect(XMLParser(data: Data(text.utf8)).parse())
    for part in ["[7, 6]", "[5, 3]", "[7, 3]", "relu"] {
      #expect(text.lowercased().contains(part), "\(part)")
    }
  }

  @Test("writes Graphviz by the file's ending")
  func graphviz() throws {
    #expect(
      try draw("--network", "4,3,1", "--loss", "mse", "--output", "linear", "--out", "g.dot").status
        == 0)
    #expect(folder.text("g.dot")?.hasPrefix("digraph ") == true)
  }

  @Test("refuses what it cannot draw, and writes nothing")
  func refusals() throws {
    try folder.write(#"{"input": [4], "output": "softmax", "layers": []}"#, as: "net.json")
    let cases: [([String], String)] = [
      (["--network", "4,3"], "--out"), (["--out", "x.svg"], "--network"),
      (["--network", "4,3", "--out", "x.png"], ".svg"),
      (["--network", "net.json", "--out", "nowhere/x.svg"], "does not exist"),
    ]
    for (words, part) in cases {
      let outcome = try PlumbProcess.run(["draw"] + words, in: folder)
      #expect(outcome.status == 2 && outcome.error.contains(part), "\(words): \(outcome.error)")
    }
    #expect(folder.content().keys.sorted() == ["net.json"])
  }
}
