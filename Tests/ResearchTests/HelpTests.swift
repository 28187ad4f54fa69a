import TestSupport
import Testing

@Suite struct HelpTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func output(_ words: String..., location: SourceLocation = #_sourceLocation) throws
    -> String
  {
    let outcome = try ResearchProcess.run(words, in: folder)
    #expect(outcome.status == 0 && !outcome.isKilled, sourceLocation: location)
    #expect(outcome.error.isEmpty, sourceLocation: location)
    #expect(folder.content().isEmpty, sourceLocation: location)
    return outcome.output
  }

  @Test func programExplainsItself() throws {
    let overview = try output("--help")
    for name in [
      "list", "depth", "all", "second-moment", "jacobian-spread", "constructed-solution",
      "learning-rate-range",
    ] {
      #expect(overview.contains("\n  \(name) "))
    }
    for status in ["0", "1", "2", "130"] { #expect(overview.contains("\n  \(status) ")) }
    #expect(try output() == overview)
    #expect(try output("-h") == overview)
  }

  @Test(arguments: [
    ("list", []), ("all", ["--quick"]), ("second-moment", ["--quick", "--out", "--json"]),
    ("jacobian-spread", ["--quick", "--out", "--json"]),
    ("constructed-solution", ["--quick", "--out", "--json"]),
    ("learning-rate-range", ["--quick", "--out", "--json"]),
    (
      "depth",
      [
        "--data", "--depths", "--arms", "--width", "--batch", "--steps", "--optimizer",
        "--learning-rates", "--seeds", "--report-seeds", "--jobs", "--out", "--quick",
      ]
    ),
  ])
  func commandsExplainThemselves(command: String, options: [String]) throws {
    let help = try output(command, "--help")
    #expect(help.hasPrefix("research \(command): "))
    #expect(help.contains("Exit status:"))
    for option in options + ["--help"] { #expect(help.contains("\n  \(option) "), "\(option)") }
    for line in help.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test func listNamesStudiesWithSourceAndCost() throws {
    // A table fits the terminal, and lines in a file end at 100.
    for line in try output("list").split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    let wide = try ResearchProcess.run(["list"], in: folder, environment: ["COLUMNS": "1000"])
    let rows = wide.output.split(separator: "\n")
    for study in ["depth", "second-moment", "constructed-solution"] {
      #expect(rows.contains { $0.hasPrefix("\(study) ") }, "\(study)")
    }
    let topics = ["INITIALIZATION", "SIGNAL", "OPTIMIZATION", "ARCHITECTURE", "FRONTIER"]
    #expect(rows.map(String.init).filter(topics.contains) == topics)
    // Below the header and its rule.
    for row in rows.dropFirst(2) where !topics.contains(String(row)) && !row.hasPrefix("──") {
      #expect(row.contains("arXiv:"), "its source")
      #expect(row.firstMatch(of: /\d+ (s|min) +[a-z ]*\d+ (s|min)$/) != nil, "its cost")
    }
    #expect(rows.count > 5)
  }

  @Test func showTellsOfAStudy() throws {
    // Wrapped at any space.
    let text = try output("show", "path-lengths").replacing("\n", with: " ")
    for part in [
      "(signal)", "binomial", "Π(I + ηA)", "arXiv:1605.06431", "--control", "repeat path-lengths",
    ] { #expect(text.contains(part), "\(part)") }
  }

  @Test(
    "The help of every command ends with an example that works as it stands",
    arguments: try HelpExamples.commands(of: "research"))
  func lastExample(command: String) throws {
    let line = try #require(try HelpExamples.last(of: "research", command), "no example")
    // Studies are alike and are all run by CI; without optimization they take minutes.
    let isStudy = line.hasPrefix("research \(command) --") && command != "depth"
    guard BuildMode.isOptimized, !isStudy || command == "path-lengths" else { return }
    let outcome = try HelpExamples.type(line, in: folder.path)
    // So small a study does not show its claim, which is what these two tell once more.
    let status: Int32 = ["resume", "collect"].contains(command) ? 1 : 0
    #expect(outcome.status == status, "\(line)\n\(outcome)")
  }
}
