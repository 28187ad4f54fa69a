import TestSupport
import Testing

@Suite("The help of plumb")
struct HelpTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func output(_ line: String = "", location: SourceLocation = #_sourceLocation) throws
    -> String
  {
    let words = line.split(separator: " ").map(String.init)
    let outcome = try PlumbProcess.run(words, in: folder)
    #expect(outcome.status == 0 && !outcome.isKilled, sourceLocation: location)
    #expect(outcome.error.isEmpty, sourceLocation: location)
    #expect(folder.content().isEmpty, sourceLocation: location)
    return outcome.output
  }

  @Test("names the commands and the exit statuses")
  func program() throws {
    let overview = try output("--help")
    for name in ["audit", "check", "bench"] { #expect(overview.contains("\n  \(name) ")) }
    for status in ["0", "1", "2", "130"] { #expect(overview.contains("\n  \(status) ")) }
    #expect(try output() == overview)
  }

  @Test(
    "names every option of a command",
    arguments: [
      (
        "audit",
        [
          "--network", "--activations", "--output", "--loss", "--residual", "--l1", "--l2",
          "--layout", "--names", "--name", "--json",
        ]
      ), ("python", ["--out"]), ("notebook check", ["FILES", "--quick", "--stamps", "--no-build"]),
      (
        "check",
        [
          "--network", "--activations", "--output", "--loss", "--residual", "--dropout",
          "--normalization", "--init", "--l1",
          "--l2", "--parameters", "--layout", "--data",
          "--eps", "--order", "--json", "--plot",
        ]
      ),
      (
        "data inspect",
        ["--targets", "--label-column", "--separator", "--header", "--outputs", "--json"]
      ),
      (
        "data split",
        [
          "--ratios", "--counts", "--seed", "--no-stratify", "--out", "--json", "--targets",
          "--label-column",
        ]
      ), ("data fetch", ["--out", "--from"]),
      ("bench", ["--case", "--threads", "--steps", "--json"]),
    ])
  func command(name: String, options: [String]) throws {
    let help = try output("\(name) --help")
    #expect(help.hasPrefix("plumb \(name): "))
    #expect(help.contains("Exit status:"))
    for option in options + ["--help"] { #expect(help.contains("\n  \(option) "), "\(option)") }
    for line in help.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test(
    "explains topics, and their examples are what they say",
    arguments: ["files", "networks", "activations", "losses", "optimizers", "layouts", "causes"])
  func topic(name: String) throws {
    let text = try output("help \(name)")
    #expect(text.hasPrefix("plumb help \(name): "))
    #expect(try output("--help").contains("\n  \(name) "))
    for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    // What is printed comes from the lists of forms: no type's name and no dump of a value is among it.
    #expect(!text.contains("Plumbline.") && !text.contains("Optional("))
    guard name == "networks" else { return }
    let begin = try #require(text.range(of: "    {\"input\"")).lowerBound
    let end = try #require(text.range(of: "]}\n", range: begin..<text.endIndex)).upperBound
    let path = try folder.write(Array(text[begin..<end].utf8), as: "net.json")
    let outcome = try PlumbProcess.run(["check", "--network", path, "--examples", "2"], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test("an option that is not there is answered with the nearest one")
  func misspelled() throws {
    for (words, nearest) in [
      (["audit", "run.npz", "--activatons", "tanh"], "--activations"),
      (["check", "--drop-out", "0.5"], "--dropout"), (["bench", "--step", "3"], "--steps"),
      (["adit", "run.npz"], "audit"), (["check", "--loss", "mes"], "mse"),
    ] {
      let outcome = try PlumbProcess.run(words, in: folder)
      #expect(outcome.status == 2 && outcome.output.isEmpty)
      #expect(outcome.error.contains("did you mean \(nearest)?"), "\(outcome.error)")
    }
  }

  @Test("a check reads data as training does")
  func checkOnTables() throws {
    try folder.write(
      Array("length,width,kind\n1,2,a\n3,1,b\n2,2,a\n0,5,b\n".utf8), as: "plants.csv")
    let outcome = try PlumbProcess.run(
      ["check", "--network", "2,3,1", "--activation", "tanh", "--data", "plants.csv"], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    let misfit = try PlumbProcess.run(
      ["check", "--network", "3,3,1", "--data", "plants.csv"], in: folder)
    #expect(
      misfit.status == 2 && misfit.error.contains("plants.csv: features: has shape"),
      "\(misfit.error)")
  }

  /// What is not typed by a test, and why.
  private static let notTyped = [
    "data fetch": "it downloads", "notebook promote": "it writes into this package",
    "notebook run": "it is typed in this package by the tests of notebooks",
    "notebook check": "likewise",
  ]

  @Test(
    "of every command ends with an example that works as it stands",
    arguments: try HelpExamples.commands(of: "plumb"))
  func lastExample(command: String) throws {
    let line = try #require(try HelpExamples.last(of: "plumb", command), "no example")
    guard Self.notTyped[command] == nil else { return }
    let outcome = try HelpExamples.type(line, in: folder.path)
    // The audited example has a mistake in it.
    #expect(outcome.status == (command == "audit" ? 1 : 0), "\(line)\n\(outcome)")
  }
}
